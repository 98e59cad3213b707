/**
 * Where a request with a valid token goes on: scopes, admission, then the lane of its protocol era. Every call that is
 * opened here is closed by whoever runs it: this Worker, or the object of a session.
 */
import { auditReader } from '../audit/read.ts';
import { ADMIN_TOOLS, toolNames } from '../catalogue/selected.ts';
import { readSelection, type Selection, type ToolPolicy } from '../catalogue/selection.ts';
import type { Config } from '../config.ts';
import { AppError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { LogFacts } from '../core/log.ts';
import type { Principal } from '../core/principal.ts';
import { plainText } from '../core/text.ts';
import { traceOf } from '../core/trace.ts';
import type { ProofUse } from '../gate/admission.ts';
import { GateClient } from '../gate/client.ts';
import type { Quota } from '../gate/windows.ts';
import { isAdmin } from '../policy/admins.ts';
import type { AdmissionScope } from './admit.ts';
import { admit, admitOther, isRecorded, missingScope, NotPassed, writeIn } from './admit.ts';
import type { Caller } from './caller.ts';
import type { CallTicket } from './calls.ts';
import { OpenCalls } from './calls.ts';
import type { Era } from './era.ts';
import { eraOf } from './era.ts';
import { endWhenRevoked } from './guard-stream.ts';
import type { RpcRequest } from './messages.ts';
import { isInitialize, parseBody, requestsIn, rpcErrorResponse } from './messages.ts';
import { serveModern } from './modern.ts';
import { beyondPublic } from './public-only.ts';
import { withQuotas } from './quota-headers.ts';
import { failed, lackOf, methodNotAllowed, refusalError, refuseBody, refused, unboundWrite } from './refuse.ts';
import { linkTo, openSession, reachSession } from './session.ts';
import { callInWorker, plainCall } from './session-call.ts';
import { unwrapModern, unwrapSession } from './unwrap.ts';

/** What a lane is given with a request. */
export interface LaneScope {
  readonly env: Env;
  readonly config: Config;
  readonly principal: Principal;
  readonly upstreamToken: string;
  readonly requestId: string;
  /** As the edge read it, if there was one: the request's own is not read again. */
  readonly body: Uint8Array | undefined;
  readonly clock: () => number;
  /** Whether the tenant is served any more: it can be switched off while a stream is open. */
  readonly isServed: () => Promise<boolean>;
  /** The WWW-Authenticate value that asks for more scopes (RFC 6750 section 3.1). */
  readonly challenge: (scopes: readonly string[]) => string;
  /** The proof the request came with, where its token is bound to a key. */
  readonly proof: ProofUse | undefined;
  /** The answer to a token that is not good any more, or a proof that was used before. */
  readonly refuse: (reason: 'revoked' | 'replayed') => Response;
  /** Facts of the request's log line, open for additions. */
  readonly log: LogFacts;
}

/** A request on its way, with what is known by now of the limits it met. */
interface CountedScope extends LaneScope {
  /** The gate of the person. */
  readonly gate: GateClient;
  readonly quotas: Map<string, Quota>;
}

const UTF_8 = new TextDecoder();

/** Serves one request of the protected resource. */
export async function serveMcp(request: Request, given: LaneScope, ctx: ExecutionContext): Promise<Response> {
  const { env, principal } = given;
  const gate = new GateClient(env.GATE, principal.tenant, principal.user.id, (work) => ctx.waitUntil(work));
  const scope: CountedScope = { ...given, gate, quotas: new Map() };
  const isAlive = async () => (await scope.isServed()) && (await gate.isAlive(principal));
  const response = await serve(request, scope, ctx).catch((error: unknown) => {
    if (error instanceof NotPassed) return scope.refuse(error.reason);
    if (error instanceof AppError) return failed(error, undefined);
    throw error;
  });
  return withQuotas(endWhenRevoked(response, isAlive), scope.quotas.values());
}

async function serve(request: Request, scope: CountedScope, ctx: ExecutionContext): Promise<Response> {
  if (request.method === 'GET' || request.method === 'DELETE') {
    scope.log.era = 'session';
    await passGate(scope);
    const selection = selectionOf(request, scope.config, scope.principal);
    return await reachSession(request, undefined, [], { ...scope, selection }, settling([], scope, ctx));
  }
  if (request.method !== 'POST') return methodNotAllowed();
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    return rpcErrorResponse(415, { code: -32600, message: 'Content-Type must be application/json.' });
  }
  const body = parseBody(UTF_8.decode(scope.body));
  if (!body.ok) return rpcErrorResponse(400, body.error);
  // Requests are asked about one by one, below; notifications and answers all at once.
  if (requestsIn(body.value).length === 0) await passGate(scope);
  const { legacy, revision } = eraOf(request, body.value);
  const selection = selectionOf(request, scope.config, scope.principal);
  const call = legacy
    ? { request, body: unwrapSession(body.value, selection) }
    : unwrapModern(request, body.value, selection);
  return await servePost(call.request, call.body, { ...scope, legacy, revision, selection }, ctx);
}

/** What the headers choose of the catalogue, within what the settings allow this person. */
function selectionOf(request: Request, config: Config, { user }: Principal): Selection {
  const { readOnly, toolsets } = config;
  const policy: ToolPolicy = {
    ...(readOnly && { readonly: true }),
    ...(toolsets !== undefined && { toolsets }),
    ...(!isAdmin(config, user.login) && { exclude: ADMIN_TOOLS }),
  };
  return readSelection(request.headers, toolNames, policy);
}

/** What is known of a POST before anything of it is admitted. */
interface PostScope extends CountedScope, Era {
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

  const { config, principal, requestId, upstreamToken } = scope;
  const missing = missingScope(principal, requests, selection);
  const bound = config.dpop !== 'required_for_writes' || principal.jkt !== undefined;
  const unbound = bound ? undefined : writeIn(requests);
  const stopped = missing?.request ?? unbound;
  const admission = { ...admissionOf(scope, sessionId), stopped: stopped !== undefined };
  let tickets: CallTicket[];
  try {
    tickets = await admitAll(requests, admission, scope, ctx);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return failed(error, stopped ?? requests[0]);
  }
  if (stopped !== undefined) {
    const why = (request: RpcRequest) =>
      missing === undefined
        ? writeIn([request]) && unboundWrite()
        : lackOf(missingScope(principal, [request], selection)?.scope, config, principal);
    const calls = settling(recordedOf(requests, tickets), scope, ctx);
    return refuseBody(stopped, why, { requests, tickets, calls, missing: missing?.scope }, scope);
  }
  const refusal = tickets.find((ticket, i) => ticket.refusal !== undefined && !isRecorded(requests[i] as RpcRequest));
  const recorded = recordedOf(requests, tickets);
  const calls = settling(recorded, scope, ctx);
  if (refusal !== undefined) {
    calls.failRest('Another request of the batch was refused.');
    return refused(refusal);
  }
  const running = requests.filter((_, i) => tickets[i]?.refusal === undefined);
  const beyond = await beyondPublic(running, scope);
  if (beyond !== undefined) {
    const why = (one: RpcRequest) => (one === beyond.request ? beyond.error : undefined);
    return refuseBody(beyond.request, why, { requests, tickets, calls, missing: 'resources:read' }, scope);
  }
  const { gate } = scope;
  const endGrant = () => gate.endRevokedUpstream(principal.user, principal, requestId);
  const audit = auditReader(scope.env.AUDIT_DB, principal.tenant);
  const caller: Caller = { config, principal, upstreamToken, calls, gate, endGrant, selection, audit };
  if (!legacy) return await serveModern(request, body, caller, scope.revision);
  if (sessionId === null && isInitialize(body)) return await openSession(request, body, recorded, scope, calls);
  const call = sessionId === null ? undefined : plainCall(request, body, config);
  if (sessionId === null || call === undefined || tickets[0]?.inSession !== true) {
    return await reachSession(request, body, recorded, { ...scope, announce: call !== undefined }, calls);
  }
  const link = linkTo(sessionId, request, call, scope);
  return await callInWorker(call, caller, link, (work) => ctx.waitUntil(work));
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
  Object.assign(log, traceOf(first.params._meta));
  if (first.method === 'tools/call' && typeof first.params.name === 'string')
    log.tool_name = plainText(first.params.name, 60);
}

/**
 * Refusals are admitted like calls: a revoked token hears of that alone, a proof is used up, and limits hold, so that a
 * client that asks again and again fills no log.
 */
async function admitAll(
  requests: readonly RpcRequest[],
  admission: AdmissionScope,
  scope: CountedScope,
  ctx: ExecutionContext,
): Promise<CallTicket[]> {
  const tickets: CallTicket[] = [];
  try {
    for (const request of requests) tickets.push(await admit(request, admission));
    return tickets;
  } catch (error) {
    // Of a batch, some may be open by now.
    settling(recordedOf(requests, tickets), scope, ctx).failRest('Another request of the batch could not be admitted.');
    throw error;
  }
}

/** What has no answer of its own has to pass the gate too. */
async function passGate(scope: CountedScope): Promise<void> {
  const { refusal } = await admitOther(admissionOf(scope, null));
  if (refusal !== undefined) throw refusalError(refusal);
}

function admissionOf(scope: CountedScope, sessionId: string | null): AdmissionScope {
  const { config, principal, gate, proof, requestId, clock, quotas } = scope;
  // Only what can be one: a header may hold anything.
  const named = sessionId !== null && /^[0-9a-f]{64}$/.test(sessionId) ? sessionId : null;
  return { config, principal, gate, proof, sessionId: named, requestId, clock, quotas };
}

/** The open calls of a request; what they still report outlives the answer. */
function settling(tickets: readonly CallTicket[], { gate, clock }: CountedScope, ctx: ExecutionContext): OpenCalls {
  return new OpenCalls(
    tickets,
    (id, outcome) => gate.settle(id, outcome),
    clock,
    (work) => ctx.waitUntil(work),
  );
}
