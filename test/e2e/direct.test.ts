/** A plain call goes to its tool without the SDK's server: what the client sees is what that server would have said. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RpcAnswer } from '../support/rpc.ts';
import { modernBody, modernHeaders, post, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack();

let token: string;
let sessionId: string;
const headers = () => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
});

async function inSession(params: object): Promise<RpcAnswer> {
  return await post(stack(), JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params }), {
    headers: { ...headers(), 'mcp-session-id': sessionId, 'mcp-protocol-version': '2025-11-25' },
  });
}

async function inModern(params: { readonly name: string; readonly _meta?: object }): Promise<RpcAnswer> {
  const body = JSON.parse(modernBody('tools/call', params, 7)) as { params: { _meta: object } };
  body.params._meta = { ...body.params._meta, ...params._meta };
  return await post(stack(), JSON.stringify(body), { headers: modernHeaders(token, 'tools/call', params.name) });
}

beforeAll(async () => {
  token = (await tokenOf(stack(), { choose: (boxes) => boxes.map((box) => box.scope) })).token;
  const hello = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  };
  const begun = await post(stack(), JSON.stringify(hello), { headers: headers() });
  sessionId = begun.headers.get('mcp-session-id') ?? '';
});

const CALLS: readonly (readonly [what: string, name: string, args: Record<string, unknown> | undefined])[] = [
  ['a result', 'issue_read', { method: 'get', owner: 'acme', repo: 'web', issue_number: 1 }],
  ['no arguments', 'get_me', undefined],
  ['arguments that do not fit', 'issue_read', { method: 'get', owner: 'acme' }],
  ['something that is not there', 'issue_read', { method: 'get', owner: 'acme', repo: 'web', issue_number: 999 }],
];
/** A key that no call has: the way through the server is taken, which leaves it alone. */
const THROUGH_SERVER = { beside: true };

describe.each([
  ['modern', inModern],
  ['session', inSession],
] as const)('in the %s era', (era, call) => {
  it.each(CALLS)('%s is the same on both ways', async (_, name, args) => {
    const params = { name, ...(args !== undefined && { arguments: args }) };
    const direct = await call(params);
    const through = await call({ ...params, ...THROUGH_SERVER });
    expect(direct.status).toBe(200);
    expect(direct.json.id).toBe(7);
    expect(direct.json.result.content).not.toEqual([]);
    expect(direct.json).toEqual(through.json);
    expect(direct.headers.get('content-type')).toBe(through.headers.get('content-type'));
  });

  it('progress comes on a stream before the result, on both ways', async () => {
    const params = {
      name: 'issue_read',
      arguments: { method: 'get_comments', owner: 'acme', repo: 'web', issue_number: 1, perPage: 100 },
      _meta: { progressToken: `p-${era}` },
    };
    const direct = await call(params);
    const through = await call({ ...params, ...THROUGH_SERVER });
    const messages = ({ text }: RpcAnswer) =>
      [...text.matchAll(/^data: (\{.+)$/gm)].map(([, data]) => JSON.parse(data as string) as { method?: string });
    expect(messages(direct).map(({ method }) => method)).toContain('notifications/progress');
    expect(messages(direct)).toEqual(messages(through));
    expect(direct.json).toEqual(through.json);
  });

  it('each leaves one row', async () => {
    const where = `tool_name = 'list_branches' AND session_id IS ${era === 'session' ? 'NOT NULL' : 'NULL'}`;
    const params = { name: 'list_branches', arguments: { owner: 'acme', repo: 'web' } };
    await call(params);
    await call({ ...params, ...THROUGH_SERVER });
    const rows = await rowsOf(stack(), 2, where);
    expect(rows.map(({ result_status }) => result_status)).toEqual(['success', 'success']);
  });
});

it('a body that is not what its headers say is refused, whichever way it would have taken', async () => {
  const body = modernBody('tools/call', { name: 'get_me' }, 7);
  const said = await post(stack(), body, { headers: modernHeaders(token, 'tools/call', 'issue_read') });
  expect(said).toMatchObject({ status: 400, json: { id: 7, error: { code: -32020 } } });
});

it('a modern call without its envelope is refused', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'get_me' } });
  const said = await post(stack(), body, { headers: modernHeaders(token, 'tools/call', 'get_me') });
  expect(said).toMatchObject({ status: 400, json: { error: { code: -32602 } } });
});
