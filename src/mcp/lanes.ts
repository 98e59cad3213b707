/**
 * Where a request with a valid token goes on: scopes, admission, then the lane of its protocol era. Every call that is
 * opened here is closed by whoever runs the server: the modern lane in this Worker, or the object of a session.
 */
import { isLegacyRequest } from '@modelcontextprotocol/server';
import { toolNames } from '../catalogue/selected.ts';
import { readSelection, type Selection, type ToolPolicy } from '../catalogue/selection.ts';
import type { Config } from '../config.ts';
import { AppError, CODES, errorBody } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { LogFacts } from '../core/log.ts';
import type { Principal } from '../core/principal.ts';
import type { Outcome } from '../core/record.ts';
import { redactText } from '../core/redaction.ts';
import { plainText } from '../core/text.ts';
import type { ProofUse } from '../gate/admission.ts';
import { GateClient } from '../gate/client.ts';
import type { AdmissionScope, MissingScope } from './admit.ts';
import { admit, isRecorded, missingScope, NotPassed, writeIn } from './admit.ts';
import type { CallTicket } from './calls.ts';
import { OpenCalls } from './calls.ts';
import { endWhenRevoked } from './guard-stream.ts';
import type { RpcRequest } from './messages.ts';
import { isInitialize, parseBody, requestsIn, rpcErrorResponse } from './messages.ts';
import { serveModern } from './modern.ts';
import { openSession, reachSession } from './session.ts';
import { unwrapModern, unwrapSession } from './unwrap.ts';

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
  /** The proof the request came with, where its token is bound to a key. */
  readonly proof: ProofUse | undefined;
  /** The answer to a token that is not good any more, or a proof that was used before. */
  readonly refuse: (reason: 'revoked' | 'replayed') => Response;
  /** Facts of the request's log line, open for additions. */
  readonly log: LogFacts;
}

/** Serves one request of the protected resource. */
export async function serveMcp(request: Request, scope: LaneScope, ctx: ExecutionContext): Promise<Response> {
  const isAlive = () => gateOf(scope).isAlive(scope.principal);
  try {
    return endWhenRevoked(await serve(request, scope, ctx), isAlive);
  } catch (error) {
    if (error instanceof NotPassed) return scope.refuse(error.reason);
    if (error instanceof AppError) return failed(error, undefined);
    throw error;
  }
}

async function serve(request: Request, scope: LaneScope, ctx: ExecutionContext): Promise<Response> {
  if (request.method === 'GET' || request.method === 'DELETE') {
    scope.log.era = 'session';
    await passGate(scope);
    const selection = selectionOf(request, scope.config);
    return await reachSession(request, undefined, [], { ...scope, selection }, settling([], scope, ctx));
  }
  if (request.method !== 'POST') return methodNotAllowed();
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return rpcErrorResponse(415, { code: -32600, message: 'Content-Type must be application/json.' });
  }
  const body = parseBody(await request.text());
  if (!body.ok) return rpcErrorResponse(400, body.error);
  // Requests are asked about when they are admitted; notifications and answers are not admitted.
  if (requestsIn(body.value).length === 0) await passGate(scope);
  const legacy = await isLegacyRequest(request, body.value);
  const selection = selectionOf(request, scope.config);
  const call = legacy
    ? { request, body: unwrapSession(body.value, selection) }
    : unwrapModern(request, body.value, selection);
  return await servePost(call.request, call.body, { ...scope, legacy, selection }, ctx);
}

/** What the headers choose of the catalogue, within what the settings allow. */
function selectionOf(request: Request, { readOnly, toolsets }: Config): Selection {
  const policy: ToolPolicy = { ...(readOnly && { readonly: true }), ...(toolsets !== undefined && { toolsets }) };
  return readSelection(request.headers, toolNames, policy);
}

/** What is known of a POST before anything of it is admitted. */
interface PostScope extends LaneScope {
  readonly legacy: boolean;
  readonly selection: Selection;
}

async function servePost(
  request: Request,
  body: JsonValue,
  scope: PostScope,
  ctx: ExecutionContext,
): Promise<Response> {
  const { legacy, selection } = scope;
  const requests = requestsIn(body);
  const sessionId = legacy ? request.headers.get('mcp-session-id') : null;
  noteInLog(scope.log, legacy, requests);

  const { config, principal, requestId, clock } = scope;
  const admission: AdmissionScope = {
    config,
    principal,
    gate: gateOf(scope),
    proof: scope.proof,
    // Only what can be one: a header may hold anything.
    sessionId: sessionId !== null && /^[0-9a-f]{64}$/.test(sessionId) ? sessionId : null,
    requestId,
    clock,
  };
  const missing = missingScope(principal, requests, selection);
  if (missing !== undefined) return await refuseScope(missing, legacy, admission, scope);
  const unbound = config.dpop === 'required_for_writes' && principal.jkt === undefined ? writeIn(requests) : undefined;
  if (unbound !== undefined) return await refuseUnbound(unbound, admission);
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
  const recorded = recordedOf(requests, tickets);
  const calls = settling(recorded, scope, ctx);
  if (refusal !== undefined) {
    calls.failRest('Another request of the batch was refused.');
    return refused(refusal);
  }
  const { gate } = admission;
  const endGrant = () => gate.endRevokedUpstream(principal.user, principal, requestId);
  if (!legacy) return await serveModern(request, body, { ...scope, calls, gate, endGrant });
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
  if (first.method === 'tools/call' && typeof first.params.name === 'string')
    log.tool_name = plainText(redactText(first.params.name), 60);
}

/** What is not admitted has to pass the gate too. */
async function passGate(scope: LaneScope): Promise<void> {
  const passage = await gateOf(scope).pass(scope.principal, scope.proof);
  if (passage !== 'ok') throw new NotPassed(passage);
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

/** A write with a token that anyone who copies it could use, where the policy wants it bound to a key. */
async function refuseUnbound(request: RpcRequest, admission: AdmissionScope): Promise<Response> {
  const error = new AppError(
    'forbidden_by_policy',
    'Here, what writes needs an access token that is bound to a key (DPoP).',
    {
      hint: 'Use a client that supports DPoP (RFC 9449), or ask the administrator. Reading works.',
    },
  );
  return failed(await refusalOfOne(request, error, admission), request);
}

/**
 * A refusal passes the gate like a call: a revoked token hears of that alone, a proof is used up, and limits hold, so
 * that a client that asks again and again fills no log. Out: what to answer.
 */
async function refusalOfOne(request: RpcRequest, error: AppError, admission: AdmissionScope): Promise<AppError> {
  try {
    const { id, refusal } = await admit(request, admission);
    if (refusal !== undefined) {
      const { code, message, retryAfterSeconds } = refusal;
      return new AppError(code, message, { retryAfterSeconds });
    }
    if (isRecorded(request)) {
      const outcome = { result_status: 'denied', duration_ms: 0, error_code: error.code, error_message: error.message };
      await admission.gate.settle(id, outcome as Outcome);
    }
    return error;
  } catch (cause) {
    if (cause instanceof AppError) return cause;
    throw cause;
  }
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
  const answer = await refusalOfOne(request, error, admission);
  if (answer !== error) return failed(answer, request);
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
