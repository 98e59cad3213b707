/** What the settings forbid to everybody, in both eras: writing, toolsets, words of outsiders; and the public scope. */
import { describe, expect, it } from 'vitest';
import { Person } from '../../src/cli/clients.ts';
import { ERAS } from '../support/eras.ts';
import { modernBody, modernHeaders, post, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({
  READ_ONLY: 'true',
  TOOLSETS: 'context,issues',
  LOCKDOWN: 'true',
  LIMIT_CLIENT: '1000/1',
  LIMIT_USER: '1000/1',
});
const web = { owner: 'acme', repo: 'web' };
const textOf = (result: { content?: unknown }) => JSON.stringify(result.content);

describe.each(ERAS)('in the $era era', ({ era, connect, call }) => {
  it('a client sees and may use what the policy leaves', async () => {
    const person = new Person({ clientName: `Policy ${era}` });
    const { client, close } = await connect(stack().mcpUrl, { person });
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toContain('issue_read');
    expect(names.filter((name) => /write|list_commits|gist/.test(name))).toEqual([]);
    const refused = [
      await call(client, 'issue_write', { ...web, method: 'create', title: 'x' }),
      await call(client, 'get_file_contents', web),
    ];
    for (const result of refused) expect(textOf(result)).toContain('Error forbidden_by_policy');
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['triage_issue', 'fix_issue']);
    const file = client.readResource({ uri: 'github://acme/web/HEAD/contents/README.md' });
    await expect(file).rejects.toThrow('not allowed here');
    const found = await rowsOf(stack(), 3, "client_id = ? AND error_code = 'forbidden_by_policy'", person.clientId);
    expect(found.every(({ result_status }) => result_status === 'denied')).toBe(true);
    await close();
  });

  it('says in all three places how much lockdown left out', async () => {
    const person = new Person({ clientName: `Lockdown ${era}` });
    const { client, close } = await connect(stack().mcpUrl, { person });
    const result = (await call(client, 'list_issues', { ...web, state: 'OPEN' })) as Awaited<
      ReturnType<typeof call>
    > & {
      readonly _meta?: Record<string, unknown>;
    };
    const { issues, left_out } = result.structuredContent as { issues: { user?: string }[]; left_out: number };
    expect(left_out).toBeGreaterThan(0);
    expect(issues.every(({ user }) => user === 'octocat')).toBe(true);
    expect(textOf(result)).toContain(`left_out: ${left_out}.`);
    expect(result._meta?.['gatehouse/left_out']).toBe(left_out);
    await close();
  });
});

it('reading beyond what is public is answered by 403 and a challenge, in both eras, with a row', async () => {
  const choose = () => ['resources:read:public'];
  const { token, person } = await tokenOf(stack(), { clientName: 'Public only', choose });
  const params = { uri: 'github://octocat/private-notes/issues/1' };
  const headers = modernHeaders(token, 'resources/read', params.uri);
  const modern = await post(stack(), modernBody('resources/read', params), { headers });
  const base = {
    authorization: headers.authorization as string,
    'content-type': 'application/json',
    accept: headers.accept as string,
  };
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  const begun = await post(stack(), JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello }), {
    headers: base,
  });
  const session = await post(stack(), JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'resources/read', params }), {
    headers: {
      ...base,
      'mcp-session-id': begun.headers.get('mcp-session-id') ?? '',
      'mcp-protocol-version': '2025-11-25',
    },
  });
  for (const answer of [modern, session]) {
    expect(answer.status, answer.text).toBe(403);
    expect(answer.headers.get('www-authenticate')).toMatch(
      /error="insufficient_scope".*scope="[^"]*\bresources:read\b[^:]/,
    );
    expect(answer.json.error.data).toMatchObject({ code: 'insufficient_scope', details: { scope: 'resources:read' } });
  }
  const rows = await rowsOf(stack(), 2, "client_id = ? AND method = 'resources/read'", person.clientId);
  expect(rows.map(({ result_status }) => result_status)).toEqual(['denied', 'denied']);
});
