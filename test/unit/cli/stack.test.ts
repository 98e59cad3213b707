/** The local stack itself: the built Worker in workerd, what it keeps, and what it leaves behind. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWorker } from '../../../src/cli/bundle.ts';
import { connectModern, connectSession, Person } from '../../../src/cli/clients.ts';
import { listen } from '../../../src/cli/ports.ts';
import { ROOT } from '../../../src/cli/project.ts';
import { SignInError } from '../../../src/cli/sign-in.ts';
import type { Stack, StackOptions } from '../../../src/cli/stack.ts';
import { startStack, WORKER_NAME } from '../../../src/cli/stack.ts';

const SLOW = 30_000;
let scratch: string;
let bundleDir: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gatehouse-stack-test-'));
  bundleDir = join(scratch, 'bundle');
  await buildWorker(bundleDir);
}, SLOW);
afterAll(async () => await rm(scratch, { recursive: true, force: true }));

async function withStack(options: StackOptions, use: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await startStack({ bundleDir, ...options });
  try {
    await use(stack);
  } finally {
    await stack.stop();
  }
}

describe('local stack', () => {
  it(
    'answers on loopback, has its tables, and lets a shell query them while it runs',
    async () => {
      let kept = '';
      await withStack({}, async (stack) => {
        kept = stack.dataDir;
        expect((await fetch(`${stack.url}/healthz`)).status).toBe(200);
        expect((await fetch(stack.mcpUrl, { method: 'POST' })).status).toBe(401);
        const tables = await stack.query<{ name: string }>(
          'SELECT name FROM sqlite_master WHERE name = ?',
          'mcp_audit_log',
        );
        expect(tables).toEqual([{ name: 'mcp_audit_log' }]);
        const command = stack.sqlCommand("SELECT count(*) AS n FROM mcp_audit_log WHERE method = 'it''s'");
        const { stdout } = await promisify(execFile)('sh', ['-c', `${command} --json`], { cwd: ROOT });
        expect(JSON.parse(stdout)).toMatchObject([{ success: true, results: [{ n: 0 }] }]);
        expect(stack.logs.map((line) => JSON.parse(line.message).path)).toEqual(['/healthz', '/mcp']);
      });
      expect(existsSync(kept)).toBe(false);
    },
    SLOW,
  );

  it(
    'keeps key, rows and sign-ins over a restart, under the same port',
    async () => {
      const dataDir = join(scratch, 'kept');
      const person = new Person({ clientName: 'Restart' });
      let port = 0;
      let githubPort = 0;
      await withStack({ dataDir }, async (stack) => {
        port = Number(new URL(stack.url).port);
        githubPort = Number(new URL(stack.github.url).port);
        const { client, close } = await connectSession(stack.mcpUrl, { person });
        await client.callTool({ name: 'get_me', arguments: {} });
        await close();
        const rows = () => stack.query("SELECT 1 FROM mcp_audit_log WHERE tool_name = 'get_me'");
        await expect.poll(rows, { timeout: 5000 }).toHaveLength(1);
      });
      expect((await stat(join(dataDir, 'secret-key'))).mode & 0o777).toBe(0o600);
      expect((await stat(join(dataDir, 'embedded-github-tokens.json'))).mode & 0o777).toBe(0o600);
      await withStack({ dataDir, port, githubPort }, async (stack) => {
        expect(await stack.query("SELECT 1 FROM mcp_audit_log WHERE tool_name = 'get_me'")).toHaveLength(1);
        const { client, close } = await connectModern(stack.mcpUrl, { person });
        expect(await client.callTool({ name: 'get_me', arguments: {} })).toMatchObject({
          structuredContent: { login: 'octocat' },
        });
        expect(person.signIns).toHaveLength(1);
        await close();
      });
    },
    SLOW,
  );

  it(
    'tells the Worker at once when a caller leaves',
    async () => {
      await withStack({}, async (stack) => {
        const { client, close } = await connectModern(stack.mcpUrl);
        stack.github.reset();
        stack.github.inject({ path: /^\/user$/, hang: true });
        const leave = new AbortController();
        const call = client.callTool({ name: 'get_me', arguments: {} }, { signal: leave.signal });
        await expect.poll(() => stack.github.requests.length).toBe(1);
        leave.abort();
        await expect(call).rejects.toThrow();
        await expect.poll(() => stack.github.requests[0]?.aborted, { timeout: 2000 }).toBe(true);
        await close();
      });
    },
    SLOW,
  );

  it(
    'shows what only the runtime knows',
    async () => {
      await withStack({}, async (stack) => {
        expect(await stack.miniflare.listDurableObjectIds('GATE', WORKER_NAME)).toEqual([]);
        const { close } = await connectModern(stack.mcpUrl);
        expect((await stack.miniflare.listDurableObjectIds('GATE', WORKER_NAME)).length).toBeGreaterThan(0);
        await close();
      });
    },
    SLOW,
  );

  it(
    'walks sign-in as told: other scopes, a refusal, somebody who is not on the list',
    async () => {
      await withStack({}, async (stack) => {
        const few = new Person({ clientName: 'Few', choose: () => ['tools:list', 'tools:execute:context:read'] });
        await (await connectModern(stack.mcpUrl, { person: few })).close();
        expect([...few.scopes].sort()).toEqual(['tools:execute:context:read', 'tools:list']);
        expect(few.signIns[0]?.boxes.length).toBeGreaterThan(10);

        const denied = connectModern(stack.mcpUrl, { person: new Person({ decision: 'deny' }) });
        await expect(denied).rejects.toThrow('access_denied');
        const stranger = connectModern(stack.mcpUrl, { person: new Person({ login: 'mallory' }) });
        await expect(stranger).rejects.toThrow('access_denied');
        const nobody = connectModern(stack.mcpUrl, { person: new Person({ login: 'no-such-account' }) });
        await expect(nobody).rejects.toThrow(SignInError);
      });
    },
    SLOW,
  );

  it(
    'says in one line what a person can mend, and starts nothing',
    async () => {
      const holder = createServer();
      await listen(holder, 0, 'PORT');
      const { port } = holder.address() as { port: number };
      try {
        await expect(startStack({ bundleDir, port })).rejects.toThrow(
          `Port ${port} is in use. Set PORT to another one`,
        );
        await expect(startStack({ bundleDir, githubPort: port })).rejects.toThrow(
          `Port ${port} is in use. Set GITHUB_PORT`,
        );
      } finally {
        holder.close();
      }
      const settings = { LIMIT_CLIENT: 'many' };
      await expect(startStack({ bundleDir, settings })).rejects.toThrow('LIMIT_CLIENT must be COUNT/SECONDS');
      await expect(startStack({ bundleDir, settings: { GITHUB_CLIENT_ID: 'x' } })).rejects.toThrow(
        'GITHUB_CLIENT_SECRET',
      );
      await expect(startStack({ bundleDir: scratch })).rejects.toThrow('No Worker bundle');
    },
    SLOW,
  );
});
