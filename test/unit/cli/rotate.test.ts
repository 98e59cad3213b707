/** Rotation against the recording stand-in for wrangler. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rotateKeys, rotation } from '../../../src/cli/deploy/rotate.ts';
import { wranglerAt } from '../../../src/cli/deploy/run.ts';
import { ROOT } from '../../../src/cli/project.ts';
import { sealingKey, sealSecret } from '../../../src/tenants/secrets.ts';
import { execute } from '../../support/recording-wrangler.ts';

const KEY = 'the-next-key-of-this-test-0123456789';
let dir: string;
let said: string[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gatehouse-rotate-test-'));
  said = [];
});
afterEach(async () => await rm(dir, { recursive: true, force: true }));

async function rotate(secrets: string[], failAt?: string): Promise<void> {
  const account = { signedIn: true, exists: true, secrets, vars: {}, ...(failAt !== undefined && { failAt }) };
  await writeFile(join(dir, 'account.json'), JSON.stringify(account));
  await writeFile(join(dir, 'runs.ndjson'), '');
  const wrangler = wranglerAt(join(ROOT, 'test/support/recording-wrangler.ts'));
  const env = {
    STAND_IN_STATE: join(dir, 'account.json'),
    STAND_IN_RUNS: join(dir, 'runs.ndjson'),
    STAND_IN_DB: join(dir, 'audit.sqlite'),
  };
  const desk = { given: {}, ask: undefined, newKey: () => KEY, say: (line: string) => void said.push(line) };
  await rotateKeys({ ...desk, wrangler: (args, input, more) => wrangler(args, input, { ...more, ...env }) });
}

const secrets = async () =>
  (JSON.parse(await readFile(join(dir, 'account.json'), 'utf8')) as { secrets: string[] }).secrets;

describe('rotating keys', () => {
  it('adds the next and keeps the newest three', async () => {
    await rotate(['SECRET_KEY', 'GITHUB_CLIENT_SECRET']);
    expect((await secrets()).sort()).toEqual(['GITHUB_CLIENT_SECRET', 'SECRET_KEY', 'SECRET_KEY_2']);
    await rotate(['SECRET_KEY', 'SECRET_KEY_2', 'SECRET_KEY_3']);
    expect((await secrets()).sort()).toEqual(['SECRET_KEY_2', 'SECRET_KEY_3', 'SECRET_KEY_4']);
    expect(rotation(['SECRET_KEY_9', 'SECRET_KEY_10', 'SECRET_KEY_11'])).toEqual({
      add: 'SECRET_KEY_12',
      remove: ['SECRET_KEY_9'],
    });
  });

  it('gives the key to standard input alone, and repeats it nowhere', async () => {
    await rotate(['SECRET_KEY']);
    const runs = (await readFile(join(dir, 'runs.ndjson'), 'utf8')).trim().split('\n');
    const parsed = runs.map((run) => JSON.parse(run) as { args: string[]; input: string; env: object });
    expect(parsed.some((run) => run.input.includes(KEY))).toBe(true);
    expect(JSON.stringify(parsed.map(({ args, env }) => ({ args, env })))).not.toContain(KEY);
    expect(said.join()).not.toContain(KEY);
  });

  it('removes nothing when the new key could not be stored, and does not repeat it', async () => {
    const failure = await rotate(['SECRET_KEY', 'SECRET_KEY_2', 'SECRET_KEY_3'], 'secret bulk').catch(
      (error: Error) => error,
    );
    expect((failure as Error).message).toContain('was not stored');
    expect((failure as Error).message).not.toContain(KEY);
    expect(await secrets()).toHaveLength(3);
  });

  it('takes no key away that a tenant needs, and then adds none', async () => {
    const seal = async (id: string, keyId: string) => {
      const sealed = await sealSecret({ ...(await sealingKey([{ id: keyId, secret: KEY }])) }, id, 'secret');
      const values = `'${id}', '{}', '${sealed}', 0, '2026-11-24T12:00:00Z'`;
      execute(`INSERT INTO mcp_tenants VALUES (${values})`, join(dir, 'audit.sqlite'));
    };
    const three = ['SECRET_KEY', 'SECRET_KEY_2', 'SECRET_KEY_3'];
    await seal('kept', 'k2');
    await seal('globex', 'k1');
    await expect(rotate(three)).rejects.toThrow('still opens the client secret of globex.');
    expect(await secrets()).toEqual(three);
    execute("DELETE FROM mcp_tenants WHERE id = 'globex'", join(dir, 'audit.sqlite'));
    await rotate(three);
    expect((await secrets()).sort()).toEqual(['SECRET_KEY_2', 'SECRET_KEY_3', 'SECRET_KEY_4']);
  });

  it('needs a first key', async () => {
    await expect(rotate(['GITHUB_CLIENT_SECRET'])).rejects.toThrow('npm run deploy');
  });
});
