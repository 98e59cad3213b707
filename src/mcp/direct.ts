/**
 * Tool calls that need nothing of the SDK's server but to be passed on: most of them. The server is made for each
 * request of the modern era, and checks in either era with schemas what a call of this shape cannot get wrong; without it
 * a call costs a third less. The transports are the SDK's, so what goes over the wire is the same: a test compares both
 * ways. Everything else takes the way through the server, errors of the protocol too.
 */
import type { JSONRPCMessage, JSONRPCNotification, JSONRPCRequest } from '@modelcontextprotocol/server';
import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server';
import { toolByName } from '../catalogue/index.ts';
import type { Config } from '../config.ts';
import type { JsonValue } from '../core/json.ts';
import { isObject } from '../core/json.ts';
import type { Caller } from './caller.ts';
import { authInfoOf } from './caller.ts';
import { asksFirst } from './confirm.ts';
import { callTool } from './invoke.ts';
import { isRpcId } from './messages.ts';
import { SERVER_INFO } from './server.ts';

/** A `tools/call` of one of our tools, in the form that needs no second look. */
export interface DirectCall extends JSONRPCRequest {
  readonly params: { readonly name: string; readonly arguments?: Record<string, unknown>; readonly _meta?: Meta };
}

type Meta = NonNullable<NonNullable<JSONRPCRequest['params']>['_meta']>;

const PARAMS: ReadonlySet<string> = new Set(['name', 'arguments', '_meta']);

/**
 * In: the body of a POST. Out: the call in it, or undefined where the SDK has to look: other methods, a batch, params
 * that are not just a name, arguments and `_meta`, a tool that does not exist, or one that asks the person first.
 */
export function directCall(body: JsonValue | undefined, config: Config): DirectCall | undefined {
  if (!isObject(body) || body.method !== 'tools/call' || body.jsonrpc !== '2.0' || !isObject(body.params)) return;
  const { id, params } = body;
  if (!isRpcId(id)) return;
  if (typeof params.name !== 'string' || !Object.keys(params).every((key) => PARAMS.has(key))) return;
  if (params.arguments !== undefined && !isObject(params.arguments)) return;
  if (!isPlainMeta(params._meta)) return;
  const tool = toolByName(params.name);
  return tool === undefined || asksFirst(tool, config) ? undefined : (body as unknown as DirectCall);
}

/** Whether progress may be asked for, and nothing that belongs to another revision or extension but its envelope. */
export function isPlainMeta(meta: unknown): boolean {
  if (meta === undefined) return true;
  if (!isObject(meta) || 'io.modelcontextprotocol/related-task' in meta) return false;
  const token = meta.progressToken;
  return token === undefined || typeof token === 'string' || Number.isSafeInteger(token);
}

/** What a lane gives with a call. */
export interface DirectRequest {
  readonly caller: Caller;
  /** Aborted when the client cancels. */
  readonly signal: AbortSignal;
  /** Whether the call is one of 2026-07-28: its envelope was checked, and its result says so. */
  readonly modern: boolean;
  readonly notify: (notification: JSONRPCNotification) => Promise<void>;
}

/** Runs the call. Out: the message that answers it; failures of the tool are results. */
export async function answerDirect(call: DirectCall, request: DirectRequest): Promise<JSONRPCMessage> {
  try {
    return await answered(call, request);
  } catch {
    // What a tool throws is an answer by now, and its record is closed: this is a slip of ours around it.
    return { jsonrpc: '2.0', id: call.id, error: { code: -32603, message: 'Internal error' } };
  }
}

async function answered(call: DirectCall, request: DirectRequest): Promise<JSONRPCMessage> {
  const { caller, signal, modern, notify } = request;
  const { id, params } = call;
  const result = await callTool(caller.config, params, undefined, {
    mcpReq: {
      id,
      signal,
      _meta: params._meta,
      envelope: modern ? params._meta : undefined,
      notify: (notification) => notify({ jsonrpc: '2.0', ...notification }),
      requestState: NO_STATE,
    },
    http: { authInfo: authInfoOf(caller) },
  });
  if (!modern) return { result, jsonrpc: '2.0', id };
  // MCP 2026-07-28, basic: what a result says of itself and of its server.
  const _meta = { ...result._meta, [SERVER_INFO_META_KEY]: SERVER_INFO };
  return { result: { ...result, resultType: 'complete', _meta }, jsonrpc: '2.0', id };
}

/** Only a call that asks the person has one. */
const NO_STATE = () => undefined as never;
