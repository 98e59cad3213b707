/** How the edge says no: in the shape the caller of that endpoint can read. Pure. */
import type { ErrorCode } from '../core/errors.ts';
import { CODES } from '../core/errors.ts';

/** Refusals that only the edge makes, besides those of core/errors.ts. */
export type EdgeCode = 'misdirected_host' | 'forbidden_origin' | 'unreadable_body' | Extract<ErrorCode, 'too_large'>;

export interface Refusal {
  readonly status: 400 | 403 | 413 | 421;
  readonly code: EdgeCode;
  /** One sentence that names the rule. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Where a request goes, as far as the shape of an error depends on it. */
export interface Target {
  readonly method: string;
  readonly path: string;
}

const RPC_REFUSED = CODES.forbidden_by_policy.rpc;

/** `/mcp`, `/t/{tenant}/mcp`, and `POST /`, where clients knock that were given only the origin. */
export function speaksJsonRpc({ method, path }: Target): boolean {
  return /^(?:\/t\/[^/]+)?\/mcp\/?$/.test(path) || (method === 'POST' && path === '/');
}

/**
 * In: a refusal and where the request was going. Out: a JSON-RPC error with id null for MCP (JSON-RPC 2.0 section 5:
 * the id is null where the request was not read), else an OAuth error (RFC 6749 section 5.2).
 */
export function refuse(target: Target, refusal: Refusal): Response {
  const { status, code, message, hint } = refusal;
  const body = speaksJsonRpc(target)
    ? {
        jsonrpc: '2.0',
        id: null,
        error: { code: RPC_REFUSED, message, data: { code, message, hint, retryable: false } },
      }
    : { error: oauthCode(code), error_description: `${message} ${hint}` };
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

/** RFC 6749 section 5.2 has one code for requests that are wrong as requests; refusals of ours keep their own name. */
function oauthCode(code: EdgeCode): string {
  return code === 'too_large' || code === 'unreadable_body' ? 'invalid_request' : code;
}
