/** Which era a request is of: in every case what the SDK says. */
import { classifyInboundRequest } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/core/json.ts';
import { eraOf } from '../../../src/mcp/era.ts';

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const ENVELOPE = {
  [VERSION]: '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_me' } };
const withMeta = (_meta: unknown) => ({ ...call, params: { ...call.params, _meta } });

const BODIES: readonly (readonly [string, unknown])[] = [
  ['a call', call],
  ['a list', { jsonrpc: '2.0', id: 'a', method: 'tools/list', params: {} }],
  ['a ping without params', { jsonrpc: '2.0', id: 1, method: 'ping' }],
  ['the handshake', { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } }],
  ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized' }],
  ['an answer', { jsonrpc: '2.0', id: 1, result: {} }],
  ['an error', { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } }],
  ['an answer with a method', { ...call, result: {} }],
  ['a batch', [call]],
  ['a member that is none', { ...call, beside: 1 }],
  ['no version of JSON-RPC', { ...call, jsonrpc: '1.0' }],
  ['an id of null', { ...call, id: null }],
  ['an id that is no whole number', { ...call, id: 1.5 }],
  ['params that are a list', { ...call, params: [] }],
  ['params that are text', { ...call, params: 'x' }],
  ['a progress token', withMeta({ progressToken: 1 })],
  ['a progress token of another kind', withMeta({ progressToken: {} })],
  ['meta that is text', withMeta('x')],
  ['meta of a client', withMeta({ 'claudecode/toolUseId': 'x' })],
  ['a related task', withMeta({ 'io.modelcontextprotocol/related-task': { taskId: 'x' } })],
  ['a whole envelope', withMeta(ENVELOPE)],
  ['an envelope that is broken', withMeta({ [VERSION]: 7 })],
  ['an envelope of a revision that is past', withMeta({ ...ENVELOPE, [VERSION]: '2025-11-25' })],
  ['text', 'x'],
  ['null', null],
];

const VERSIONS = [undefined, '2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28', '1999-01-01', ''];

describe.each(BODIES)('%s', (_, body) => {
  it.each(VERSIONS)('with MCP-Protocol-Version %s', (version) => {
    const headers = new Headers(version === undefined ? {} : { 'mcp-protocol-version': version });
    const route = classifyInboundRequest({
      httpMethod: 'POST',
      ...(version !== undefined && { protocolVersionHeader: version }),
      body,
    });
    const modern = route.kind === 'modern' && route.messageKind === 'request';
    expect(eraOf({ headers }, body as JsonValue)).toEqual({
      legacy: route.kind === 'legacy',
      revision: modern ? route.classification.revision : undefined,
    });
  });
});
