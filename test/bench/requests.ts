/** The requests that are measured, as raw HTTP: no client's own work is in the figures. */
import { MODERN_REVISION } from '../../src/cli/clients.ts';
import type { Target } from './load.ts';
import type { Bound } from './proofs.ts';

export const SESSION_REVISION = '2025-11-25';
export type Era = 'modern' | 'session';
/**
 * `call` is one `issue_read` with one request upstream; `list` is tools/list; `ping` asks nothing of anybody, so that only
 * the way there and back is in it. 2026-07-28 has no ping.
 */
export type Operation = 'call' | 'list' | 'ping';

export const OPERATIONS: Readonly<
  Record<Operation, { readonly method: string; readonly tool?: string; params: object }>
> = {
  call: {
    method: 'tools/call',
    tool: 'issue_read',
    params: { name: 'issue_read', arguments: { method: 'get', owner: 'acme', repo: 'web', issue_number: 1 } },
  },
  list: { method: 'tools/list', params: {} },
  ping: { method: 'ping', params: {} },
};

const CLIENT = { name: 'bench', version: '1.0.0' };
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
  'io.modelcontextprotocol/clientInfo': CLIENT,
  'io.modelcontextprotocol/clientCapabilities': {},
};

export interface Door {
  /** What `Host` says. */
  readonly host: string;
  /** Access token; absent where nobody is asked for one. */
  readonly token?: string | undefined;
  /** Where the token is bound to a key. */
  readonly bound?: Bound | undefined;
}

/** A request of the modern era, without its id. */
export function modernTarget(door: Door, operation: Operation): Target {
  const { method, tool, params } = OPERATIONS[operation];
  return {
    headers: {
      ...headersOf(door),
      'mcp-protocol-version': MODERN_REVISION,
      'mcp-method': method,
      ...(tool !== undefined && { 'mcp-name': tool }),
    },
    body: bodyOf(method, { ...params, _meta: META }),
    bound: door.bound,
  };
}

/** The same within a session. */
export function sessionTarget(door: Door, operation: Operation, sessionId: string): Target {
  const { method, params } = OPERATIONS[operation];
  return {
    headers: { ...headersOf(door), 'mcp-protocol-version': SESSION_REVISION, 'mcp-session-id': sessionId },
    body: bodyOf(method, params),
  };
}

/** The handshake that begins a session. */
export function initializeTarget(door: Door): Target {
  const params = { protocolVersion: SESSION_REVISION, capabilities: {}, clientInfo: CLIENT };
  return { headers: headersOf(door), body: bodyOf('initialize', params) };
}

function headersOf({ host, token, bound }: Door): Record<string, string> {
  return {
    host,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(token !== undefined && { authorization: `${bound === undefined ? 'Bearer' : 'DPoP'} ${token}` }),
  };
}

function bodyOf(method: string, params: object): [string, string] {
  return ['{"jsonrpc":"2.0","id":', `,"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}`];
}
