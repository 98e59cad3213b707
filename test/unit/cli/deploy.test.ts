/** A deployment against a recording stand-in for wrangler: the order of its runs, and where secrets go. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressOf, NOTHING, wanted } from '../../../src/cli/deploy/plan.ts';
import type { ReleaseDesk } from '../../../src/cli/deploy/run.ts';
import { deploy, wranglerAt } from '../../../src/cli/deploy/run.ts';
import { ROOT } from '../../../src/cli/project.ts';
import type { Account, RecordedRun } from '../../support/recording-wrangler.ts';

const SCRIPT = join(ROOT, 'test/support/recording-wrangler.ts');
const CLIENT_SECRET = 'github-client-secret-of-this-test';
const GIVEN = { GITHUB_CLIENT_ID: 'Iv1.abc', GITHUB_CLIENT_SECRET: CLIENT_SECRET, ALLOWED_USERS: 'octocat,hubot' };
const URL_OF_IT = 'https://gatehouse.team.workers.dev';

let dir: string;
let said: string[];
let keys: string[];
let built: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gatehouse-deploy-test-'));
  said = [];
  keys = [];
  built = 0;
  await account({});
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function account(part: Partial<Account>): Promise<void> {
  const whole: Account = { signedIn: true, exists: false, secrets: [], vars: {}, ...part };
  await writeFile(join(dir, 'account.json'), JSON.stringify(whole));
  await writeFile(join(dir, 'runs.ndjson'), '');
}

function desk(part: Partial<ReleaseDesk> = {}): ReleaseDesk {
  const wrangler = wranglerAt(SCRIPT);
  return {
    wrangler: (args, input, env) =>
      wrangler(args, input, {
        ...env,
        STAND_IN_STATE: join(dir, 'account.json'),
        STAND_IN_RUNS: join(dir, 'runs.ndjson'),
      }),
    build: async () => {
      built += 1;
    },
    given: GIVEN,
    archive: false,
    ask: undefined,
    newKey: () => {
      keys.push(`generated-key-number-${keys.length + 1}-of-this-very-test`);
      return keys.at(-1) ?? '';
    },
    say: (line) => said.push(line),
    ...part,
  };
}

async function runs(): Promise<RecordedRun[]> {
  const lines = (await readFile(join(dir, 'runs.ndjson'), 'utf8')).trim().split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as RecordedRun);
}

const words = async () => (await runs()).map((run) => run.args.join(' '));

describe('deploy', () => {
  it('does a first deployment in this order and says what to enter where', async () => {
    expect(await deploy(desk())).toBe(0);
    expect(await words()).toEqual([
      'whoami --json',
      'secret list --format json',
      'deploy dist/worker/index.js --no-bundle --keep-vars --var GITHUB_CLIENT_ID:Iv1.abc --var ALLOWED_USERS:octocat,hubot',
      'd1 migrations apply gatehouse-audit --remote',
      'secret bulk',
      `deploy dist/worker/index.js --no-bundle --keep-vars --var PUBLIC_URL:${URL_OF_IT}`,
    ]);
    expect(said.join('\n')).toContain(`${URL_OF_IT}/mcp`);
    expect(said.join('\n')).toContain(`${URL_OF_IT}/callback`);
  });

  it('writes secrets to standard input, and nowhere else', async () => {
    await deploy(desk());
    const recorded = await runs();
    const bulk = recorded.find((run) => run.args.includes('bulk'));
    expect(JSON.parse(bulk?.input ?? '')).toEqual({ SECRET_KEY: keys[0], GITHUB_CLIENT_SECRET: CLIENT_SECRET });
    const elsewhere =
      JSON.stringify(recorded.map((run) => [run.args, run === bulk ? '' : run.input, run.env])) + said.join('\n');
    expect(elsewhere).not.toContain(CLIENT_SECRET);
    expect(elsewhere).not.toContain(keys[0]);
  });

  it('keeps a secret of the environment from wrangler', async () => {
    process.env.GITHUB_CLIENT_SECRET = CLIENT_SECRET;
    try {
      await deploy(desk());
    } finally {
      delete process.env.GITHUB_CLIENT_SECRET;
    }
    expect(JSON.stringify((await runs()).map((run) => run.env))).not.toContain(CLIENT_SECRET);
  });

  it('changes nothing the second time: no new key, no variable, tables before code', async () => {
    await deploy(desk());
    const before = await readFile(join(dir, 'account.json'), 'utf8');
    await writeFile(join(dir, 'runs.ndjson'), '');
    expect(await deploy(desk({ given: {} }))).toBe(0);
    expect(await words()).toEqual([
      'whoami --json',
      'secret list --format json',
      'deployments status --json',
      'versions view v-1 --json',
      'd1 migrations apply gatehouse-audit --remote',
      'deploy dist/worker/index.js --no-bundle --keep-vars',
    ]);
    expect(built).toBe(2);
    expect(keys).toHaveLength(1);
    expect(await readFile(join(dir, 'account.json'), 'utf8')).toBe(before);
  });

  it('changes only what is named', async () => {
    await deploy(desk());
    await writeFile(join(dir, 'runs.ndjson'), '');
    await deploy(desk({ given: { ALLOWED_USERS: 'octocat', LIMIT_CLIENT: '50/60' } }));
    expect((await words()).slice(4)).toEqual([
      'd1 migrations apply gatehouse-audit --remote',
      'deploy dist/worker/index.js --no-bundle --keep-vars --var ALLOWED_USERS:octocat --var LIMIT_CLIENT:50/60',
    ]);
  });

  it('touches nothing where the Worker does not build', async () => {
    await deploy(desk());
    await writeFile(join(dir, 'runs.ndjson'), '');
    const build = () => Promise.reject(new Error('does not build'));
    await expect(deploy(desk({ build }))).rejects.toThrow('does not build');
    expect((await words()).some((word) => /migrations|deploy |bulk/.test(word))).toBe(false);
  });

  it('goes on after a run that stopped half-way', async () => {
    await account({ failAt: 'd1 migrations' });
    await expect(deploy(desk())).rejects.toThrow('wrangler d1 migrations apply failed');
    const half = JSON.parse(await readFile(join(dir, 'account.json'), 'utf8')) as Account;
    await account({ ...half, failAt: 'nothing' });
    expect(await deploy(desk())).toBe(0);
    const whole = JSON.parse(await readFile(join(dir, 'account.json'), 'utf8')) as Account;
    expect(whole.secrets.sort()).toEqual(['GITHUB_CLIENT_SECRET', 'SECRET_KEY']);
    expect(whole.vars).toEqual({ GITHUB_CLIENT_ID: 'Iv1.abc', ALLOWED_USERS: 'octocat,hubot', PUBLIC_URL: URL_OF_IT });
  });

  it('asks a person for what is missing once the callback is known', async () => {
    const asked: [string, boolean][] = [];
    const answers: Record<string, string> = { ...GIVEN };
    const ask = async (name: string, secret: boolean) => {
      expect(said.join('\n')).toContain(`${URL_OF_IT}/callback`);
      asked.push([name, secret]);
      return answers[name] ?? '';
    };
    expect(await deploy(desk({ given: {}, ask }))).toBe(0);
    expect(asked).toEqual([
      ['GITHUB_CLIENT_ID', false],
      ['GITHUB_CLIENT_SECRET', true],
      ['ALLOWED_USERS', false],
    ]);
    expect((await words()).at(-1)).toBe(
      `deploy dist/worker/index.js --no-bundle --keep-vars --var PUBLIC_URL:${URL_OF_IT} --var GITHUB_CLIENT_ID:Iv1.abc --var ALLOWED_USERS:octocat,hubot`,
    );
    expect(said.join('\n')).not.toContain(CLIENT_SECRET);
  });

  it('says which settings cannot do what they are for, of those that are stored too', async () => {
    await account({
      exists: true,
      secrets: ['SECRET_KEY', 'GITHUB_CLIENT_SECRET'],
      vars: { PUBLIC_URL: URL_OF_IT, ADMINS: 'eve' },
    });
    expect(
      await deploy(desk({ given: { ...GIVEN, AUDIT_RETENTION_DAYS: '9', AUDIT_AFTER_RETENTION: 'archive' } })),
    ).toBe(0);
    expect(said.slice(-2)).toEqual([
      'Note: ADMINS names eve, who may not sign in: name them in ALLOWED_USERS too.',
      expect.stringContaining('Note: AUDIT_AFTER_RETENTION=archive needs a bucket'),
    ]);
  });

  it('says what is missing where nobody can be asked', async () => {
    expect(await deploy(desk({ given: {} }))).toBe(1);
    expect(said.join('\n')).toContain('set GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET, ALLOWED_USERS in the environment');
  });

  it('stops at once when nobody is signed in, or a setting is wrong', async () => {
    await account({ signedIn: false });
    // And nothing of wrangler's that says it again.
    await expect(deploy(desk())).rejects.toThrow(
      /^Nobody is signed in at Cloudflare\. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN\.$/,
    );
    expect(await words()).toEqual(['whoami --json']);
    await account({});
    await expect(deploy(desk({ given: { LIMIT_CLIENT: 'many' } }))).rejects.toThrow(
      'LIMIT_CLIENT must be COUNT/SECONDS',
    );
    expect(await words()).toEqual([]);
  });

  it('repeats wrangler’s words at a failure, without the secrets in them', async () => {
    await account({ failAt: 'secret bulk' });
    const failure = await deploy(desk()).catch((error: Error) => error.message);
    expect(failure).toContain('wrangler secret bulk failed');
    expect(failure).toContain('[redacted]');
    expect(failure).not.toContain(CLIENT_SECRET);
    expect(failure).not.toContain(keys[0]);
  });
});

describe('the plan', () => {
  it('keeps an address that was stored, and takes one that is given', () => {
    const remote = { ...NOTHING, exists: true, vars: { PUBLIC_URL: 'https://gate.example.com' } };
    expect(wanted(remote, {}, URL_OF_IT, () => 'k').vars).toEqual({});
    expect(wanted(remote, { PUBLIC_URL: 'https://new.example.com' }, URL_OF_IT, () => 'k').vars).toEqual({
      PUBLIC_URL: 'https://new.example.com',
    });
  });

  it('is content with organisations alone', () => {
    const { ALLOWED_USERS: _users, ...rest } = GIVEN;
    expect(wanted(NOTHING, { ...rest, ALLOWED_ORGS: 'acme' }, URL_OF_IT, () => 'k').missing).toEqual([]);
    expect(wanted(NOTHING, rest, URL_OF_IT, () => 'k').missing).toEqual(['ALLOWED_USERS']);
  });

  it('leaves a secret a secret, whatever it holds', () => {
    const remote = { ...NOTHING, exists: true, secrets: ['SECRET_KEY', 'GITHUB_CLIENT_ID'] };
    const { vars, secrets } = wanted(remote, { ...GIVEN, SECRET_KEY: 'another' }, URL_OF_IT, () => 'k');
    expect(Object.keys(vars)).toEqual(['PUBLIC_URL', 'ALLOWED_USERS']);
    expect(secrets).toEqual({ GITHUB_CLIENT_ID: 'Iv1.abc', GITHUB_CLIENT_SECRET: CLIENT_SECRET });
  });

  it('reads the address from what wrangler wrote', () => {
    const output = (...targets: string[]) =>
      `{"type":"wrangler-session"}\n${JSON.stringify({ type: 'deploy', targets })}\n`;
    expect(addressOf(output('https://gatehouse.team.workers.dev', 'gate.example.com (custom domain)'))).toBe(
      'https://gate.example.com',
    );
    expect(addressOf(output('*.example.com/*', 'schedule: * * * * *'))).toBeUndefined();
    expect(addressOf('')).toBeUndefined();
  });
});
