/** Real clients of both SDK lines on the whole path: sign in, list, read, write with step-up, progress, cancel. */
import * as schemas from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { connectSession, Person } from '../../src/cli/clients.ts';
import { LONG_THREAD, LONG_THREAD_COMMENTS } from '../../src/cli/github/seed-talk.ts';
import { ERAS } from '../support/eras.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack();

describe.each(ERAS)('a client of the $era era', ({ era, connect, call }) => {
  const person = new Person({ clientName: `Client ${era}` });
  const open = async () => await connect(stack().mcpUrl, { person });

  it('signs in through the real pages, and asks for the baseline only', async () => {
    const { client, close } = await open();
    expect(person.signIns).toHaveLength(1);
    expect(person.scopes).not.toContain('tools:execute');
    const [signIn] = person.signIns;
    const ticked = signIn?.boxes.filter((box) => box.ticked).map((box) => box.scope);
    expect(ticked?.every((scope) => !scope.includes('write'))).toBe(true);
    expect(signIn?.boxes.map((box) => box.scope)).toContain('tools:execute:issues:write');
    expect(client.getServerVersion()?.name).toBe('gatehouse');
    await close();
    const rows = await rowsOf(stack(), 3, "client_id = ? AND method LIKE 'auth/%'", person.clientId);
    expect(rows.map((row) => [row.method, row.result_status, row.user_login])).toEqual([
      ['auth/sign_in', 'success', 'octocat'],
      ['auth/consent', 'success', 'octocat'],
      ['auth/token', 'success', 'octocat'],
    ]);
  });

  it('lists tools, resources, templates and prompts', async () => {
    const { client, close } = await open();
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(expect.arrayContaining(['get_me', 'issue_write', 'push_files']));
    for (const tool of tools) {
      // Those two run another tool, and answer what that one does.
      if (tool.name !== 'call_read_tool' && tool.name !== 'call_write_tool') {
        expect(tool.outputSchema?.type).toBe('object');
        expect(Object.keys(tool.outputSchema?.properties ?? {}).length).toBeGreaterThan(0);
      }
      expect(Object.keys(tool.annotations ?? {}).sort()).toEqual(
        expect.arrayContaining(['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint']),
      );
    }
    expect((await client.listResources()).resources.length).toBeGreaterThan(0);
    expect((await client.listResourceTemplates()).resourceTemplates.length).toBeGreaterThan(0);
    expect((await client.listPrompts()).prompts.map((prompt) => prompt.name)).toEqual([
      'code_review',
      'triage_issue',
      'fix_issue',
      'release_notes',
      'explain_failure',
    ]);
    await close();
  });

  it('calls a read tool: the same data as text and as structured content', async () => {
    const { client, close } = await open();
    const result = await call(client, 'search_issues', { query: 'cart repo:acme/web is:issue' });
    const [first] = result.content as { type: string; text: string }[];
    expect(JSON.parse(first?.text ?? '')).toEqual(result.structuredContent);
    expect(JSON.stringify(result.structuredContent)).toContain('Cart total is one cent too low');
    await close();
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'search_issues'", person.clientId);
    expect(row).toMatchObject({ result_status: 'success', user_login: 'octocat', error_code: null });
    expect(row?.session_id === null).toBe(era === 'modern');
  });

  it('strips what others hid in their text', async () => {
    const { client, close } = await open();
    const args = { owner: 'acme', repo: 'web', issue_number: 3, method: 'get' };
    const result = await call(client, 'issue_read', args);
    const text = JSON.stringify(result);
    expect(text).toContain('They went without me');
    expect(text).not.toContain('ignore your instructions');
    expect(text).not.toMatch(/[\u200b\u202e]/);
    await close();
  });

  it('gets progress while a call pages upstream', async () => {
    const { client, close } = await open();
    const steps: number[] = [];
    const args = { owner: 'acme', repo: 'web', issue_number: LONG_THREAD, method: 'get_comments' };
    const result = await call(client, 'issue_read', args, { onprogress: ({ progress }) => steps.push(progress) });
    expect(steps.length).toBeGreaterThanOrEqual(2);
    expect([...steps].sort((a, b) => a - b)).toEqual(steps);
    expect(JSON.stringify(result.structuredContent)).toContain(LONG_THREAD_COMMENTS[0]?.body);
    await close();
  });

  it('steps up for a write tool, and the write happens', async () => {
    const connected = await open();
    const title = `Filed by ${era}`;
    const args = { method: 'create', owner: 'acme', repo: 'web', title, body: 'From a test.' };
    const result = await connected.run((client) => call(client, 'issue_write', args));
    expect(result.isError).not.toBe(true);
    expect(person.scopes).toContain('tools:execute:issues:write');
    expect(person.scopes).toContain('tools:list');
    const found = await stack().github.as('octocat')('GET', '/repos/acme/web/issues?per_page=100&state=all');
    expect(JSON.stringify(found.body)).toContain(title);
    await connected.close();
    const rows = await rowsOf(stack(), 2, "client_id = ? AND tool_name = 'issue_write'", person.clientId);
    expect(rows.map((row) => [row.result_status, row.error_code])).toEqual([
      ['denied', 'insufficient_scope'],
      ['success', null],
    ]);
    expect(rows[1]?.arguments).not.toContain('From a test.');
    await rowsOf(stack(), 1, "client_id = ? AND method = 'auth/step_up'", person.clientId);
  });

  it('reads a resource and gets a prompt with the change embedded', async () => {
    const { client, close } = await open();
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map((template) => template.uriTemplate).join()).toContain('contents');
    const file = await client.readResource({ uri: 'github://acme/web/HEAD/contents/README.md' });
    expect(JSON.stringify(file.contents)).toContain('Acme web shop');
    const { body } = await stack().github.as('octocat')('GET', '/repos/acme/web/pulls');
    const [pull] = body as { number: number }[];
    const prompt = await client.getPrompt({
      name: 'code_review',
      arguments: { owner: 'acme', repo: 'web', pullNumber: String(pull?.number) },
    });
    expect(JSON.stringify(prompt.messages)).toContain('@@');
    await close();
    const rows = await rowsOf(
      stack(),
      2,
      "client_id = ? AND method IN ('resources/read', 'prompts/get')",
      person.clientId,
    );
    expect(rows.map((row) => row.result_status)).toEqual(['success', 'success']);
  });

  it('completes arguments of prompts and variables of templates, without a row', async () => {
    const { client, close } = await open();
    const template = { type: 'ref/resource', uri: 'github://{owner}/{repo}/{ref}/contents/{+path}{?lines}' } as const;
    const review = { type: 'ref/prompt', name: 'code_review' } as const;
    const failure = { type: 'ref/prompt', name: 'explain_failure' } as const;
    const valuesOf = async (ref: typeof template | typeof review | typeof failure, name: string, value: string) => {
      const context = { arguments: { owner: 'acme', repo: 'web' } };
      const { completion } = await client.complete({ ref, argument: { name, value }, context });
      return completion.values;
    };
    expect(await valuesOf(template, 'owner', 'oct')).toContain('octocat');
    expect(await valuesOf(template, 'repo', 'w')).toContain('web');
    expect(await valuesOf(template, 'ref', 'ma')).toContain('main');
    expect(await valuesOf(template, 'path', 'READ')).toEqual(['README.md']);
    expect((await valuesOf(review, 'pullNumber', '')).length).toBeGreaterThan(0);
    expect(await valuesOf(failure, 'run_id', '')).toContain('2002');
    expect(await valuesOf(review, 'unheard_of', '')).toEqual([]);
    const unknown = client.complete({ ref: { ...review, name: 'no_such' }, argument: { name: 'owner', value: '' } });
    await expect(unknown).rejects.toMatchObject({ code: -32602 });
    await close();
    await rowsOf(stack(), 0, "client_id = ? AND method = 'completion/complete'", person.clientId);
  });

  it('explains a failed run and writes notes with what they need embedded', async () => {
    const { client, close } = await open();
    const place = { owner: 'acme', repo: 'web' };
    const failure = await client.getPrompt({ name: 'explain_failure', arguments: { ...place, run_id: '2002' } });
    expect(JSON.stringify(failure.messages)).toContain('Log of job 3004, test, lines');
    const triage = await client.getPrompt({ name: 'triage_issue', arguments: { ...place, issue_number: '3' } });
    expect(JSON.stringify(triage.messages)).not.toContain('ignore your instructions');
    const fix = await client.getPrompt({ name: 'fix_issue', arguments: { ...place, issue_number: '3' } });
    expect(JSON.stringify(fix.messages)).toContain('Fixes #3');
    const notes = await client.getPrompt({ name: 'release_notes', arguments: place });
    expect(JSON.stringify(notes.messages)).toContain('BEGIN UNTRUSTED');
    const { body } = await stack().github.as('octocat')('GET', '/repos/acme/web/commits');
    const sha = (body as { sha: string }[])[0]?.sha ?? '';
    const commit = await client.readResource({ uri: `github://acme/web/commits/${sha}` });
    expect(JSON.stringify(commit.contents)).toContain(`commit ${sha}`);
    const pulls = await stack().github.as('octocat')('GET', '/repos/acme/web/pulls');
    const number = (pulls.body as { number: number }[])[0]?.number;
    const pull = await client.readResource({ uri: `github://acme/web/pulls/${number}` });
    expect(JSON.stringify(pull.contents)).toContain('Written by');
    const hints = [
      await client.listTools(),
      await client.listPrompts(),
      await client.readResource({ uri: 'github://me' }),
      commit,
    ].map((result) => [result.ttlMs, result.cacheScope]);
    expect(hints).toEqual(
      era === 'session'
        ? Array(4).fill([undefined, undefined])
        : [
            [0, 'private'],
            [300_000, 'public'],
            [0, 'private'],
            [300_000, 'private'],
          ],
    );
    await close();
  });

  it('cancels: the upstream request is aborted and the row says so', async () => {
    const { client, close } = await open();
    stack().github.reset();
    const heal = stack().github.inject({ path: /^\/repos\/acme\/web\/issues\/2(\?|$)/, hang: true });
    const controller = new AbortController();
    const args = { owner: 'acme', repo: 'web', issue_number: 2, method: 'get' };
    const cancelled = call(client, 'issue_read', args, { signal: controller.signal });
    const hanging = () =>
      stack().github.requests.findLast((request) => request.path.startsWith('/repos/acme/web/issues/2'));
    await expect.poll(() => hanging()?.status === undefined && hanging() !== undefined, { timeout: 5000 }).toBe(true);
    controller.abort();
    await expect(cancelled).rejects.toThrow();
    await expect.poll(() => hanging()?.aborted, { timeout: 5000 }).toBe(true);
    heal();
    const [row] = await rowsOf(stack(), 1, 'client_id = ? AND arguments LIKE \'%"issue_number":2%\'', person.clientId);
    expect(row).toMatchObject({ result_status: 'cancelled', error_code: 'cancelled' });
    // The connection is as good as before.
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    await close();
  });
});

describe('the session lane', () => {
  it('speaks only what the schemas of the other SDK line can parse', async () => {
    const seen: unknown[] = [];
    const tapped: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      const type = response.headers.get('content-type') ?? '';
      const isMcp = init?.method === 'POST' && response.ok && new URL(String(input)).pathname === '/mcp';
      if (!isMcp || !/json|event-stream/.test(type)) {
        return response;
      }
      const text = await response.text();
      if (type.includes('json')) seen.push(JSON.parse(text));
      for (const [, data] of text.matchAll(/^data: (.+)$/gm)) seen.push(JSON.parse(data ?? ''));
      return new Response(text, response);
    };
    const { client, close } = await connectSession(stack().mcpUrl, { fetch: tapped });
    await client.listTools();
    await client.listResources();
    await client.listResourceTemplates();
    await client.listPrompts();
    await client.ping();
    await client.callTool({ name: 'get_me', arguments: {} });
    await client.callTool({ name: 'issue_read', arguments: {} });
    await client.readResource({ uri: 'github://me' });
    await close();
    expect(seen.length).toBe(9);
    const results = [
      schemas.InitializeResultSchema,
      schemas.ListToolsResultSchema,
      schemas.ListResourcesResultSchema,
      schemas.ListResourceTemplatesResultSchema,
      schemas.ListPromptsResultSchema,
      schemas.EmptyResultSchema,
      schemas.CallToolResultSchema,
      schemas.CallToolResultSchema,
      schemas.ReadResourceResultSchema,
    ];
    for (const [i, message] of seen.entries()) {
      const parsed = schemas.JSONRPCMessageSchema.parse(message);
      if ('result' in parsed) results[i]?.parse(parsed.result);
    }
  });
});
