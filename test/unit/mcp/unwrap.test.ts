/** Calls through a wrapper, resolved before anything else sees them. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_SELECTION } from '../../../src/catalogue/selection.ts';
import type { JsonValue } from '../../../src/core/json.ts';
import { unwrapModern, unwrapSession } from '../../../src/mcp/unwrap.ts';

const callOf = (name: JsonValue, args?: JsonValue, rest: object = {}) =>
  ({
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name, ...(args !== undefined && { arguments: args }), ...rest },
  }) as JsonValue;

const unwrap = (body: JsonValue) => unwrapSession(body, DEFAULT_SELECTION);
const inner = { owner: 'octo', repo: 'hello', issue_number: 1, method: 'get' };

describe('a wrapped call', () => {
  it('becomes the inner one, with everything else as it was', () => {
    const rest = {
      _meta: { progressToken: 3 },
      requestState: 'sealed',
      inputResponses: { confirm: { action: 'accept' } },
    };
    expect(unwrap(callOf('call_read_tool', { name: 'issue_read', arguments: inner }, rest))).toEqual(
      callOf('issue_read', inner, rest),
    );
    expect(unwrap(callOf('call_write_tool', { name: 'issue_write', arguments: {} }))).toEqual(
      callOf('issue_write', {}),
    );
    expect(unwrap(callOf('call_read_tool', { name: 'get_me' }))).toEqual(callOf('get_me', {}));
  });

  it('may be a read through call_write_tool, never a write through call_read_tool', () => {
    expect(unwrap(callOf('call_write_tool', { name: 'get_me' }))).toEqual(callOf('get_me', {}));
    const write = callOf('call_read_tool', { name: 'issue_write', arguments: {} });
    expect(unwrap(write)).toBe(write);
  });

  it('is resolved in each message of a batch', () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect(unwrap([ping, callOf('call_read_tool', { name: 'get_me' }), 'garbage', null])).toEqual([
      ping,
      callOf('get_me', {}),
      'garbage',
      null,
    ]);
  });

  it.each([
    ['no arguments', callOf('call_read_tool')],
    ['arguments that are a list', callOf('call_read_tool', [{ name: 'get_me' }])],
    ['no name', callOf('call_read_tool', { arguments: {} })],
    ['a name that is no string', callOf('call_read_tool', { name: ['get_me'] })],
    ['a name that only looks alike', callOf('call_read_tool', { name: ' get_me' })],
    ['a name of Object.prototype', callOf('call_read_tool', { name: '__proto__' })],
    ['inner arguments as text', callOf('call_read_tool', { name: 'get_me', arguments: '{}' })],
    ['inner arguments as a list', callOf('call_read_tool', { name: 'get_me', arguments: [] })],
    ['another argument beside', callOf('call_read_tool', { name: 'get_me', access: 'write' })],
    ['itself', callOf('call_read_tool', { name: 'call_read_tool', arguments: { name: 'get_me' } })],
    ['the other wrapper', callOf('call_read_tool', { name: 'call_write_tool', arguments: { name: 'issue_write' } })],
    [
      'another method',
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'prompts/get',
        params: { name: 'call_read_tool', arguments: { name: 'get_me' } },
      },
    ],
    ['a name in another case', callOf('CALL_READ_TOOL', { name: 'get_me' })],
  ])('with %s stays as it is, to be refused', (_, body) => {
    expect(unwrap(body as JsonValue)).toBe(body);
  });

  it('stays as it is where the headers refuse the wrapper', () => {
    const write = callOf('call_write_tool', { name: 'get_me' });
    expect(unwrapSession(write, { ...DEFAULT_SELECTION, readonly: true })).toBe(write);
    expect(unwrapSession(write, { ...DEFAULT_SELECTION, exclude: ['call_write_tool'] })).toBe(write);
    // That the inner tool is refused is for the call of the inner tool to say.
    const read = callOf('call_read_tool', { name: 'get_me' });
    expect(unwrapSession(read, { ...DEFAULT_SELECTION, exclude: ['get_me'] })).toEqual(callOf('get_me', {}));
  });
});

describe('the header Mcp-Name', () => {
  const modern = (name: string | undefined, body: JsonValue, signal?: AbortSignal) => {
    const headers = { 'mcp-method': 'tools/call', ...(name !== undefined && { 'mcp-name': name }) };
    const request = new Request('https://gate.example/mcp', { method: 'POST', headers, ...(signal && { signal }) });
    return { request, call: unwrapModern(request, body, DEFAULT_SELECTION) };
  };
  const body = callOf('call_read_tool', { name: 'get_me' });

  it('names the inner tool afterwards, and the request can still be aborted', () => {
    const controller = new AbortController();
    const { call } = modern('call_read_tool', body, controller.signal);
    expect(call.body).toEqual(callOf('get_me', {}));
    expect(call.request.headers.get('mcp-name')).toBe('get_me');
    expect(call.request.headers.get('mcp-method')).toBe('tools/call');
    controller.abort();
    expect(call.request.signal.aborted).toBe(true);
  });

  it.each([undefined, 'get_me', 'issue_write', 'call_write_tool', 'Call_Read_Tool'])(
    'that is %s does not fit, and the SDK gets to see both as they came',
    (name) => {
      const { request, call } = modern(name, body);
      expect(call).toEqual({ request, body });
    },
  );

  it('of any other call is left alone', () => {
    const { request, call } = modern('get_me', callOf('get_me', {}));
    expect(call.request).toBe(request);
  });
});
