/** Which calls go to their tool without the SDK's server. */
import { describe, expect, it } from 'vitest';
import { toolByName, tools } from '../../../src/catalogue/index.ts';
import type { Config } from '../../../src/config.ts';
import type { JsonValue } from '../../../src/core/json.ts';
import { directCall } from '../../../src/mcp/direct.ts';

const config = { confirmOff: [] as readonly string[] } as Config;
const params = { name: 'get_me', arguments: {} };
const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };

describe('directCall', () => {
  it.each([
    ['a call', call],
    ['one without arguments', { ...call, params: { name: 'get_me' } }],
    ['one with an id that is text', { ...call, id: 'a' }],
    ['one that asks for progress', { ...call, params: { ...params, _meta: { progressToken: 'p' } } }],
    ['one with a trace', { ...call, params: { ...params, _meta: { traceparent: '00-x' } } }],
  ])('takes %s', (_, body) => {
    expect(directCall(body as JsonValue, config)).toBe(body);
  });

  it.each([
    ['another method', { ...call, method: 'tools/list' }],
    ['a batch', [call]],
    ['nothing', undefined],
    ['no version of JSON-RPC', { ...call, jsonrpc: undefined }],
    ['a notification', { ...call, id: undefined }],
    ['an id that is no whole number', { ...call, id: 1.5 }],
    ['params that are no object', { ...call, params: [] }],
    ['a name that is no text', { ...call, params: { name: 7 } }],
    ['arguments that are no object', { ...call, params: { ...params, arguments: [] } }],
    ['a task', { ...call, params: { ...params, task: { ttl: 1 } } }],
    ['a related task', { ...call, params: { ...params, _meta: { 'io.modelcontextprotocol/related-task': {} } } }],
    ['an answer to a question', { ...call, params: { ...params, requestState: 's' } }],
    ['a progress token of another kind', { ...call, params: { ...params, _meta: { progressToken: {} } } }],
    ['meta that is no object', { ...call, params: { ...params, _meta: 'm' } }],
    ['a tool that does not exist', { ...call, params: { ...params, name: 'no_such_tool' } }],
  ])('leaves %s to the server', (_, body) => {
    expect(directCall(body as JsonValue | undefined, config)).toBeUndefined();
  });

  it('leaves a tool that asks the person first to the server, unless it does not ask here', () => {
    const asking = tools.find((tool) => tool.confirm !== undefined);
    expect(toolByName(asking?.name ?? '')).toBeDefined();
    const body = { ...call, params: { name: asking?.name } } as JsonValue;
    expect(directCall(body, config)).toBeUndefined();
    expect(directCall(body, { ...config, confirmOff: ['all'] })).toBe(body);
  });
});
