/** The catalogue over standard input and output: real stdio clients of both SDK lines, and a log of one line a call. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOOLS, listTools } from '../../src/catalogue/selected.ts';
import { DEFAULT_SELECTION } from '../../src/catalogue/selection.ts';
import { type EmbeddedGitHub, startGitHub } from '../../src/cli/github/index.ts';
import { LONG_THREAD, LONG_THREAD_COMMENTS } from '../../src/cli/github/seed-talk.ts';
import { ROOT, runNode } from '../../src/cli/project.ts';
import { type Env, openLocal, scratchLog } from '../support/stdio.ts';

const TOKEN = 'gho_OfOctocatOnTheirOwnMachine0123456789';
const SCRIPT = join(ROOT, 'src/cli/stdio.ts');
const ISSUE = { owner: 'acme', repo: 'web', method: 'get' };

let github: EmbeddedGitHub;
let log: Awaited<ReturnType<typeof scratchLog>>;
let env: Env;

beforeAll(async () => {
  github = await startGitHub({ redirectUris: [], tokens: { [TOKEN]: 'octocat' } });
  log = await scratchLog();
  env = { GITHUB_TOKEN: TOKEN, GITHUB_URL: github.url, GITHUB_API_URL: github.url, DATA_DIR: log.dir };
});
afterAll(async () => {
  await github.stop();
  await log.remove();
});

/** How a tool's failure reaches a client. */
const failed = (code: string) => ({ isError: true, content: [{ text: expect.stringContaining(`Error ${code}: `) }] });

/** Out: how the calls of one client ended, in the order in which they began. */
async function endings(name: string) {
  const rows = (await log.rows()).filter((row) => row.client_name === name);
  return rows
    .sort((a, b) => (a.timestamp + a.id < b.timestamp + b.id ? -1 : 1))
    .map((row) => [row.method, row.tool_name, row.result_status, row.error_code]);
}

describe.each(['modern', 'session'] as const)('a %s client over stdio', (era) => {
  it('one line for each call, with nothing secret in it', async () => {
    const name = `Whole ${era}`;
    const { client, call, said, steps, close } = await openLocal(era, env, { throughNpm: true, name });
    const { tools } = await client.listTools();
    const gate = listTools({ ...DEFAULT_SELECTION, policy: { exclude: ADMIN_TOOLS } }).tools;
    expect(tools.map((tool) => tool.name)).toEqual(gate.map((tool) => tool.name));

    expect((await call('issue_read', { ...ISSUE, issue_number: 1 })).structuredContent).toMatchObject({
      issue: { number: 1 },
    });
    const title = `Filed over stdio, ${era}`;
    const write = { method: 'create', owner: 'acme', repo: 'web', title, body: 'Words of a person.' };
    expect((await call('issue_write', write)).isError).not.toBe(true);
    const issues = await github.as('octocat')('GET', '/repos/acme/web/issues?per_page=100&state=all');
    expect(JSON.stringify(issues.body)).toContain(title);

    const reading = { ...ISSUE, method: 'get_comments', issue_number: LONG_THREAD };
    const thread = await call('issue_read', reading, { onprogress: () => {} });
    expect(steps).toEqual([1, 2]);
    expect(JSON.stringify(thread.structuredContent)).toContain(LONG_THREAD_COMMENTS[0]?.body);

    const missing = await call('issue_read', { ...ISSUE, issue_number: 9999 });
    expect(missing).toMatchObject(failed('upstream_not_found'));
    await expect(call('no_such_tool', {})).rejects.toMatchObject({ code: -32602 });
    expect(await call('query_audit_log', {})).toMatchObject({ isError: true });

    const inner = await call('call_read_tool', { name: 'list_gists', arguments: {} });
    expect(inner.isError).not.toBe(true);
    const file = await client.readResource({ uri: 'github://acme/web/HEAD/contents/README.md' });
    expect(JSON.stringify(file.contents)).toContain('Acme web shop');
    const prompt = await client.getPrompt({
      name: 'fix_issue',
      arguments: { owner: 'acme', repo: 'web', issue_number: '1' },
    });
    expect(prompt.messages.length).toBeGreaterThan(0);
    // The SDK's own answer: no handler of ours sees it.
    await expect(client.readResource({ uri: 7 as never })).rejects.toThrow();
    await close();

    expect(await endings(name)).toEqual([
      ['tools/call', 'issue_read', 'success', null],
      ['tools/call', 'issue_write', 'success', null],
      ['tools/call', 'issue_read', 'success', null],
      ['tools/call', 'issue_read', 'error', 'upstream_not_found'],
      ['tools/call', 'no_such_tool', 'error', 'unknown_tool'],
      ['tools/call', 'query_audit_log', 'denied', 'forbidden_by_policy'],
      ['tools/call', 'list_gists', 'success', null],
      ['resources/read', null, 'success', null],
      ['prompts/get', null, 'success', null],
      ['resources/read', null, 'error', 'invalid_request'],
    ]);
    expect(said.text).toContain('Gatehouse: MCP over stdio, as octocat.');
    for (const text of [said.text, await log.text()]) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain('Words of a person.');
    }
    const [row] = await log.rows();
    expect(row).toMatchObject({
      tenant_id: 'local',
      user_login: 'octocat',
      client_id: 'stdio',
      server_id: 'localhost',
    });
    expect((await stat(join(log.dir, 'stdio-audit.ndjson'))).mode & 0o777).toBe(0o600);
  });

  it('cancels, and what is open when it goes away is cancelled too', async () => {
    const name = `Impatient ${era}`;
    const { call, client, close } = await openLocal(era, env, { name });
    github.reset();
    const heal = github.inject({ path: /^\/repos\/acme\/web\/issues\/2(\?|$)/, hang: true });
    const hanging = () => github.requests.filter(({ path }) => path.startsWith('/repos/acme/web/issues/2'));
    const controller = new AbortController();
    const cancelled = call('issue_read', { ...ISSUE, issue_number: 2 }, { signal: controller.signal });
    await expect.poll(() => hanging().length, { timeout: 5000 }).toBe(1);
    controller.abort();
    await expect(cancelled).rejects.toThrow();
    await expect.poll(() => hanging()[0]?.aborted, { timeout: 5000 }).toBe(true);
    expect((await client.listTools()).tools.length).toBeGreaterThan(0);
    const left = call('issue_read', { ...ISSUE, issue_number: 2 }).catch(() => undefined);
    await expect.poll(() => hanging().length, { timeout: 5000 }).toBe(2);
    await close();
    await left;
    heal();
    await expect
      .poll(() => endings(name), { timeout: 5000 })
      .toEqual([
        ['tools/call', 'issue_read', 'cancelled', 'cancelled'],
        ['tools/call', 'issue_read', 'cancelled', 'cancelled'],
      ]);
  });

  it('questions before what cannot be taken back', async () => {
    const name = `Asking ${era}`;
    const asking = await openLocal(era, env, { answer: true, name });
    const made = await asking.call('create_repository', { name: `made-over-stdio-${era}` });
    expect(made.isError).not.toBe(true);
    await asking.close();
    expect((await github.as('octocat')('GET', `/repos/octocat/made-over-stdio-${era}`)).status).toBe(200);
    const outcomes = (await endings(name)).map(([, , status]) => status);
    expect(outcomes).toEqual(era === 'modern' ? ['input_required', 'success'] : ['success']);

    const mute = await openLocal(era, env, { name: `Mute ${era}` });
    const refused = await mute.call('create_repository', { name: 'never' });
    expect(refused).toMatchObject(failed('confirmation_required'));
    expect(JSON.stringify(refused.content)).toContain('CONFIRM_OFF=create_repository');
    await mute.close();
    expect((await github.as('octocat')('GET', '/repos/octocat/never')).status).toBe(404);
  });
});

/** What is changed in the environment, the flags, and what is said. */
const REFUSED: [string, Env, string[], string][] = [
  ['no token', { GITHUB_TOKEN: '' }, [], 'GITHUB_TOKEN is missing'],
  ['a token that cannot be one', { GITHUB_TOKEN: 'gho_two words of it' }, [], 'GITHUB_TOKEN must be a token'],
  [
    'a token GitHub refuses',
    { GITHUB_TOKEN: 'gho_wrongwrongwrongwrongwrong0123456789' },
    [],
    'does not accept GITHUB_TOKEN',
  ],
  ['a log that cannot be written', { DATA_DIR: SCRIPT }, [], 'The log cannot be written'],
  ['a setting that breaks its rule', { READ_ONLY: 'perhaps' }, [], 'READ_ONLY must be'],
  ['a toolset that does not exist', {}, ['--toolsets', 'issues,wiki'], 'there is no toolset wiki'],
];

describe('settings of a local server', () => {
  it('READ_ONLY and --read-only refuse what writes', async () => {
    const write = { method: 'create', owner: 'acme', repo: 'web', title: 'Never filed' };
    const whole = openLocal('modern', { ...env, READ_ONLY: 'true' });
    const issuesOnly = openLocal('session', env, { flags: ['--read-only', '--toolsets', 'issues'] });
    for (const { client, call, close } of await Promise.all([whole, issuesOnly])) {
      const names = (await client.listTools()).tools.map((tool) => tool.name);
      expect(names).toContain('issue_read');
      expect(names).not.toContain('issue_write');
      expect(names.includes('get_file_contents')).toBe(client === (await whole).client);
      expect(await call('issue_write', write)).toMatchObject(failed('forbidden_by_policy'));
      await close();
    }
    const issues = await github.as('octocat')('GET', '/repos/acme/web/issues?per_page=100&state=all');
    expect(JSON.stringify(issues.body)).not.toContain('Never filed');
  });

  it.concurrent.each(REFUSED)('%s ends it with a sentence', async (_what, changed, flags, sentence) => {
    const { status, stdout, stderr } = await runNode(SCRIPT, flags, { env: { ...env, ...changed } });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
    if (changed.GITHUB_TOKEN) expect(stderr).not.toContain(changed.GITHUB_TOKEN);
  });

  it('what is logged on the way stands on standard error, not among the messages', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const leak = { title: 'A leak', body: `The key is ${secret}.` };
    const { body } = await github.as('octocat')('POST', '/repos/acme/web/issues', leak);
    const { call, said, close } = await openLocal('session', env, { name: 'Logged' });
    const read = await call('issue_read', { ...ISSUE, issue_number: (body as { number: number }).number });
    await close();
    expect(read.isError).not.toBe(true);
    expect(said.text).toContain('secrets_redacted');
    for (const text of [said.text, JSON.stringify(read), await log.text()]) expect(text).not.toContain(secret);
    expect((await log.rows()).find((row) => row.client_name === 'Logged')).toMatchObject({ redacted_count: 1 });
  });

  it('a client that goes away, and SIGTERM, end it', async () => {
    const gone = await runNode(SCRIPT, [], { env });
    expect([gone.status, gone.stdout]).toEqual([0, '']);
    const { client, pid } = await openLocal('session', env);
    const closed = new Promise<void>((resolve) => {
      client.onclose = resolve;
    });
    process.kill(pid() as number, 'SIGTERM');
    await closed;
  });
});
