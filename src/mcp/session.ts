/** The Worker's side of a session: finds its Durable Object and hands over the request with what was verified. */
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import type { Selection } from '../catalogue/selection.ts';
import type { JsonValue } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import type { CallTicket, OpenCalls } from './calls.ts';
import type { RpcId } from './messages.ts';
import { requestsIn, rpcErrorResponse } from './messages.ts';
import type { SessionLink } from './session-call.ts';

/** What travels with a request to the object: in `cf`, which no client can set. */
export interface SessionEnvelope {
  readonly principal: Principal;
  readonly upstreamToken: string;
  readonly tickets: readonly CallTicket[];
  readonly requestId: string;
  /** By the headers of this request, which stay here. */
  readonly selection: Selection;
  /** Whether the gate should be told that the session is open: it would have let this call run in the Worker. */
  readonly announce?: boolean;
  /** The call runs in the Worker; what it wants here is a stream. */
  readonly runsInWorker?: boolean;
}

interface SessionScope {
  readonly env: Env;
  readonly principal: Principal;
  readonly upstreamToken: string;
  readonly requestId: string;
  readonly selection: Selection;
  readonly announce?: boolean;
}

/** Begins a session: a new object, named by an id that cannot be made up. */
export async function openSession(
  request: Request,
  body: JsonValue,
  tickets: readonly CallTicket[],
  scope: SessionScope,
  calls: OpenCalls,
): Promise<Response> {
  return await forward(scope.env.SESSION.newUniqueId(), request, body, tickets, scope, calls);
}

/** Goes on with a session. An id that no object of ours has ends here, without one being created. */
export async function reachSession(
  request: Request,
  body: JsonValue | undefined,
  tickets: readonly CallTicket[],
  scope: SessionScope,
  calls: OpenCalls,
): Promise<Response> {
  const header = request.headers.get('mcp-session-id');
  if (header === null) {
    calls.failRest('The request has no Mcp-Session-Id.');
    const message = 'Mcp-Session-Id is missing: send initialize first, then that header with every request.';
    return rpcErrorResponse(400, { code: -32600, message }, idOf(body));
  }
  const id = sessionIdFrom(scope.env, header);
  if (id === undefined) {
    calls.failRest('There is no such session.');
    return unknownSession(idOf(body));
  }
  return await forward(id, request, body, tickets, scope, calls);
}

/** 404: the client has to begin a new session (MCP 2025-11-25, basic/transports, session management). */
export function unknownSession(id: string | number | null): Response {
  return rpcErrorResponse(404, { code: -32001, message: 'Session not found: send initialize to begin a new one.' }, id);
}

/** The end of a session that its owner's gate could not be told of: it has not ended. */
export function notEnded(): Response {
  const failure = { code: -32603, message: 'The session could not be ended now. Try again.' };
  const response = rpcErrorResponse(503, failure, null);
  response.headers.set('retry-after', '5');
  return response;
}

function sessionIdFrom(env: Env, header: string): DurableObjectId | undefined {
  if (!/^[0-9a-f]{64}$/.test(header)) return undefined;
  try {
    return env.SESSION.idFromString(header);
  } catch {
    return undefined;
  }
}

/** From here on the object closes the calls; only where it cannot be reached are they closed here. */
async function forward(
  id: DurableObjectId,
  request: Request,
  body: JsonValue | undefined,
  tickets: readonly CallTicket[],
  scope: SessionScope,
  calls: OpenCalls,
): Promise<Response> {
  const { principal, upstreamToken, requestId, selection, announce } = scope;
  const envelope: SessionEnvelope = {
    principal,
    upstreamToken,
    tickets,
    requestId,
    selection,
    ...(announce === true && { announce }),
  };
  try {
    const response = await send(scope.env.SESSION.get(id), request, body, envelope);
    calls.handOver();
    return response;
  } catch (error) {
    calls.failRest('The session could not be reached.');
    throw error;
  }
}

/** The way to the session from a call that runs here. In: the id of a session that the gate knows. */
export function linkTo(
  sessionId: string,
  request: Request,
  body: { readonly id: RpcId },
  scope: SessionScope,
): SessionLink {
  const { env, principal, upstreamToken, requestId, selection } = scope;
  const object = () => env.SESSION.get(env.SESSION.idFromString(sessionId));
  const envelope: SessionEnvelope = {
    principal,
    upstreamToken,
    tickets: [],
    requestId,
    selection,
    runsInWorker: true,
  };
  return {
    id: sessionId,
    open: async () => await send(object(), request, body as unknown as JsonValue, envelope),
    deliver: async (message: JSONRPCMessage) => await object().deliver(body.id, JSON.stringify(message)),
    cancelled: async () => await object().cancelled(body.id),
  };
}

async function send(
  object: DurableObjectStub,
  request: Request,
  body: JsonValue | undefined,
  envelope: SessionEnvelope,
): Promise<Response> {
  return await object.fetch(request.url, {
    method: request.method,
    headers: sessionHeaders(request.headers),
    body: body === undefined ? null : JSON.stringify(body),
    signal: request.signal,
    cf: { gatehouse: envelope } as unknown as RequestInitCfProperties,
  });
}

/** Only what the transport reads: the token stays here. */
function sessionHeaders(headers: Headers): Headers {
  const kept = new Headers();
  for (const name of ['accept', 'content-type', 'mcp-session-id', 'mcp-protocol-version', 'last-event-id']) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept;
}

function idOf(body: JsonValue | undefined): string | number | null {
  return body === undefined ? null : (requestsIn(body)[0]?.id ?? null);
}
