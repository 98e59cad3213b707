/** Raw JSON-RPC messages, as far as the lanes must read them before the SDK does. Pure. */
import type { JsonValue } from '../core/json.ts';
import { isObject } from '../core/json.ts';
import type { Result } from '../core/result.ts';
import { err, ok } from '../core/result.ts';

export type RpcId = string | number;

/** Whether the SDK takes it for the id of a request. */
export function isRpcId(id: unknown): id is RpcId {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

/** A request: what has a method and an id. Its params are whatever the client sent. */
export interface RpcRequest {
  readonly id: RpcId;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Messages of a batch (MCP 2025-03-26 only) that one request may carry. */
export const MAX_BATCH = 20;

export interface RpcFailure {
  readonly code: number;
  readonly message: string;
}

/** In: the text of a body. Out: its JSON, or the JSON-RPC error to answer. */
export function parseBody(text: string): Result<JsonValue, RpcFailure> {
  let body: JsonValue;
  try {
    body = JSON.parse(text) as JsonValue;
  } catch {
    return err({ code: -32700, message: 'Parse error: the body is not JSON.' });
  }
  if (!Array.isArray(body)) return ok(body);
  if (body.length === 0 || body.length > MAX_BATCH) {
    return err({ code: -32600, message: `Invalid request: a batch must have 1 to ${MAX_BATCH} messages.` });
  }
  // Calls are told apart by their id: a second one of the same would run under the first one's admission.
  const ids = requestsIn(body).map((request) => request.id);
  if (new Set(ids).size < ids.length) {
    return err({ code: -32600, message: 'Invalid request: the requests of a batch must have different ids.' });
  }
  return ok(body);
}

/** The requests among one message or a batch, in order. Notifications, responses and garbage are left to the SDK. */
export function requestsIn(body: JsonValue): RpcRequest[] {
  const requests: RpcRequest[] = [];
  for (const message of Array.isArray(body) ? body : [body]) {
    if (!isObject(message)) continue;
    const { id, method, params } = message;
    if (typeof method !== 'string' || (typeof id !== 'string' && typeof id !== 'number')) continue;
    requests.push({ id, method, params: isObject(params) ? params : {} });
  }
  return requests;
}

/** Whether the body is the handshake that begins a session. */
export function isInitialize(body: JsonValue): boolean {
  return requestsIn(body).some((request) => request.method === 'initialize');
}

/** A JSON-RPC error as an HTTP answer. `id` is null where the request's is not known. */
export function rpcErrorResponse(
  status: number,
  failure: RpcFailure & { data?: unknown },
  id: RpcId | null = null,
): Response {
  return Response.json({ jsonrpc: '2.0', id, error: failure }, { status });
}
