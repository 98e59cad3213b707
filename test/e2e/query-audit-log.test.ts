/** The tool query_audit_log with real clients in both eras: for administrators, with the scope audit:read, of the own tenant. */
import { describe, expect, it } from 'vitest';
import { Person } from '../../src/cli/clients.ts';
import { ERAS } from '../support/eras.ts';
import { chained, recordAt, writeLog } from '../support/log-rows.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({ ADMINS: 'octocat', LIMIT_SEARCH: '1000/1' });

const textOf = (result: { readonly content?: unknown }) => (result.content as { text: string }[])[0]?.text ?? '';
const dataOf = (result: { readonly content?: unknown }) => JSON.parse(textOf(result));
const all: typeof fetch = async (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('X-MCP-Toolsets', 'default,audit');
  return await fetch(input, { ...init, headers });
};

describe.each(ERAS)('in the $era era', ({ era, connect, call }) => {
  it('an administrator is asked for the scope, then finds rows and counts them, of their tenant only', async () => {
    await writeLog(
      stack().query,
      chained([recordAt(Date.now(), { tenant_id: 'rival', user_login: 'rival-user' })], `rival-${era}`),
    );
    const person = new Person({ clientName: `Auditor ${era}` });
    const connected = await connect(stack().mcpUrl, { person, fetch: all });
    const names = (await connected.client.listTools()).tools.map((tool) => tool.name);
    expect(names).toContain('query_audit_log');
    await call(connected.client, 'get_me', {});
    await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'get_me'", person.clientId);
    const own = { client: person.clientId };
    const found = await connected.run((client) => call(client, 'query_audit_log', { ...own, tool: 'get_me' }));
    expect(found.isError, textOf(found)).not.toBe(true);
    expect(person.signIns.at(-1)?.asked).toContain('audit:read');
    expect(dataOf(found)).toEqual(found.structuredContent);
    expect(dataOf(found).rows).toMatchObject([
      { user: 'octocat', tool: 'get_me', status: 'success', client: `Auditor ${era}` },
    ]);

    const counted = dataOf(await call(connected.client, 'query_audit_log', { ...own, count_by: 'method' }));
    expect(counted.counts).toEqual(expect.arrayContaining([expect.objectContaining({ value: 'auth/sign_in' })]));
    const until = { ...own, to: new Date().toISOString(), perPage: 1 };
    const first = dataOf(await call(connected.client, 'query_audit_log', until));
    const second = dataOf(await call(connected.client, 'query_audit_log', { ...until, after: first.next_cursor }));
    expect([first.rows.length, second.rows.length, first.truncated]).toEqual([1, 1, true]);
    expect(second.rows[0].id < first.rows[0].id).toBe(true);
    const rival = dataOf(await call(connected.client, 'query_audit_log', { user: 'rival-user' }));
    expect(rival.rows).toEqual([]);
    await connected.close();
    const rows = await rowsOf(stack(), 6, "client_id = ? AND tool_name = 'query_audit_log'", person.clientId);
    expect(rows.map((row) => row.result_status).sort()).toEqual(['denied', ...Array(5).fill('success')]);
  });

  it('nobody else sees it, finds it, may call it, or is asked for the scope', async () => {
    const person = new Person({ clientName: `Curious ${era}`, login: 'hubot' });
    const { client, close } = await connect(stack().mcpUrl, { person, fetch: all });
    const signIns = person.signIns.length;
    expect((await client.listTools()).tools.map((tool) => tool.name)).not.toContain('query_audit_log');
    expect(textOf(await call(client, 'search_tools', { query: 'audit log' }))).not.toContain('query_audit_log');
    for (const tool of ['query_audit_log', 'call_read_tool']) {
      const args = tool === 'query_audit_log' ? {} : { name: 'query_audit_log', arguments: {} };
      const result = await call(client, tool, args);
      expect(result.isError).toBe(true);
      expect(textOf(result)).toContain('forbidden_by_policy');
    }
    expect(person.signIns).toHaveLength(signIns);
    await close();
    // The second within a minute joins a row that is sent when that is over.
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'query_audit_log'", person.clientId);
    expect(row).toMatchObject({ result_status: 'denied', error_code: 'forbidden_by_policy' });
  });
});
