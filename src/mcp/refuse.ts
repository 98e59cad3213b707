/** Answers that refuse: of a whole body because of one of its requests, and of what has no result to say it in. */
import type { Config } from '../config.ts';
import { AppError, CODES, errorBody } from '../core/errors.ts';
import type { Principal } from '../core/principal.ts';
import { scopesFor } from '../policy/admins.ts';
import type { CallTicket, OpenCalls } from './calls.ts';
import type { RpcRequest } from './messages.ts';
import { rpcErrorResponse } from './messages.ts';

interface RefusalScope {
  /** Whether the client is one of the 2025 revisions. */
  readonly legacy: boolean;
  readonly principal: Principal;
  /** The WWW-Authenticate value that asks for more scopes (RFC 6750 section 3.1). */
  readonly challenge: (scopes: readonly string[]) => string;
}

/** The requests of a refused body, as they were admitted, and the scope it was refused for, if it was for one. */
interface RefusedBody {
  readonly requests: readonly RpcRequest[];
  readonly tickets: readonly CallTicket[];
  /** Those of them that have a row. */
  readonly calls: OpenCalls;
  readonly missing: string | undefined;
}

/**
 * Refuses a body because of one of its requests, which the answer is about. Every request of it that gets a row has one:
 * those that may not run say why, the others that they came with them.
 */
export function refuseBody(
  stopped: RpcRequest,
  why: (request: RpcRequest) => AppError | undefined,
  { requests, tickets, calls, missing }: RefusedBody,
  { legacy, principal, challenge }: RefusalScope,
): Response {
  for (const request of requests) {
    const error = why(request);
    if (error !== undefined) calls.fail(request.id, error);
  }
  calls.failRest('Another request of the batch was refused.');
  const { refusal } = tickets[requests.indexOf(stopped)] ?? {};
  const error = refusal === undefined ? why(stopped) : refusalError(refusal);
  const response = failed(error as AppError, stopped);
  if (missing === undefined || error?.code !== 'insufficient_scope') return response;
  // Clients of 2025-era revisions replace their scopes by those of the challenge; later ones add them (SEP-2350).
  const asked = legacy ? [...new Set([...principal.scopes, missing])] : [missing];
  response.headers.set('www-authenticate', challenge(asked));
  return response;
}

/** A write with a token that anyone who copies it could use, where the policy wants it bound to a key. */
export function unboundWrite(): AppError {
  return new AppError('forbidden_by_policy', 'Here, what writes needs an access token that is bound to a key (DPoP).', {
    hint: 'Use a client that supports DPoP (RFC 9449), or ask the administrator. Reading works.',
  });
}

export function lackOf(scope: string | undefined, config: Config, principal: Principal): AppError | undefined {
  if (scope === undefined) return undefined;
  // Asking the person would not help: what they tick is not granted.
  if (scopesFor(config, principal.user.login, [scope]).length === 0) {
    return new AppError('forbidden_by_policy', `${scope} is for administrators of this server only.`);
  }
  const message = `This needs the scope ${scope}, which was not granted.`;
  return new AppError('insufficient_scope', message, { details: { scope } });
}

/** A list, ping or handshake above its limit: there is no tool result to say it in. */
export function refused(ticket: CallTicket): Response {
  return failed(refusalError(ticket.refusal as NonNullable<CallTicket['refusal']>), { id: ticket.rpcId });
}

export function refusalError({ code, message, retryAfterSeconds }: NonNullable<CallTicket['refusal']>): AppError {
  return new AppError(code, message, { retryAfterSeconds });
}

export function failed(error: AppError, request: Pick<RpcRequest, 'id'> | undefined): Response {
  const { http, rpc } = CODES[error.code];
  const response = rpcErrorResponse(
    http,
    { code: rpc, message: error.message, data: errorBody(error) },
    request?.id ?? null,
  );
  if (error.retryAfterSeconds !== undefined) response.headers.set('retry-after', String(error.retryAfterSeconds));
  return response;
}

export function methodNotAllowed(): Response {
  const response = rpcErrorResponse(405, { code: -32600, message: 'Use POST, or GET and DELETE within a session.' });
  response.headers.set('allow', 'GET, POST, DELETE');
  return response;
}
