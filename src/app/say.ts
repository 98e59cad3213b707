/** How the gate says that a request leads nowhere: in the shape that the caller of that place can read. */
import { CODES } from '../core/errors.ts';
import { speaksJsonRpc } from '../edge/index.ts';
import { authPages } from '../pages/index.ts';

export interface Saying {
  /** HTTP status. */
  readonly status: 403 | 404 | 429 | 500 | 503;
  /** Stable, for programs. */
  readonly code: string;
  readonly title: string;
  /** One or two sentences. */
  readonly message: string;
  /** What only programs are told. */
  readonly more?: string;
  /** For a person, in the place of the message. */
  readonly lines?: readonly string[];
  /** For a person: where to go on from here. */
  readonly link?: { readonly href: string; readonly text: string };
  /** Seconds after which to ask again. */
  readonly retryAfter?: number;
}

/** What of a request the shape of the answer depends on; any Hono context has it. */
interface Asked {
  readonly req: { readonly method: string; readonly path: string; header(name: string): string | undefined };
  readonly var: { readonly requestId: string };
}

const RPC: Readonly<Record<Saying['status'], number>> = {
  403: CODES.forbidden_by_policy.rpc,
  404: -32600,
  429: CODES.rate_limited.rpc,
  500: CODES.internal.rpc,
  503: CODES.internal.rpc,
};

/** Whether it is a browser that asks, to show what comes to a person. */
export function wantsPage({ req }: Pick<Asked, 'req'>): boolean {
  return (req.header('accept') ?? '').includes('text/html');
}

/** Out: a JSON-RPC error with id null at MCP endpoints, a page for a browser, an OAuth error (RFC 6749 section 5.2) else. */
export function say(c: Asked, saying: Saying): Response {
  const { status, code, title, message, more = '', lines = [message], link, retryAfter } = saying;
  const { requestId } = c.var;
  const answer = () => {
    if (speaksJsonRpc({ method: c.req.method, path: c.req.path })) {
      const data = { code, message, request_id: requestId, retryable: retryAfter !== undefined };
      return Response.json({ jsonrpc: '2.0', id: null, error: { code: RPC[status], message, data } }, { status });
    }
    if (wantsPage(c)) {
      return authPages.message({ status, title, lines, requestId, ...(link && { link }) });
    }
    return Response.json({ error: code, error_description: `${message}${more}` }, { status });
  };
  const response = answer();
  if (retryAfter !== undefined) response.headers.set('retry-after', String(retryAfter));
  return response;
}
