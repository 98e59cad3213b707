/** `npm run tenant` against the recording stand-in for wrangler, whose database is SQLite with the migrations applied. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Wrangler } from '../../../src/cli/deploy/run.ts';
import { wranglerAt } from '../../../src/cli/deploy/run.ts';
import { ROOT } from '../../../src/cli/project.ts';
import { carryOut } from '../../../src/cli/tenant/carry-out.ts';
import { orderFrom } from '../../../src/cli/tenant/edit.ts';
import type { Place } from '../../../src/cli/tenant/place.ts';
import { remotePlace } from '../../../src/cli/tenant/place.ts';
import type { TenantEntry } from '../../../src/cli/tenant/table.ts';
import { TenantTable } from '../../../src/cli/tenant/table.ts';
import { openSecret, sealingKey } from '../../../src/tenants/secrets.ts';
import type { RecordedRun } from '../../support/recording-wrangler.ts';
import { execute } from '../../support/recording-wrangler.ts';

const KEY = { id: 'k2', secret: 'the key of this test, 0123456789abcdef' };
const SECRET = "their client secret 'quoted'";
let dir: string;
let said: string[];
let now: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gatehouse-tenant-test-'));
  said = [];
  now = Date.parse('2026-11-24T12:00:00Z');
});
afterEach(async () => await rm(dir, { recursive: true, force: true }));

interface More {
  readonly clientSecret?: string;
  readonly ask?: (name: string) => Promise<string>;
}

/** wrangler as far as `d1 execute` goes, without a process. */
const here: Wrangler = async (args) => {
  expect(args.slice(0, 3)).toEqual(['d1', 'execute', 'gatehouse-audit']);
  const results = execute(args.at(-1) ?? '', join(dir, 'audit.sqlite'));
  return { status: 0, stdout: JSON.stringify([{ results }]), stderr: '' };
};
const table = new TenantTable(here, ['--remote']);

async function tenant(words: string, { clientSecret, ask }: More = {}, place?: Place): Promise<void> {
  const publicUrl = 'https://gate.example';
  await carryOut(orderFrom(words.split(' ')), {
    ...(place ?? { table, publicUrl, sealingKey: () => sealingKey([KEY]) }),
    clientSecret,
    ask,
    archive: false,
    now: () => now++,
    say: (line) => void said.push(line),
  });
}

async function stored(): Promise<Record<string, TenantEntry>> {
  return Object.fromEntries((await table.all()).map((entry) => [entry.id, entry]));
}

/** The deployment through the stand-in's own process; `answer` is what the gate says under /sealing-key. */
async function deployment(answer: object): Promise<Place> {
  const account = {
    signedIn: true,
    exists: true,
    secrets: ['SECRET_KEY'],
    vars: { PUBLIC_URL: 'https://gate.example' },
  };
  await writeFile(join(dir, 'account.json'), JSON.stringify(account));
  const wrangler = wranglerAt(join(ROOT, 'test/support/recording-wrangler.ts'));
  const env = {
    STAND_IN_STATE: join(dir, 'account.json'),
    STAND_IN_RUNS: join(dir, 'runs.ndjson'),
    STAND_IN_DB: join(dir, 'audit.sqlite'),
  };
  const desk = { given: {}, ask: undefined, newKey: () => '', say: () => undefined };
  const get: typeof fetch = async (url) => {
    expect(String(url)).toBe('https://gate.example/sealing-key');
    return Response.json(answer);
  };
  return await remotePlace({ ...desk, wrangler: (args, input) => wrangler(args, input, env) }, {}, get);
}

describe('adding and changing a tenant', () => {
  it('stores what was typed, merges later, and takes away what is left empty', async () => {
    await tenant('add acme ALLOWED_ORGS=acme LIMIT_CLIENT=5/60');
    expect(said).toContain('MCP URL:                     https://gate.example/t/acme/mcp');
    await tenant('set acme LIMIT_CLIENT= ADMINS=octocat');
    const { acme } = await stored();
    expect(JSON.parse(acme?.settings ?? '')).toEqual({ ALLOWED_ORGS: 'acme', ADMINS: 'octocat' });
    expect(acme).toMatchObject({ client_secret: null, disabled: 0 });
    await expect(tenant('set acme')).rejects.toThrow('Say what to set');
    said = [];
    await tenant('list');
    expect(said.join('\n')).toContain('acme: active, https://gate.example/t/acme/mcp');
    expect(said.join('\n')).toContain('ADMINS=octocat');
  });

  it('says what is stored and cannot do what it is for', async () => {
    await tenant(
      'add acme ALLOWED_USERS=octocat ADMINS=octocat,eve AUDIT_RETENTION_DAYS=90 AUDIT_AFTER_RETENTION=archive',
    );
    expect(said[0]).toContain('acme is stored. A gate that runs goes by it within 30 seconds');
    expect(said.filter((line) => line.startsWith('Note: '))).toEqual([
      'Note: ADMINS names eve, who may not sign in: name them in ALLOWED_USERS too.',
      expect.stringContaining('AUDIT_AFTER_RETENTION=archive needs a bucket, and the Worker has none'),
    ]);
  });

  it('switches off and on again, and keeps everything', async () => {
    await tenant('add acme ALLOWED_ORGS=acme');
    await tenant('disable acme');
    expect((await stored()).acme).toMatchObject({ disabled: 1, settings: '{"ALLOWED_ORGS":"acme"}' });
    expect(said.at(-1)).toContain('switched off');
    await tenant('enable acme');
    expect((await stored()).acme?.disabled).toBe(0);
  });

  it.each([
    ['add acme LIMIT_CLIENT=many ALLOWED_ORGS=acme', 'LIMIT_CLIENT must be COUNT/SECONDS'],
    ['add acme DPOP=required', 'Nobody could sign in'],
    ['add acme PUBLIC_URL=https://x.example', 'PUBLIC_URL is no setting of a tenant'],
    ['add acme GITHUB_CLIENT_SECRET=hush ALLOWED_ORGS=acme', 'does not belong on the command line'],
    ['add acme GITHUB_CLIENT_ID=theirs ALLOWED_ORGS=acme', 'GITHUB_CLIENT_SECRET is missing'],
    ['add acme ALLOWED_ORGS', 'ALLOWED_ORGS has no value'],
    ['add Acme ALLOWED_ORGS=acme', 'must be 1 to 32 of a-z'],
    ['add default ALLOWED_ORGS=acme', 'has its settings in the Worker'],
    ['set nobody ALLOWED_ORGS=acme', 'There is no tenant nobody'],
    ['disable nobody', 'There is no tenant nobody'],
    ['disable acme DPOP=required', 'disable takes no settings'],
    ['add ALLOWED_ORGS=acme', 'Say which tenant'],
    ['remove acme', 'Say what to do: add, set, list, disable, enable.'],
    ['list acme', 'list takes nothing more'],
  ])('refuses `%s` and writes nothing', async (words, reason) => {
    await expect(tenant(words)).rejects.toThrow(reason);
    expect(await stored()).toEqual({});
  });

  it('adds no second tenant of a name', async () => {
    await tenant('add acme ALLOWED_ORGS=acme');
    await expect(tenant('add acme ALLOWED_ORGS=evil')).rejects.toThrow('There is a tenant acme');
    expect((await stored()).acme?.settings).toContain('"acme"');
  });

  it('writes texts with quotes as texts', async () => {
    await tenant("add acme ALLOWED_ORGS=acme GITHUB_URL=https://x.example/'; GITHUB_CLIENT_ID=i", {
      clientSecret: SECRET,
    });
    expect(JSON.parse((await stored()).acme?.settings ?? '')).toMatchObject({ GITHUB_URL: "https://x.example/';" });
  });
});

describe('a client secret', () => {
  const OWN = 'ALLOWED_ORGS=acme GITHUB_CLIENT_ID=theirs';

  it('is sealed for the Worker before it goes anywhere, and printed nowhere', async () => {
    const place = await deployment(await sealingKey([KEY]));
    await tenant(`add acme ${OWN}`, { clientSecret: SECRET }, place);
    const sealed = (await stored()).acme?.client_secret ?? '';
    expect(await openSecret([KEY], 'acme', sealed)).toBe(SECRET);
    await tenant('list', {}, place);
    const runs = (await readFile(join(dir, 'runs.ndjson'), 'utf8')).trim().split('\n');
    const sent = runs.map((run) => JSON.parse(run) as RecordedRun).map(({ args, input }) => [args, input]);
    for (const text of [JSON.stringify(sent), said.join('\n')]) expect(text).not.toContain('their client secret');
    expect(said.join('\n')).toContain('its own, secret sealed with k2');
  });

  it('is asked for where somebody sits there, kept when others change, and replaced when it is given', async () => {
    await tenant(`add acme ${OWN}`, { ask: async (name) => (name === 'GITHUB_CLIENT_SECRET' ? ` ${SECRET} ` : '') });
    const first = (await stored()).acme?.client_secret ?? '';
    expect(await openSecret([KEY], 'acme', first)).toBe(SECRET);
    await tenant('set acme LIMIT_CLIENT=5/60', { ask: () => Promise.reject(new Error('asked')) });
    expect((await stored()).acme?.client_secret).toBe(first);
    await tenant('set acme', { clientSecret: 'the next one' });
    expect(await openSecret([KEY], 'acme', (await stored()).acme?.client_secret ?? '')).toBe('the next one');
  });

  it('of an operator is not taken for a tenant that uses the application of the deployment', async () => {
    await tenant('add acme ALLOWED_ORGS=acme', { clientSecret: SECRET });
    expect((await stored()).acme?.client_secret).toBeNull();
    await tenant(`set acme ${OWN}`, { clientSecret: SECRET });
    await tenant('set acme GITHUB_CLIENT_ID=');
    expect((await stored()).acme?.client_secret).toBeNull();
  });

  it('is not sealed to what is no key', async () => {
    for (const answer of [{}, { key_id: 'k1', public_key: 'short' }]) {
      const place = await deployment(answer);
      await expect(tenant(`add acme ${OWN}`, { clientSecret: SECRET }, place)).rejects.toThrow('could not be had');
    }
    expect(await stored()).toEqual({});
  });
});
