/** From raw messages to admitted calls: what each needs, which limits apply, and its record. */
import { scopeOf, toolByName } from '../catalogue/index.ts';
import { refusalOf, type Selection } from '../catalogue/selection.ts';
import type { Config, Limit } from '../config.ts';
import { ulid } from '../core/ids.ts';
import { isObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { sessionName } from '../core/principal.ts';
import type { OpenRecord } from '../core/record.ts';
import { redactArguments } from '../core/redaction.ts';
import { plainText } from '../core/text.ts';
import type { AdmitRequest, ProofUse } from '../gate/admission.ts';
import type { GateClient } from '../gate/client.ts';
import { CONFIRM_MS } from '../gate/confirmations.ts';
import type { Quota, WindowRule } from '../gate/windows.ts';
import { decide } from '../policy/decide.ts';
import type { CallTicket } from './calls.ts';
import { asksFirst } from './confirm.ts';
import type { RpcRequest } from './messages.ts';

/** Milliseconds a tool may take unless it says otherwise; also for resources and prompts. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** Milliseconds between a call's time limit and the moment its record is closed without an outcome. */
const GRACE_MS = 60_000;

/** Requests that get a row; the others are only counted. */
const RECORDED: ReadonlySet<string> = new Set(['tools/call', 'resources/read', 'prompts/get']);

export interface AdmissionScope {
  /** Whether the request is refused even if the gate lets it pass. */
  readonly stopped?: boolean;
  readonly config: Config;
  readonly principal: Principal;
  readonly gate: GateClient;
  readonly proof: ProofUse | undefined;
  readonly sessionId: string | null;
  readonly requestId: string;
  readonly clock: () => number;
  /** What is left of the limits, by their names: filled in by each admission. */
  readonly quotas: Map<string, Quota>;
}

/** The least scope that one of the requests lacks, with that request. */
export interface MissingScope {
  readonly request: RpcRequest;
  readonly scope: string;
}

/**
 * In: the requests of one body. Out: what is missing for the first that may not run, or undefined. A tool that the
 * selection refuses asks for no scope, which would not help: it is admitted, and `callTool` refuses it.
 */
export function missingScope(
  principal: Principal,
  requests: readonly RpcRequest[],
  selection: Selection,
): MissingScope | undefined {
  for (const request of requests) {
    const tool = toolNamed(request);
    const decision = decide(principal.scopes, {
      method: request.method,
      refType: isObject(request.params.ref) ? request.params.ref.type : undefined,
      toolScope: tool === undefined || refusalOf(tool, selection) !== undefined ? undefined : scopeOf(tool),
    });
    if (!decision.allow) return { request, scope: decision.scope };
  }
  return undefined;
}

/** Opens a record for a request that gets one. */
export function openRecord(
  request: RpcRequest,
  scope: Pick<AdmissionScope, 'config' | 'principal' | 'sessionId' | 'requestId'>,
  now: number,
): OpenRecord | undefined {
  if (!RECORDED.has(request.method)) return undefined;
  const { principal } = scope;
  const id = ulid(now);
  const isTool = request.method === 'tools/call';
  const name = typeof request.params.name === 'string' ? plainText(request.params.name, 100) : null;
  return {
    id,
    timestamp: new Date(now).toISOString(),
    tenant_id: principal.tenant,
    user_id: principal.user.id,
    user_login: principal.user.login,
    client_id: principal.client.id,
    client_name: principal.client.name,
    // An origin: what is left without the scheme is the host.
    server_id: scope.config.publicUrl.replace(/^\w+:\/\//, ''),
    session_id: scope.sessionId,
    call_id: id,
    request_id: scope.requestId,
    grant_id: principal.grantId,
    method: request.method,
    tool_name: isTool ? name : null,
    arguments: redactArguments(
      isTool ? request.params.arguments : withoutMeta(request.params),
      scope.config.audit.texts,
    ),
  };
}

function withoutMeta({ _meta, ...params }: RpcRequest['params']): object {
  return params;
}

/** The token was valid when it was looked at, but is revoked by now; or its proof of possession was used before. */
export class NotPassed extends Error {
  readonly reason: 'revoked' | 'replayed';

  constructor(reason: 'revoked' | 'replayed') {
    super(reason);
    this.reason = reason;
  }
}

/** Methods without a row that are counted by name; a client may send any. */
const COUNTED: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
  'completion/complete',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'subscriptions/listen',
]);

/** Asks the gate about one request. Throws NotPassed, or `audit_unavailable` where the gate cannot be reached. */
export async function admit(request: RpcRequest, scope: AdmissionScope): Promise<CallTicket> {
  const startedAt = scope.clock();
  const { sessionId, principal } = scope;
  const { limits } = scope.config;
  const record = openRecord(request, scope, startedAt);
  const id = record?.id ?? ulid(startedAt);
  const answer = await scope.gate.admit({
    id,
    token: { grantId: principal.grantId, tokenId: principal.tokenId },
    proof: scope.proof,
    ...(sessionId !== null && { session: sessionName(sessionId, principal) }),
    windows: windowsOf(request, scope.config, principal),
    deadlineMs: deadlineOf(request, scope),
    ...(record !== undefined
      ? { record, concurrent: limits.concurrent, ...(limits.tenant !== undefined && { tenant: limits.tenant }) }
      : { counted: countedAs(request.method, scope.stopped) }),
  });
  if ('quotas' in answer) for (const quota of answer.quotas ?? []) scope.quotas.set(quota.name, quota);
  const inSession = 'inSession' in answer && answer.inSession === true;
  const ticket = { rpcId: request.id, id, startedAt, ...(inSession && { inSession }) };
  if (answer.ok) return ticket;
  if (!('message' in answer)) throw new NotPassed(answer.code);
  const { code, message, retryAfterSeconds } = answer;
  return { ...ticket, refusal: { code, message, retryAfterSeconds } };
}

/** What has no answer of its own, a notification or a stream, passes the gate too, and counts with lists and pings. */
export async function admitOther(scope: AdmissionScope): Promise<CallTicket> {
  return await admit({ id: 0, method: '', params: {} }, scope);
}

/** What leaves no row is counted under its method, one of few names; what is no request is not. */
function countedAs(method: string, denied = false): AdmitRequest['counted'] {
  if (method === '') return undefined;
  return { method: COUNTED.has(method) ? method : 'other', ...(denied && { denied }) };
}

/** A session asks the person while its record is open; a question ends a request of the modern era. */
function deadlineOf(request: RpcRequest, { config, sessionId }: AdmissionScope): number {
  const tool = toolNamed(request);
  const waiting = sessionId !== null && asksFirst(tool, config) ? CONFIRM_MS : 0;
  return (tool?.timeoutMs ?? DEFAULT_TIMEOUT_MS) + waiting + GRACE_MS;
}

/** The first request that calls a tool which writes. */
export function writeIn(requests: readonly RpcRequest[]): RpcRequest | undefined {
  return requests.find((request) => toolNamed(request)?.access === 'write');
}

/** Whether a request has a row, and so an outcome to report. */
export function isRecorded(request: RpcRequest): boolean {
  return RECORDED.has(request.method);
}

function toolNamed(request: RpcRequest) {
  if (request.method !== 'tools/call' || typeof request.params.name !== 'string') return undefined;
  return toolByName(request.params.name);
}

/** Every window that applies: per client, per user over all clients, and the tool's own. */
function windowsOf(request: RpcRequest, config: Config, principal: Principal): WindowRule[] {
  const { limits } = config;
  const client = principal.client.id;
  if (!RECORDED.has(request.method)) return [rule('other', `other:${client}`, limits.other)];
  const windows = [rule('client', `client:${client}`, limits.client), rule('user', 'user', limits.user)];
  const tool = toolNamed(request);
  if (tool === undefined) return windows;
  const own = limits.tools[tool.name] ?? (tool.window === undefined ? undefined : limits[tool.window]);
  return own === undefined ? windows : [...windows, rule(`tool ${tool.name}`, `tool:${client}:${tool.name}`, own)];
}

function rule(name: string, key: string, limit: Limit): WindowRule {
  return { name, key, ...limit };
}
