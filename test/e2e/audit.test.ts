/** `npm run audit` against a running stack, and against the directory of one that stopped. */
import { access, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT, runNode } from '../../src/cli/project.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { startStack } from '../../src/cli/stack.ts';
import { callTool, tokenOf } from '../support/rpc.ts';
import { rowsOf } from '../support/stack.ts';

const DAY = 86_400_000;
let dataDir: string;
let stack: Stack;
const start = async () =>
  await startStack({
    dataDir,
    bundleDir: inject('bundleDir'),
    settings: { AUDIT_RETENTION_DAYS: '30', AUDIT_AFTER_RETENTION: 'archive' },
  });

/** Runs the command as a person does. */
async function audit(...args: string[]) {
  const { status, stdout, stderr } = await runNode(join(ROOT, 'src/cli/audit.ts'), [...args, '--data-dir', dataDir]);
  return { status, lines: stdout.trim().split('\n'), stderr };
}

/** Changes rows of a database that nothing runs on. */
async function change(directory: string, sql: string): Promise<void> {
  const place = join(directory, 'v3', 'd1');
  for (const file of await readdir(place, { recursive: true })) {
    if (!file.endsWith('.sqlite')) continue;
    const db = new DatabaseSync(join(place, file));
    const { n } = db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'mcp_audit_log'").get() as {
      n: number;
    };
    if (n > 0) db.exec(`DROP TRIGGER mcp_audit_log_no_update; ${sql}`);
    db.close();
  }
}

async function call(count: number): Promise<void> {
  const { token } = await tokenOf(stack);
  for (let i = 0; i < count; i++) await callTool(stack, token, 'get_me', {});
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-audit-'));
  stack = await start();
});
afterAll(async () => {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('npm run audit', () => {
  it('says what it can do', async () => {
    expect(await audit('nonsense')).toMatchObject({ status: 1, stderr: expect.stringContaining('verify|restore') });
    expect(await audit('restore', '--month', 'October')).toMatchObject({
      status: 1,
      stderr: '--month takes a month, such as 2026-10.\n',
    });
    expect(await audit('verify', '--remot')).toMatchObject({
      status: 1,
      stderr: "Unknown option '--remot'. `npm run audit -- verify --help` says what there is.\n",
    });
    expect(await audit('verify', '--remote')).toMatchObject({
      status: 1,
      stderr: 'Set PUBLIC_URL and AUDIT_TOKEN in the environment, as the deployment has them.\n',
    });
  });

  it('calls no directory whole that holds no log, and makes none', async () => {
    const nowhere = join(dataDir, 'mistyped');
    const args = ['verify', '--data-dir', nowhere];
    const { status, stderr } = await runNode(join(ROOT, 'src/cli/audit.ts'), args);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`There is no log in ${nowhere}.`)]);
    await expect(access(nowhere)).rejects.toThrow('ENOENT');
    // Nor does a look for tenants leave something there that could be taken for a log.
    const env = { ...process.env, DATA_DIR: nowhere };
    const looked = await runNode(join(ROOT, 'src/cli/tenant.ts'), ['list'], { env });
    expect([looked.status, looked.stderr]).toEqual([1, expect.stringContaining('run npm start once')]);
    await expect(access(nowhere)).rejects.toThrow('ENOENT');
  });

  it('says how it is asked', async () => {
    const { status, stdout } = await runNode(join(ROOT, 'src/cli/audit.ts'), ['--help']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('verify|restore')]);
  });

  it('verifies, archives by the cron, and brings the month back', async () => {
    await call(5);
    const rows = await rowsOf(stack, 5, "tool_name = 'get_me'");
    const all = await stack.query<{ n: number }>('SELECT count(*) AS n FROM mcp_audit_log');
    const whole = await audit('verify');
    expect(whole).toMatchObject({
      status: 0,
      stderr: `The log in ${dataDir}, and the gate that runs on it at ${stack.url}.\n`,
    });
    expect(whole.lines.join('\n')).toMatch(new RegExp(`whole: ${all[0]?.n} rows\\.`));

    const worker = await stack.miniflare.getWorker();
    const scheduled = await worker.scheduled({ scheduledTime: new Date(Date.now() + 32 * DAY), cron: '17 * * * *' });
    expect(scheduled.outcome).toBe('ok');
    await expect.poll(async () => await stack.query('SELECT 1 FROM mcp_audit_log')).toEqual([]);
    const month = rows[0]?.timestamp.slice(0, 7) as string;
    const restored = await audit('restore', '--month', month);
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    expect(restored.lines.at(-1)).toContain(`${all[0]?.n} rows of ${month} are in mcp_audit_restored.`);
    const back = await stack.query(
      "SELECT * FROM mcp_audit_restored WHERE tool_name = 'get_me' ORDER BY timestamp, id",
    );
    expect(back).toEqual(rows);
  });

  it('looks at a copy by itself, while the gate of the original runs', async () => {
    await call(1);
    await rowsOf(stack, 1, "tool_name = 'get_me'");
    const copy = `${dataDir}-copy`;
    try {
      await cp(dataDir, copy, { recursive: true });
      await change(copy, "UPDATE mcp_audit_log SET user_login = 'mallory' WHERE tool_name = 'get_me'");
      const ran = await runNode(join(ROOT, 'src/cli/audit.ts'), ['verify', '--data-dir', copy]);
      expect(ran.stderr).toContain(`The log in ${copy}: no gate runs on it`);
      expect([ran.status, ran.stdout]).toEqual([1, expect.stringContaining('is not what was written')]);
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  });

  it('verifies across the cut when the gate is not running, and names the row that somebody changed', async () => {
    await call(3);
    const [, row] = await rowsOf(stack, 4, "tool_name = 'get_me'");
    await stack.query('DROP TRIGGER mcp_audit_log_no_update');
    await stack.query("UPDATE mcp_audit_log SET user_login = 'mallory' WHERE id = ?", row?.id);
    const [place] = await stack.query<{ chain_id: string; seq: number }>(
      "SELECT chain_id, seq FROM mcp_audit_log WHERE user_login = 'mallory'",
    );
    await stack.stop();
    const found = await audit('verify');
    expect(found.status).toBe(1);
    expect(found.lines.find((line) => line.startsWith(place?.chain_id as string))).toContain(
      `BROKEN at row ${place?.seq}: the row "${row?.id}" is not what was written.`,
    );
    expect(found.lines.find((line) => !line.startsWith(place?.chain_id as string))).toMatch(/whole: 0 rows/);
    stack = await start();
  });

  it('is let in with the AUDIT_TOKEN alone', async () => {
    const ask = async (authorization?: string, path = '/audit/chains', method = 'GET') =>
      await fetch(`${stack.url}${path}`, { method, ...(authorization && { headers: { authorization } }) });
    for (const wrong of [undefined, 'Bearer ', 'Bearer wrong', `Basic ${stack.settings.AUDIT_TOKEN}`]) {
      const refused = await ask(wrong);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    }
    const right = `Bearer ${stack.settings.AUDIT_TOKEN}`;
    expect((await ask(right)).status).toBe(200);
    expect((await ask(right, '/t/acme/audit/chains')).status).toBe(404);
    for (const [method, path, field] of [
      ['GET', '/audit/tags?chain=default-7&from=1', 'chain'],
      ['GET', '/audit/tags?chain=default-0', 'from'],
      ['POST', '/audit/restore?chain=default-0&month=2026-13', 'month'],
      ['POST', '/audit/restore?chain=default-0&month=2026-10&after=x', 'after'],
    ] as const) {
      const refused = await ask(right, path, method);
      expect([refused.status, ((await refused.json()) as { error_description: string }).error_description]).toEqual([
        400,
        expect.stringContaining(`${field} must be`),
      ]);
    }
    expect((await ask(right, '/audit/rows')).status).toBe(404);
  });

  it('says in a sentence that the whole table is gone', async () => {
    await stack.query('DROP TABLE mcp_audit_log');
    expect(await audit('verify')).toMatchObject({ status: 1, stderr: expect.stringContaining('BROKEN: the table') });
  });
});
