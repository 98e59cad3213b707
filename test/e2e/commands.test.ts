/** The commands of the README as a person types them, on free ports, with nothing left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectModern, connectSession, MODERN_REVISION, Person } from '../../src/cli/clients.ts';
import { ROOT } from '../../src/cli/project.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gatehouse-commands-'));
});
afterAll(async () => await rm(scratch, { recursive: true, force: true }));

/** `npm run` as a process group of its own: like a terminal, a signal reaches npm and what it runs. */
function npm(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn('npm', ['run', script, ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', DATA_DIR: join(scratch, script), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      said.text += part;
    });
  }
  return { said, ended: once(child, 'close'), stop: () => process.kill(-(child.pid as number), 'SIGINT') };
}

it('npm run demo walks the whole path in both eras, and every step holds', async () => {
  const { said, ended } = npm('demo', []);
  expect(await ended, said.text).toEqual([0, null]);
  expect(said.text).toMatch(/All \d+ steps held/);
  expect(said.text).not.toContain('✘');
  for (const row of ['auth/sign_in', 'issue_write', 'resources/read', 'prompts/get']) expect(said.text).toContain(row);
});

it('npm run deploy -- --dry-run checks all that needs no account', async () => {
  const env = { CLOUDFLARE_API_TOKEN: '', CLOUDFLARE_ACCOUNT_ID: '' };
  const { said, ended } = npm('deploy', ['--', '--dry-run'], env);
  expect(await ended, said.text).toEqual([0, null]);
  expect(said.text).toContain('migrations');
  expect(said.text).not.toContain('✘');
});

/** Calls a tool in the modern era with a token. Out: the request id of the answer. */
async function requestIdOf(mcpUrl: string, accessToken: string, name: string, args: object): Promise<string> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN_REVISION,
    'io.modelcontextprotocol/clientInfo': { name: 'by hand', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const answer = await fetch(mcpUrl, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': MODERN_REVISION,
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args, _meta } }),
  });
  await answer.text();
  return answer.headers.get('x-request-id') ?? 'none';
}

/** A line for each call says what became of it and how to find its row, in both eras. */
async function expectCallLines(url: string, said: { readonly text: string }): Promise<void> {
  const person = new Person({ clientName: 'Liner' });
  const modern = await connectModern(url, { person });
  const issue = { owner: 'acme', repo: 'web', method: 'get' };
  const call = (name: string, args: object) => requestIdOf(url, person.accessToken ?? '', name, args);
  const ids = {
    good: await call('get_me', {}),
    missing: await call('issue_read', { ...issue, issue_number: 99_999 }),
    refused: await call('add_issue_comment', { owner: 'acme', repo: 'web', issue_number: 4, body: 'Hello' }),
  };
  await modern.close();
  const session = await connectSession(url, { person });
  await session.client.callTool({ name: 'get_file_contents', arguments: { owner: 'acme', repo: 'web', path: 'none' } });
  await session.close();
  for (const line of [
    `✔ success        ${ids.good} tools/call get_me `,
    `✘ error          ${ids.missing} tools/call issue_read `,
    `✘ denied         ${ids.refused} tools/call add_issue_comment `,
  ]) {
    await expect.poll(() => said.text, { timeout: 8000, interval: 100 }).toContain(line);
  }
  const linesOf = (what: string) => said.text.split('\n').filter((line) => line.includes(what));
  expect(linesOf(ids.missing)).toEqual([expect.stringMatching(/octocat, Liner upstream_not_found: /)]);
  expect(linesOf(ids.refused)).toEqual([expect.stringContaining('insufficient_scope: This needs the scope')]);
  await expect.poll(() => linesOf('get_file_contents').join(), { timeout: 8000 }).toMatch(/✘ error {10}req_\w{16} /);
  expect(linesOf('auth/sign_in')[0]).toMatch(/✔ success {8}req_/);
}

it('npm start runs until it is stopped, says what to do next, and answers', async () => {
  const { said, ended, stop } = npm('start', [], { PORT: '0', GITHUB_PORT: '0', ADMINS: 'eve' });
  try {
    await expect.poll(() => said.text, { timeout: 60_000, interval: 100 }).toContain('Ctrl+C stops everything.');
    const url = /MCP URL: (http:\S+)/.exec(said.text)?.[1] ?? '';
    expect((await fetch(url, { method: 'POST' })).status).toBe(401);
    expect(await (await fetch(new URL('/', url))).text()).toContain(url);
    for (const next of [
      `claude mcp add --transport http gatehouse ${url}`,
      'cursor://',
      'wrangler d1 execute',
      'tunnel',
      '/console',
      `PORT=${new URL(url).port} `,
      'Note: ADMINS names eve, and the embedded GitHub has only octocat, hubot, mallory.',
    ]) {
      expect(said.text).toContain(next);
    }
    expect(await readdir(join(scratch, 'start'))).not.toEqual([]);
    await expectCallLines(url, said);
    stop();
    // npm ends with the signal; what it ran has ended too, because the pipes are closed.
    expect(await ended, said.text).toEqual([null, 'SIGINT']);
    expect(said.text).toContain('Stopping.');
    await expect(fetch(url)).rejects.toThrow();
  } finally {
    try {
      stop();
    } catch {
      // Ended already.
    }
  }
});
