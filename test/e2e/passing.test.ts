/** What passes the gate besides calls, what it says of its limits, and bodies that are refused as a whole. */
import { describe, expect, it } from 'vitest';
import { callTool, modernBody, modernHeaders, post, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({
  LIMIT_OTHER: '12/60',
  LIMIT_CONCURRENT: '4',
  LIMIT_CLIENT: '9/60',
  LIMIT_TOOLS: 'get_me=8/60',
});

const PARAMS = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
const call = (id: number, name: string, args: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
const create = (id: number) =>
  call(id, 'issue_write', { method: 'create', owner: 'acme', repo: 'web', title: `x${id}` });

/** A session of the revision that has batches. */
async function session(token: string): Promise<Record<string, string>> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const begun = await post(stack(), JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: PARAMS }), {
    headers,
  });
  return {
    ...headers,
    'mcp-session-id': begun.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-03-26',
  };
}

describe('what is not a request', () => {
  const NOTIFICATION = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });

  it.each([
    ['a notification', { method: 'POST', body: NOTIFICATION }, 202],
    ['a stream', { method: 'GET' }, 200],
    ['an end', { method: 'DELETE' }, 200],
  ])('%s is refused with a revoked token, and above the limit of lists', async (what, init, status) => {
    const { token, person } = await tokenOf(stack(), { clientName: what });
    const headers = await session(token);
    const send = (body?: string) => fetch(stack().mcpUrl, { ...init, ...(body !== undefined && { body }), headers });
    const first = await send();
    expect(first.status).toBe(status);
    await first.body?.cancel();
    const notify = () => fetch(stack().mcpUrl, { method: 'POST', body: NOTIFICATION, headers });
    for (let i = 0; i < 20 && (await notify()).status !== 429; i++);
    const refused = await send();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { data: { code: 'rate_limited' } } });
    const form = new URLSearchParams({ token, client_id: person.clientId ?? '' });
    expect((await fetch(`${stack().url}/token`, { method: 'POST', body: form })).status).toBe(200);
    expect((await send()).status).toBe(401);
  });
});

describe('RateLimit and RateLimit-Policy', () => {
  it('say what applies and what is left, in both eras, on answers and on refusals', async () => {
    const { token } = await tokenOf(stack(), { login: 'hubot', clientName: 'Counting' });
    const policy = '"client";q=9;w=60, "user";q=200;w=60, "tool get_me";q=8;w=60';
    const first = await callTool(stack(), token, 'get_me', {});
    expect(first.headers.get('ratelimit-policy')).toBe(policy);
    expect(first.headers.get('ratelimit')).toBe('"client";r=8;t=60, "user";r=199;t=60, "tool get_me";r=7;t=60');
    const headers = await session(token);
    const second = await post(stack(), JSON.stringify(call(2, 'get_me')), { headers });
    expect(second.headers.get('ratelimit-policy')).toBe(policy);
    expect(second.headers.get('ratelimit')).toMatch(
      /^"client";r=7;t=(60|5\d), "user";r=198;t=(60|5\d), "tool get_me";r=6;t=(60|5\d)$/,
    );
    const list = await post(stack(), modernBody('tools/list'), { headers: modernHeaders(token, 'tools/list') });
    expect(list.headers.get('ratelimit-policy')).toBe('"other";q=12;w=60');
    for (let i = 0; i < 6; i++) await callTool(stack(), token, 'get_me', {});
    const refused = await callTool(stack(), token, 'get_me', {});
    const [, seconds] = /"tool get_me";r=0;t=(\d+)$/.exec(refused.headers.get('ratelimit') ?? '') ?? [];
    expect(refused.json.result._meta['gatehouse/error'].retry_after_seconds).toBe(Number(seconds));
    expect((await fetch(stack().mcpUrl, { method: 'POST' })).headers.get('ratelimit')).toBeNull();
  });
});

describe('calls at the same time', () => {
  it('are limited for a person over all clients, with an error that says when there is room', async () => {
    const first = await tokenOf(stack(), { login: 'hubot', clientName: 'First' });
    const second = await tokenOf(stack(), { login: 'hubot', clientName: 'Second' });
    stack().github.reset();
    const heal = stack().github.inject({ path: /^\/user(\?|$)/, delayMs: 1500 });
    const slow = [first, second, first, second].map(({ token }) => callTool(stack(), token, 'get_me', {}));
    const asked = () => stack().github.requests.filter(({ path }) => path.startsWith('/user')).length;
    await expect.poll(asked, { timeout: 5000 }).toBe(4);
    const refused = await callTool(stack(), second.token, 'issue_read', {
      owner: 'acme',
      repo: 'web',
      issue_number: 1,
      method: 'get',
    });
    expect(refused.status).toBe(200);
    const error = refused.json.result._meta['gatehouse/error'];
    expect(error).toMatchObject({ code: 'too_many_concurrent_calls', retryable: true });
    expect(error.retry_after_seconds).toBeGreaterThan(80);
    expect(error.retry_after_seconds).toBeLessThanOrEqual(90);
    expect(refused.json.result.content[0].text).toContain('4 may run at the same time');
    for (const answer of await Promise.all(slow)) expect(answer.json.result.isError).not.toBe(true);
    heal();
    const again = await callTool(stack(), second.token, 'get_me', {});
    expect(again.json.result.isError).not.toBe(true);
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND result_status = 'denied'", second.person.clientId);
    expect(row).toMatchObject({ error_code: 'too_many_concurrent_calls', tool_name: 'issue_read' });
  });
});

describe('a batch that is refused', () => {
  const outcome = (row: { tool_name: string | null; result_status: string; error_code: string | null }) =>
    `${row.tool_name} ${row.result_status} ${row.error_code}`;

  it('for a scope: every call of it has its row, and says why', async () => {
    const { token, person } = await tokenOf(stack(), { clientName: 'Batch' });
    const headers = await session(token);
    const unknown = call(4, 'no_such_tool');
    const body = JSON.stringify([
      call(2, 'get_me'),
      create(3),
      unknown,
      { jsonrpc: '2.0', id: 5, method: 'ping' },
      create(6),
    ]);
    const answer = await post(stack(), body, { headers });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('tools:execute:issues:write');
    expect(answer.json).toMatchObject({ id: 3, error: { data: { code: 'insufficient_scope' } } });
    const rows = await rowsOf(stack(), 4, "client_id = ? AND method = 'tools/call'", person.clientId);
    expect(rows.map(outcome).sort()).toEqual([
      'get_me error invalid_request',
      'issue_write denied insufficient_scope',
      'issue_write denied insufficient_scope',
      'no_such_tool error invalid_request',
    ]);
    expect(rows.find(({ tool_name }) => tool_name === 'get_me')?.error_message).toContain(
      'Another request of the batch',
    );
  });

  it('for a list above its limit: the calls that came with it are closed', async () => {
    const { token, person } = await tokenOf(stack(), { clientName: 'Batch of lists' });
    const headers = await session(token);
    const lists = Array.from({ length: 12 }, (_, i) => ({ jsonrpc: '2.0', id: 10 + i, method: 'ping' }));
    const answer = await post(stack(), JSON.stringify([call(2, 'get_me'), ...lists]), { headers });
    expect(answer.status).toBe(429);
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND method = 'tools/call'", person.clientId);
    expect(row).toMatchObject({ result_status: 'error', error_code: 'invalid_request' });
    expect(row?.error_message).toBe('Another request of the batch was refused.');
  });
});
