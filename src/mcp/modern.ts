/** The lane of MCP 2026-07-28: stateless, one server per request, handled in this Worker. */
import { type AuthInfo, createMcpHandler } from '@modelcontextprotocol/server';
import type { Selection } from '../catalogue/selection.ts';
import type { Config } from '../config.ts';
import type { AuditReader } from '../core/audit-query.ts';
import type { JsonValue } from '../core/json.ts';
import { isObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { safeAnswer } from '../core/safe-answer.ts';
import type { OpenCalls } from './calls.ts';
import type { ConfirmationGate } from './confirm.ts';
import { type Caller, callerIn } from './invoke.ts';
import { requestsIn } from './messages.ts';
import { buildServer } from './server.ts';

/** Milliseconds between comments on a stream, so that nothing between here and the client gives up on it. */
const KEEP_ALIVE_MS = 15_000;

export interface ModernScope {
  readonly config: Config;
  readonly principal: Principal;
  readonly upstreamToken: string;
  readonly calls: OpenCalls;
  readonly endGrant: () => Promise<void>;
  readonly gate: ConfirmationGate;
  readonly selection: Selection;
  readonly audit: AuditReader;
}

type Handler = ReturnType<typeof createMcpHandler>;
let handler: Handler | undefined;

/** Serves one request of the modern era. A closed response stream cancels the call. */
export async function serveModern(request: Request, body: JsonValue, scope: ModernScope): Promise<Response> {
  const { config, principal, upstreamToken, calls, gate, endGrant, selection, audit } = scope;
  const caller: Caller = { config, principal, upstreamToken, calls, gate, endGrant, selection, audit };
  const response = await theHandler().fetch(request, { authInfo: authInfoOf(caller), parsedBody: body });
  return await closingRest(await safeAnswer(response), body, calls);
}

/** What the SDK hands to handlers with each request. The token itself is not among it: nothing needs it. */
export function authInfoOf(caller: Caller): AuthInfo {
  const { client, scopes, expiresAt } = caller.principal;
  return { token: '', clientId: client.id, scopes: [...scopes], expiresAt, extra: { caller } };
}

/** One for all tenants: whose settings count is said with each request. Made at the first, not when the module loads. */
function theHandler(): Handler {
  handler ??= createMcpHandler(({ authInfo }) => buildServer(callerIn(authInfo)?.selection), {
    // Host, origin and size were checked at the edge, before the token was.
    legacy: 'reject',
    keepAliveMs: KEEP_ALIVE_MS,
    onerror: () => {},
  });
  return handler;
}

/**
 * Closes calls that never reached a handler of ours: the SDK refuses malformed requests itself, always with a JSON
 * answer. A stream has a handler behind it, which closes its call.
 */
async function closingRest(response: Response, body: JsonValue, calls: OpenCalls): Promise<Response> {
  if (!calls.anyOpen) return response;
  if (response.headers.get('content-type')?.includes('text/event-stream') === true) return response;
  const answer: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const failure = isObject(answer) && isObject(answer.error) ? String(answer.error.message) : undefined;
  for (const { id } of requestsIn(body)) {
    calls.failProtocol(id, failure ?? `The request ended with HTTP status ${response.status}.`);
  }
  return response;
}
