/** Exact limits, one row for each call, and clients that leave in the middle. */
import { describe, expect, it } from 'vitest';
import { callTool, modernBody, modernHeaders, post, read, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

describe('the default limit', () => {
  const stack = useStack();

  it('counts what is refused for want of a scope too, so that a client that asks on and on fills no log', async () => {
    const { token, person } = await tokenOf(stack(), { login: 'hubot' });
    const write = { method: 'create', owner: 'acme', repo: 'web', title: 'x' };
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) statuses.push((await callTool(stack(), token, 'issue_write', write)).status);
    expect(new Set(statuses)).toEqual(new Set([403]));
    const last = await callTool(stack(), token, 'issue_write', write);
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last.json.error.data).toMatchObject({ code: 'rate_limited' });
    // The others of each kind are gathered for a minute: then they are one row with their number.
    await rowsOf(stack(), 2, "client_id = ? AND tool_name = 'issue_write'", person.clientId);
  });

  it('admits exactly 100 of 500 parallel calls of one client, and says truly when the next may come', async () => {
    const { token, person } = await tokenOf(stack());
    const answers = await Promise.all(Array.from({ length: 500 }, () => callTool(stack(), token, 'get_me', {})));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    const refused = answers.filter((answer) => answer.json.result.isError === true);
    expect(answers.length - refused.length).toBe(100);
    for (const answer of refused) {
      const error = answer.json.result._meta['gatehouse/error'];
      expect(error).toMatchObject({ code: 'rate_limited', retryable: true });
      expect(error.retry_after_seconds).toBeGreaterThan(0);
      expect(error.retry_after_seconds).toBeLessThanOrEqual(60);
      expect(answer.json.result.content[0].text).toContain(`retry_after_seconds: ${error.retry_after_seconds}`);
    }
    const rows = await rowsOf(stack(), 101, "client_id = ? AND method = 'tools/call'", person.clientId);
    expect(rows.filter((row) => row.result_status === 'success')).toHaveLength(100);
    expect(rows.filter((row) => row.error_code === 'rate_limited' && row.result_status === 'denied')).toHaveLength(1);
  });

  it('lets another client of the same person do its own 100, and no more than 200 in all', async () => {
    const { token } = await tokenOf(stack(), { clientName: 'Second' });
    const second = await Promise.all(Array.from({ length: 101 }, () => callTool(stack(), token, 'get_me', {})));
    expect(second.filter((answer) => answer.json.result.isError !== true)).toHaveLength(100);
    const { token: third } = await tokenOf(stack(), { clientName: 'Third' });
    const answer = await callTool(stack(), third, 'get_me', {});
    expect(answer.json.result._meta['gatehouse/error'].message).toContain('per user');
  });
});

describe('the limit of a tenant', () => {
  const stack = useStack({ LIMIT_TENANT: '20/60' });

  it('holds over all people together, and says when to try again', async () => {
    const people = await Promise.all(
      ['octocat', 'hubot'].map((login) => tokenOf(stack(), { login, clientName: `Tenant ${login}` })),
    );
    const calls = Array.from({ length: 60 }, (_, i) => callTool(stack(), people[i % 2]?.token ?? '', 'get_me', {}));
    const answers = await Promise.all(calls);
    const refused = answers.filter(({ json }) => json.result.isError === true);
    expect(answers.length - refused.length).toBeLessThanOrEqual(20);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(10);
    for (const { json } of refused) {
      const error = json.result._meta['gatehouse/error'];
      expect(error.code).toBe('rate_limited');
      expect(error.message).toContain('for all people of this tenant');
      expect(error.retry_after_seconds).toBeGreaterThan(0);
    }
    // Lists are not calls.
    const { token = '' } = people[0] ?? {};
    const list = await post(stack(), modernBody('tools/list'), { headers: modernHeaders(token, 'tools/list') });
    expect(list.status).toBe(200);
    // One for the refusals of each person: those that repeat share a row.
    const rows = await rowsOf(stack(), answers.length - refused.length + 2, "method = 'tools/call'");
    expect(rows.filter(({ error_code }) => error_code === 'rate_limited')).toHaveLength(2);
  });
});

describe('a configured limit', () => {
  const stack = useStack({
    LIMIT_CLIENT: '10000/1',
    LIMIT_USER: '10000/1',
    LIMIT_TOOLS: 'search_issues=2/2',
    LIMIT_WRITE: '10000/1',
    LIMIT_OTHER: '8/60',
  });

  it('holds for its tool alone, and a retry after the time it names is let through', async () => {
    const { token } = await tokenOf(stack());
    const search = () => callTool(stack(), token, 'search_issues', { query: 'repo:acme/web is:issue' });
    expect((await search()).json.result.isError).toBeUndefined();
    expect((await search()).json.result.isError).toBeUndefined();
    const refused = (await search()).json.result._meta['gatehouse/error'];
    expect(refused).toMatchObject({ code: 'rate_limited' });
    expect((await callTool(stack(), token, 'get_me', {})).json.result.isError).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, refused.retry_after_seconds * 1000));
    expect((await search()).json.result.isError).toBeUndefined();
  });

  it('makes 300 rows of 300 calls, with the right statuses, within five seconds of the last', async () => {
    const { token, person } = await tokenOf(stack(), { clientName: 'Counted' });
    const heal = stack().github.inject({
      path: /^\/repos\/acme\/web\/issues\/5(\?|$)/,
      status: 500,
      body: { message: 'x' },
    });
    const kinds = [
      () => callTool(stack(), token, 'get_me', {}),
      () => callTool(stack(), token, 'no_such_tool', {}),
      () => callTool(stack(), token, 'issue_read', { owner: 'acme', repo: 'web', issue_number: 'x', method: 'get' }),
      () => callTool(stack(), token, 'issue_read', { owner: 'acme', repo: 'web', issue_number: 5, method: 'get' }),
      // Not twice the same: refusals that repeat share a row.
      (title: string) =>
        callTool(stack(), token, 'issue_write', { method: 'create', owner: 'acme', repo: 'web', title }),
      () => callTool(stack(), token, 'get_file_contents', { owner: 'acme', repo: 'web', path: 'README.md' }),
    ];
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 30 }, (_, i) => kinds[i % kinds.length]?.(`${round} ${i}`)));
    }
    heal();
    const rows = await rowsOf(stack(), 300, "client_id = ? AND method = 'tools/call'", person.clientId);
    const count = (status: string, code: string | null) =>
      rows.filter((row) => row.result_status === status && row.error_code === code).length;
    expect({
      success: count('success', null),
      unknown: count('error', 'unknown_tool'),
      bad: count('error', 'invalid_arguments'),
      upstream: count('error', 'upstream_unavailable'),
      denied: count('denied', 'insufficient_scope'),
    }).toEqual({ success: 100, unknown: 50, bad: 50, upstream: 50, denied: 50 });
  });

  it('counts lists against a limit of their own, and makes no row of them', async () => {
    const { token, person } = await tokenOf(stack(), { clientName: 'Lister' });
    const list = () => post(stack(), modernBody('tools/list'), { headers: modernHeaders(token, 'tools/list') });
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push((await list()).status);
    expect(statuses.at(-1)).toBe(429);
    const last = await list();
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last.json.error.data).toMatchObject({ code: 'rate_limited' });
    expect((await callTool(stack(), token, 'get_me', {})).json.result.isError).toBeUndefined();
    await rowsOf(stack(), 1, "client_id = ? AND method NOT LIKE 'auth/%'", person.clientId);
  });

  it('leaves one row, and no upstream request, of a client that hangs up in the middle', async () => {
    const { token, person } = await tokenOf(stack(), { clientName: 'Leaver' });
    stack().github.reset();
    const heal = stack().github.inject({ path: /^\/user(\?|$)/, hang: true });
    const controller = new AbortController();
    const gone = callTool(stack(), token, 'get_me', {}, { signal: controller.signal });
    const upstream = () => stack().github.requests.find((request) => request.path.startsWith('/user'));
    await expect.poll(() => upstream() !== undefined, { timeout: 5000 }).toBe(true);
    controller.abort();
    await expect(gone).rejects.toThrow();
    await expect.poll(() => upstream()?.aborted, { timeout: 5000 }).toBe(true);
    heal();
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'get_me'", person.clientId);
    expect(row).toMatchObject({ result_status: 'cancelled', error_code: 'cancelled' });
  });

  it('finishes the call of a session whose client lost its connection, and keeps the answer for it', async () => {
    const { token, person } = await tokenOf(stack(), { clientName: 'Loser' });
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    };
    const clientInfo = { name: 'raw', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const begun = await post(stack(), JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }), {
      headers,
    });
    const session = { ...headers, 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' };
    const heal = stack().github.inject({ path: /^\/user(\?|$)/, delayMs: 600 });
    const controller = new AbortController();
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'get_me', arguments: {} } };
    const response = await fetch(stack().mcpUrl, {
      method: 'POST',
      body: JSON.stringify(call),
      headers: session,
      signal: controller.signal,
    });
    const reader = response.body?.getReader();
    const primed = new TextDecoder().decode((await reader?.read())?.value);
    controller.abort();
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'get_me'", person.clientId);
    expect(row).toMatchObject({ result_status: 'success' });
    const lastId = /^id: (\d+)$/m.exec(primed)?.[1] ?? '';
    const rest = await read(
      await fetch(stack().mcpUrl, { headers: { ...session, accept: 'text/event-stream', 'last-event-id': lastId } }),
    );
    expect(rest.json).toMatchObject({ id: 2, result: { structuredContent: { login: 'octocat' } } });
    heal();
  });
});
