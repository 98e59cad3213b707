/**
 * Where a request with a valid token goes on: scopes, admission, then the lane of its protocol era. Every call that is
 * opened here is closed by whoever runs the server: the modern lane in this Worker, or the object of a session.
 */
import { isLegacyRequest } from '@modelcontextprotocol/server';
import type { Config } from '../config.ts';
import { AppError, CODES, errorBody } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { LogFacts } from '../core/log.ts';
import type { Principal } from '../core/principal.ts';
import { closeRecord } from '../core/record.ts';
import { plainText } from '../core/text.ts';
import { GateClient } from '../gate/client.ts';
import type { AdmissionScope, MissingScope } from './admit.ts';
import { admit, isRecorded, missingScope, openRecord, RevokedToken } from './admit.ts';
import type { CallTicket } from './calls.ts';
import { OpenCalls } from './calls.ts';
import { endWhenRevoked } from './guard-stream.ts';
import type { RpcRequest } from './messages.ts';
import { isInitialize, parseBody, requestsIn, rpcErrorResponse } from './messages.ts';
import { serveModern } from './modern.ts';
import { openSession, reachSession } from './session.ts';

/** What a lane is given with a request. */
export interface LaneScope {
  readonly env: Env;
  readonly config: Config;
  readonly principal: Principal;
  readonly upstreamToken: string;
  readonly requestId: string;
  readonly clock: () => number;
  /** The WWW-Authenticate value that asks for more scopes (RFC 6750 section 3.1). */
  readonly challenge: (scopes: readonly string[]) => string;
  /** The answer to a token that is not good any more. */
  readonly invalidToken: () => Response;
  /** Facts of the request's log line, open for additions. */
  readonly log: LogFacts;
}

/** Serves one request of the protected resource. */
export async function serveMcp(request: Request, scope: LaneScope, ctx: ExecutionContext): Promise<Response> {
  const isAlive = () => gateOf(scope).isAlive(scope.principal);
  try {
    return endWhenRevoked(await serve(request, scope, ctx, isAlive), isAlive);
  } catch (error) {
    if (error instanceof RevokedToken) return scope.invalidToken();
    if (error instanceof AppError) return failed(error, undefined);
    throw error;
  }
}

async function serve(
  request: Request,
  scope: LaneScope,
  ctx: ExecutionContext,
  isAlive: () => Promise<boolean>,
): Promise<Response> {
  if (request.method === 'GET' || request.method === 'DELETE') {
    scope.log.era = 'session';
    if (!(await isAlive())) throw new RevokedToken();
    return await reachSession(request, undefined, [], scope, settling([], scope, ctx));
  }
  if (request.method !== 'POST') return methodNotAllowed();
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return rpcErrorResponse(415, { code: -32600, message: 'Content-Type must be application/json.' });
  }
  const body = parseBody(await request.text());
  if (!body.ok) return rpcErrorResponse(400, body.error);
  const requests = requestsIn(body.value);
  // Requests are asked about when they are admitted; notifications and answers are not admitted.
  if (requests.length === 0 && !(await isAlive())) throw new RevokedToken();
  return await servePost(request, body.value, requests, scope, ctx);
}

async function servePost(
  request: Request,
  body: JsonValue,
  requests: readonly RpcRequest[],
  scope: LaneScope,
  ctx: ExecutionContext,
): Promise<Response> {
  const legacy = await isLegacyRequest(request, body);
  const sessionId = legacy ? request.headers.get('mcp-session-id') : null;
  noteInLog(scope.log, legacy, requests);

  const { config, principal, requestId, clock } = scope;
  const admission: AdmissionScope = { config, principal, gate: gateOf(scope), sessionId, requestId, clock };
  const missing = missingScope(principal, requests);
  if (missing !== undefined) return await refuseScope(missing, legacy, admission, scope);
  const tickets: CallTicket[] = [];
  try {
    for (const rpc of requests) tickets.push(await admit(rpc, admission));
  } catch (error) {
    // Of a batch, some may be open by now.
    settling(recordedOf(requests, tickets), scope, ctx).failRest('Another request of the batch could not be admitted.');
    if (!(error instanceof AppError)) throw error;
    return failed(error, requests[0]);
  }
  const refusal = tickets.find((ticket, i) => ticket.refusal !== undefined && !isRecorded(requests[i] as RpcRequest));
  if (refusal !== undefined) return refused(refusal);
  const recorded = recordedOf(requests, tickets);
  const calls = settling(recorded, scope, ctx);
  if (!legacy) return await serveModern(request, body, { ...scope, calls });
  return sessionId === null && isInitialize(body)
    ? await openSession(request, body, recorded, scope, calls)
    : await reachSession(request, body, recorded, scope, calls);
}

/** The tickets of those requests that have a row. */
function recordedOf(requests: readonly RpcRequest[], tickets: readonly CallTicket[]): CallTicket[] {
  return tickets.filter((_, i) => isRecorded(requests[i] as RpcRequest));
}

function noteInLog(log: LogFacts, legacy: boolean, requests: readonly RpcRequest[]): void {
  log.era = legacy ? 'session' : 'modern';
  const [first] = requests;
  if (first === undefined) return;
  log.mcp_method = plainText(first.method, 60);
  if (first.method === 'tools/call') log.tool_name = plainText(String(first.params.name), 60);
}

function gateOf({ env, principal }: LaneScope): GateClient {
  return new GateClient(env.GATE, principal.tenant, principal.user.id);
}

/** The open calls of a request; what they still report outlives the answer. */
function settling(tickets: readonly CallTicket[], scope: LaneScope, ctx: ExecutionContext): OpenCalls {
  const gate = gateOf(scope);
  return new OpenCalls(
    tickets,
    (id, outcome) => gate.settle(id, outcome),
    scope.clock,
    (work) => ctx.waitUntil(work),
  );
}

/** 403 with the least scope that would do, and a row where the request would have had one. */
async function refuseScope(
  { request, scope: needed }: MissingScope,
  legacy: boolean,
  admission: AdmissionScope,
  scope: LaneScope,
): Promise<Response> {
  const error = new AppError('insufficient_scope', `This needs the scope ${needed}, which was not granted.`, {
    details: { scope: needed },
  });
  const record = openRecord(request, admission, scope.clock());
  if (record !== undefined) {
    const outcome = {
      result_status: 'denied',
      duration_ms: 0,
      error_code: error.code,
      error_message: error.message,
    } as const;
    await admission.gate.record(closeRecord(record, outcome));
  }
  // Clients of 2025-era revisions replace their scopes by those of the challenge; later ones add them (SEP-2350).
  const asked = legacy ? [...new Set([...scope.principal.scopes, needed])] : [needed];
  const response = failed(error, request);
  response.headers.set('www-authenticate', scope.challenge(asked));
  return response;
}

/** A list, ping or handshake above its limit: there is no tool result to say it in. */
function refused(ticket: CallTicket): Response {
  const { code, message, retryAfterSeconds } = ticket.refusal as NonNullable<CallTicket['refusal']>;
  return failed(new AppError(code, message, { retryAfterSeconds }), { id: ticket.rpcId });
}

function failed(error: AppError, request: Pick<RpcRequest, 'id'> | undefined): Response {
  const { http, rpc } = CODES[error.code];
  const response = rpcErrorResponse(
    http,
    { code: rpc, message: error.message, data: errorBody(error) },
    request?.id ?? null,
  );
  if (error.retryAfterSeconds !== undefined) response.headers.set('retry-after', String(error.retryAfterSeconds));
  return response;
}

function methodNotAllowed(): Response {
  const response = rpcErrorResponse(405, { code: -32600, message: 'Use POST, or GET and DELETE within a session.' });
  response.headers.set('allow', 'GET, POST, DELETE');
  return response;
}
