/** What the commands have in common, and what they print. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CallLines, type CallRow } from '../../../src/cli/call-lines.ts';
import { takeDataDir } from '../../../src/cli/data-dir.ts';
import { ROOT, runNode } from '../../../src/cli/project.ts';
import { formatTable, Report } from '../../../src/cli/report.ts';
import { doubtsIn, hasOwnGitHub, settingsFrom } from '../../../src/cli/settings.ts';

const USAGE: Record<string, string> = { start: 'Usage: npm start', stdio: 'Usage: npm run -s stdio' };

describe('commands', () => {
  it.each(['start', 'demo', 'deploy', 'check', 'stdio'])(
    '%s explains itself and refuses what it does not know',
    async (name) => {
      const script = join(ROOT, `src/cli/${name}.ts`);
      const [help, unknown] = await Promise.all([runNode(script, ['--help']), runNode(script, ['--no-such-flag'])]);
      expect(help.status).toBe(0);
      expect(help.stdout).toContain(USAGE[name] ?? `Usage: npm run ${name}`);
      expect(unknown.status).toBe(1);
      const command = (USAGE[name] ?? `Usage: npm run ${name}`).replace('Usage: ', '');
      expect(unknown.stderr).toBe(`Unknown option '--no-such-flag'. \`${command} -- --help\` says what there is.\n`);
    },
  );

  it('says that npm took a flag, rather than doing here what was meant for the deployment', async () => {
    // What `npm run tenant list --remote` leaves of the flag; of `--dry-run` likewise, and without a warning.
    const env = { npm_config_remote: 'true' };
    const ran = await runNode(join(ROOT, 'src/cli/tenant.ts'), ['list'], { env });
    expect([ran.status, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain('npm took --remote for itself');
    expect(ran.stderr).toContain('npm run tenant -- list --remote\n');
    // A setting of npm that is switched off, in somebody's own file.
    const off = await runNode(join(ROOT, 'src/cli/tenant.ts'), ['--help'], { env: { npm_config_remote: '' } });
    expect([off.status, off.stderr]).toEqual([0, '']);
  });
});

describe('settings of the local stack', () => {
  it('come from the environment by name, without empty ones', () => {
    expect(
      settingsFrom({ GITHUB_URL: ' https://ghe.example ', ALLOWED_USERS: '', PATH: '/bin', LIMIT_USER: '1/1' }),
    ).toEqual({
      GITHUB_URL: 'https://ghe.example',
      LIMIT_USER: '1/1',
    });
  });

  it.each([
    [{ ADMINS: 'Octocat', ALLOWED_USERS: 'octocat' }, true, []],
    // Of an organisation's members nothing is known here.
    [{ ADMINS: 'eve', ALLOWED_USERS: 'octocat', ALLOWED_ORGS: 'acme' }, true, []],
    [{ ADMINS: 'eve, octocat' }, true, ['ADMINS names eve, octocat, who may not sign in']],
    [{ AUDIT_RETENTION_DAYS: '9', AUDIT_AFTER_RETENTION: 'archive' }, true, []],
    [{ AUDIT_RETENTION_DAYS: '9', AUDIT_AFTER_RETENTION: 'archive' }, false, ['=archive needs a bucket']],
    [{ AUDIT_AFTER_RETENTION: 'drop' }, false, ['=drop does nothing until AUDIT_RETENTION_DAYS is set']],
    [{ AUDIT_RETENTION_DAYS: '9' }, false, ['AUDIT_RETENTION_DAYS does nothing while']],
  ])('are doubted where they cannot do what they are for: %j', (settings, archive, doubts) => {
    expect(doubtsIn(settings, { archive })).toEqual(doubts.map((doubt) => expect.stringContaining(doubt)));
    // What is stored as a secret nobody can read back.
    expect(doubtsIn(settings, { archive, unread: Object.keys(settings) })).toEqual([]);
  });

  it('name a GitHub of their own wholly or not at all', () => {
    const app = { GITHUB_CLIENT_ID: 'a', GITHUB_CLIENT_SECRET: 'b' };
    expect(hasOwnGitHub({ LIMIT_USER: '1/1' })).toBe(false);
    expect(hasOwnGitHub({ ...app, ALLOWED_ORGS: 'acme' })).toBe(true);
    expect(() => hasOwnGitHub({ GITHUB_URL: 'https://ghe.example' })).toThrow(
      'GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET',
    );
    expect(() => hasOwnGitHub(app)).toThrow('ALLOWED_USERS');
  });
});

describe('data directory', () => {
  it('belongs to one process at a time, and to nobody after a crash', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'gatehouse-data-'));
    try {
      await writeFile(join(dir, 'pid'), String(process.ppid));
      await expect(takeDataDir(dir)).rejects.toThrow(`Another gatehouse (process ${process.ppid}) uses`);
      await writeFile(join(dir, 'pid'), '4194304');
      const taken = await takeDataDir(dir);
      // What was copied with it says who has the original.
      const copy = `${dir}-copy`;
      await cp(dir, copy, { recursive: true });
      await writeFile(join(copy, 'pid'), `${process.ppid} ${(await readFile(join(dir, 'pid'), 'utf8')).split(' ')[1]}`);
      await (await takeDataDir(copy)).release();
      await rm(copy, { recursive: true });
      await taken.release();
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describe('the lines of npm start', () => {
  const at = '2026-11-24T12:00:00.000Z';
  const row: CallRow = {
    ...{ n: 1, timestamp: at, method: 'tools/call', tool_name: 'get_me', user_login: 'octocat', client_name: 'C' },
    ...{ result_status: 'success', duration_ms: 7, error_code: null, error_message: null, repeat_count: 1 },
    request_id: 'req_a',
  };
  const logged = (request_id: string, more: object = {}) => {
    const fact = { timestamp: at, request_id, method: 'POST', path: '/mcp', status: 200, duration_ms: 9, ...more };
    return { timestamp: 1000, level: 'log', message: JSON.stringify(fact) };
  };
  const starting = () => {
    const said: string[] = [];
    return { said, lines: new CallLines((line) => said.push(stripVTControlCharacters(line))) };
  };

  it('a call waits for its row, and says so when none comes; any other request is there at once', () => {
    const { said, lines } = starting();
    for (const id of ['req_a', 'req_b']) lines.log(logged(id, { mcp_method: 'tools/call', tool_name: 'get_me' }));
    lines.log(logged('req_c', { mcp_method: 'tools/list' }));
    expect(said).toEqual(['12:00:00   200            req_c POST /mcp tools/list 9 ms']);
    lines.show([row], 1200);
    expect(said.slice(1)).toEqual(['12:00:00 ✔ success        req_a tools/call get_me 7 ms octocat, C']);
    lines.show([], 5999);
    expect(said).toHaveLength(2);
    lines.show([], 6000);
    expect(said[2]).toMatch(/^12:00:00 {3}200 {12}req_b POST \/mcp tools\/call get_me 9 ms \(no row yet/);
    // A row that comes later has its line all the same.
    lines.show(
      [{ ...row, request_id: 'req_b', result_status: 'denied', error_code: 'rate_limited', repeat_count: 4 }],
      9000,
    );
    expect(said[3]).toBe('12:00:00 ✘ denied         req_b tools/call get_me ×4 7 ms octocat, C rate_limited');
    expect(said).toHaveLength(4);
  });

  it('what others wrote cannot move the cursor or hide', () => {
    const { said, lines } = starting();
    lines.show([{ ...row, client_name: '\u001b[2J\u202eevil', tool_name: 'a\nb' }], 0);
    lines.log({ timestamp: 0, level: 'error', message: 'not ours \u001b[31m' });
    expect(said).toEqual(['12:00:00 ✔ success        req_a tools/call a b 7 ms octocat, [2Jevil', 'not ours [31m']);
  });
});

describe('report', () => {
  it('writes a tick or a cross, and counts them', async () => {
    const lines: string[] = [];
    const report = new Report((line) => lines.push(line));
    const found = await report.step(
      'Works',
      async () => 7,
      (value) => `${value} things`,
    );
    await expect(report.step('Breaks', async () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
    expect([found, report.passed, report.failed]).toEqual([7, 1, 1]);
    expect(lines[0]).toMatch(/✔.*Works.*7 things/);
    expect(lines[1]).toMatch(/✘.*Breaks: no luck/);
  });

  it('lines up a table and cuts what is too wide', () => {
    const [head, rule, first, second] = formatTable([
      { a: 1, long: 'x'.repeat(60) },
      { a: null, long: 'y' },
    ]);
    expect(head).toBe('  a  long');
    expect(rule).toBe(`  ─  ${'─'.repeat(48)}`);
    expect(first).toBe(`  1  ${'x'.repeat(47)}…`);
    expect(second).toBe('     y');
  });
});
