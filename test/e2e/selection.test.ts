/** Choosing tools by header, and the way to those that are not listed, with real clients in both eras. */
import { describe, expect, it } from 'vitest';
import { Person } from '../../src/cli/clients.ts';
import { LONG_THREAD } from '../../src/cli/github/seed-talk.ts';
import { ERAS } from '../support/eras.ts';
import { modernBody, modernHeaders, post, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({ LIMIT_TOOLS: 'list_label=2/60', LIMIT_CLIENT: '1000/1', LIMIT_USER: '1000/1' });

const place = { owner: 'acme', repo: 'web' };

/** A client's settings: headers that go with every request to the gate, and can be changed on the way. */
function withHeaders(headers: Record<string, string>): typeof fetch {
  return async (input, init) => {
    const all = new Headers(init?.headers);
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    return await fetch(input, { ...init, headers: all });
  };
}

const textOf = (result: { readonly content?: unknown }) => (result.content as { text: string }[])[0]?.text ?? '';
const dataOf = (result: { readonly content?: unknown }) => JSON.parse(textOf(result));

describe.each(ERAS)('a client of the $era era', ({ era, connect, call }) => {
  const person = new Person({ clientName: `Choosing ${era}` });
  const open = async (headers: Record<string, string> = {}) =>
    await connect(stack().mcpUrl, { person, fetch: withHeaders(headers) });
  const rowsNamed = async (count: number, tool: string) =>
    await rowsOf(stack(), count, "client_id = ? AND method = 'tools/call' AND tool_name = ?", person.clientId, tool);

  it('sees the default set, and what its headers choose', async () => {
    const headers: Record<string, string> = {};
    const { client, close } = await open(headers);
    const names = async () => (await client.listTools()).tools.map((tool) => tool.name);
    const usual = await names();
    expect(usual).toEqual(expect.arrayContaining(['get_me', 'issue_write', 'search_tools', 'call_write_tool']));
    expect(usual).not.toContain('list_gists');
    // A session answers by the headers of each request, too.
    headers['X-MCP-Toolsets'] = ' Gists';
    expect((await names()).sort()).toEqual(['create_gist', 'get_gist', 'list_gists', 'update_gist']);
    headers['X-MCP-Readonly'] = '1';
    headers['X-MCP-Exclude-Tools'] = 'get_gist';
    headers['X-MCP-Tools'] = 'get_me';
    expect((await names()).sort()).toEqual(['get_me', 'list_gists']);
    await close();
  });

  it('is told of names that mean nothing here, in the list and in the instructions', async () => {
    const { client, close } = await open({ 'X-MCP-Toolsets': 'isues,labels' });
    expect(client.getInstructions()).toContain('X-MCP-Toolsets: isues');
    const { tools, _meta } = await client.listTools();
    expect(tools.map((tool) => tool.name).sort()).toEqual(['get_label', 'label_write', 'list_label']);
    expect(_meta?.['gatehouse/unknown']).toEqual(['X-MCP-Toolsets: isues']);
    await close();
  });

  it('is refused what its headers take away, without being asked for a scope', async () => {
    const { client, close } = await open({ 'X-MCP-Readonly': 'true', 'X-MCP-Exclude-Tools': 'get_label' });
    const signIns = person.signIns.length;
    stack().github.reset();
    const write = { method: 'create', ...place, title: 'Not written' };
    const refused = [
      await call(client, 'issue_write', write),
      await call(client, 'call_write_tool', { name: 'issue_write', arguments: write }),
      await call(client, 'get_label', { ...place, name: 'bug' }),
      // Of another label: a refusal that repeats would share a row.
      await call(client, 'call_read_tool', { name: 'get_label', arguments: { ...place, name: 'docs' } }),
    ];
    expect(refused.map((result) => result.isError)).toEqual([true, true, true, true]);
    expect(refused.map((result) => /X-MCP-[\w-]+/.exec(textOf(result))?.[0])).toEqual([
      'X-MCP-Readonly',
      'X-MCP-Readonly',
      'X-MCP-Exclude-Tools',
      'X-MCP-Exclude-Tools',
    ]);
    expect(stack().github.requests).toEqual([]);
    expect(person.signIns).toHaveLength(signIns);
    await close();
    for (const [tool, count] of [
      ['issue_write', 1],
      ['call_write_tool', 1],
      ['get_label', 2],
    ] as const) {
      for (const row of await rowsNamed(count, tool)) {
        expect(row).toMatchObject({ result_status: 'denied', error_code: 'forbidden_by_policy' });
      }
    }
  });

  it('can call a tool that is not listed, by its name', async () => {
    const { client, close } = await open({ 'X-MCP-Toolsets': 'context' });
    const result = await call(client, 'list_branches', place);
    expect(result.isError, textOf(result)).not.toBe(true);
    expect(dataOf(result)).toEqual(result.structuredContent);
    await close();
  });

  it('finds a tool and calls it: the row is that of the inner call', async () => {
    const { client, close } = await open();
    await client.listTools();
    const found = dataOf(await call(client, 'search_tools', { query: 'stars of a repository' }));
    expect(found.tools.map((tool: { name: string }) => tool.name)).toContain('list_starred_repositories');
    const result = await call(client, 'call_read_tool', {
      name: 'list_starred_repositories',
      arguments: { perPage: 3 },
    });
    expect(result.isError).not.toBe(true);
    expect(result.structuredContent).toEqual(
      (await call(client, 'list_starred_repositories', { perPage: 3 })).structuredContent,
    );
    await close();
    const rows = await rowsNamed(2, 'list_starred_repositories');
    expect(rows.map((row) => [row.result_status, row.arguments])).toEqual([
      ['success', '{"perPage":3}'],
      ['success', '{"perPage":3}'],
    ]);
    await rowsNamed(1, 'search_tools');
    await rowsNamed(0, 'call_read_tool');
  });

  it('steps up to the scope of the inner tool, and the write happens', async () => {
    const connected = await open();
    const args = { name: 'star_repository', arguments: place };
    const result = await connected.run((client) => call(client, 'call_write_tool', args));
    expect(result.isError).not.toBe(true);
    expect(person.signIns.at(-1)?.asked).toContain('tools:execute:stargazers:write');
    expect(person.scopes).not.toContain('tools:execute');
    const listed = dataOf(await call(connected.client, 'list_starred_repositories', {}));
    expect(JSON.stringify(listed)).toContain('acme/web');
    await connected.run((client) => call(client, 'unstar_repository', place));
    await connected.close();
    const rows = await rowsNamed(2, 'star_repository');
    expect(rows.map((row) => [row.result_status, row.error_code, row.arguments])).toEqual([
      ['denied', 'insufficient_scope', '{"owner":"acme","repo":"web"}'],
      ['success', null, '{"owner":"acme","repo":"web"}'],
    ]);
  });

  it('is told why a call through a wrapper cannot be, and what to do', async () => {
    const { client, close } = await open();
    const wrong = [
      [{ name: 'issue_write', arguments: {} }, 'call_write_tool'],
      [{ name: 'no_such_tool' }, 'search_tools'],
      [{ name: 'call_read_tool', arguments: {} }, 'Name the tool itself'],
      [{ arguments: {} }, 'name is missing'],
      [{ name: 'get_me', more: 1 }, 'more is not an argument'],
    ] as const;
    for (const [args, said] of wrong) {
      const result = await call(client, 'call_read_tool', args);
      expect(result.isError).toBe(true);
      expect(textOf(result)).toContain(said);
    }
    await close();
    for (const row of await rowsNamed(wrong.length, 'call_read_tool')) {
      expect(row).toMatchObject({ result_status: 'error', error_code: 'invalid_arguments' });
    }
  });

  it('has the limit of the inner tool, whichever way it calls', async () => {
    const { client, close } = await open();
    const wrapped = { name: 'list_label', arguments: place };
    expect((await call(client, 'call_read_tool', wrapped)).isError).not.toBe(true);
    expect((await call(client, 'list_label', place)).isError).not.toBe(true);
    expect(textOf(await call(client, 'call_read_tool', wrapped))).toContain('rate_limited');
    await close();
    expect((await rowsNamed(3, 'list_label')).map((row) => row.error_code)).toEqual([null, null, 'rate_limited']);
  });

  it('gets progress of the inner tool, and can cancel it', async () => {
    const { client, close } = await open();
    const steps: number[] = [];
    const long = { ...place, issue_number: LONG_THREAD, method: 'get_comments' };
    const reading = { name: 'issue_read', arguments: long };
    await call(client, 'call_read_tool', reading, { onprogress: ({ progress }) => steps.push(progress) });
    expect(steps.length).toBeGreaterThanOrEqual(2);

    stack().github.reset();
    const heal = stack().github.inject({ path: /^\/repos\/acme\/web\/issues\/2(\?|$)/, hang: true });
    const controller = new AbortController();
    const hanging = { name: 'issue_read', arguments: { ...place, issue_number: 2, method: 'get' } };
    const cancelled = call(client, 'call_read_tool', hanging, { signal: controller.signal });
    const upstream = () => stack().github.requests.findLast(({ path }) => path.startsWith('/repos/acme/web/issues/2'));
    await expect.poll(() => upstream() !== undefined, { timeout: 5000 }).toBe(true);
    controller.abort();
    await expect(cancelled).rejects.toThrow();
    await expect.poll(() => upstream()?.aborted, { timeout: 5000 }).toBe(true);
    heal();
    await close();
    const rows = await rowsNamed(2, 'issue_read');
    expect(rows.map((row) => row.result_status)).toEqual(['success', 'cancelled']);
  });
});

describe('requests that no client would send', () => {
  it('a header Mcp-Name that fits the inner call and not the body is refused as any other (SEP-2243)', async () => {
    const { token, person } = await tokenOf(stack(), { clientName: 'Misnaming' });
    const body = modernBody('tools/call', { name: 'call_read_tool', arguments: { name: 'get_me' } });
    const send = (name: string) => post(stack(), body, { headers: modernHeaders(token, 'tools/call', name) });
    expect((await send('get_me')).status).toBe(400);
    expect((await send('call_read_tool')).status).toBe(200);
    const rows = await rowsOf(stack(), 2, "client_id = ? AND method = 'tools/call'", person.clientId);
    expect(rows.map((row) => [row.tool_name, row.error_code])).toEqual([
      ['call_read_tool', 'invalid_request'],
      ['get_me', null],
    ]);
  });

  it('headers that are long, strange or empty are answered like any other', async () => {
    const { token } = await tokenOf(stack(), { clientName: 'Strange' });
    const values = [
      '',
      ',,,',
      'constructor,__proto__',
      '"issues"',
      'x'.repeat(8000),
      Array(1500).fill('nope').join(','),
    ];
    for (const value of values) {
      for (const header of ['X-MCP-Toolsets', 'X-MCP-Tools', 'X-MCP-Exclude-Tools', 'X-MCP-Readonly']) {
        const headers = { ...modernHeaders(token, 'tools/list'), [header]: value };
        const answer = await post(stack(), modernBody('tools/list'), { headers });
        expect(answer.status, `${header}: ${value.slice(0, 20)}`).toBe(200);
        expect(Array.isArray(answer.json.result.tools)).toBe(true);
      }
    }
  });
});
