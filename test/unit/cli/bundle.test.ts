/** What the bundler makes of a Worker, and what it says of one that cannot run. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildOther } from '../../../src/cli/bundle.ts';
import { UserError } from '../../../src/cli/errors.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gatehouse-bundle-test-'));
});
afterAll(async () => await rm(dir, { recursive: true, force: true }));

const TOML = 'name = "small"\nmain = "worker.ts"\ncompatibility_date = "2026-11-01"\n';
const BINDS_GATE = '[[durable_objects.bindings]]\nname = "GATE"\nclass_name = "Gate"\n';

/** Out: the code of the bundle. */
async function built(worker: string, toml = TOML, files: Readonly<Record<string, string>> = {}): Promise<string> {
  for (const [name, text] of Object.entries({ ...files, 'worker.ts': worker, 'wrangler.toml': toml })) {
    await writeFile(join(dir, name), text);
  }
  const { modules } = await buildOther(join(dir, 'out'), join(dir, 'wrangler.toml'));
  return await readFile(modules[0].path, 'utf8');
}

describe('building a Worker', () => {
  it('makes one file, which imports only what workerd has', async () => {
    const code = await built(
      "import { env } from 'cloudflare:workers'; import { createHash } from 'crypto'; import { two } from 'pair';\n" +
        'export class Gate {} export default [env, createHash, two, navigator.userAgent, process.env.NODE_ENV];',
      `${TOML}${BINDS_GATE}[alias]\n"pair" = "./two.ts"\n`,
      { 'two.ts': "export const one = 'first', two = 'second';" },
    );
    const imported = [...code.matchAll(/\bfrom\s*"([^"]+)"/g)].map((match) => match[1]);
    expect(imported.sort()).toEqual(['cloudflare:workers', 'node:crypto']);
    expect(code).toMatch(/export\s*\{[^}]*\bGate\b/);
    expect(code).toContain('second');
    expect(code).not.toContain('first');
    expect(code).toMatch(/Cloudflare-Workers.*production/);
  });

  it.each([
    ['a package that is not there', "import x from 'no-such-package'; export default x;", TOML, "'no-such-package'"],
    ['a file that is not there', "import x from './gone.ts'; export default x;", TOML, "'./gone.ts'"],
    ['a name that a file lacks', "import { x } from './worker.ts'; export default x;", TOML, 'x'],
    ['code made from text', "export default eval('1');", TOML, 'eval'],
    ['a class that is bound and not exported', 'export default 1;', TOML + BINDS_GATE, 'does not export Gate'],
    ['settings of the wrong kind', 'export default 1;', `${TOML}compatibility_flags = 3\n`, 'compatibility_flags'],
    ['no entry', 'export default 1;', 'name = "small"\n', 'names no main'],
  ])('refuses %s in words that name it', async (_, worker, toml, words) => {
    const refusal = await built(worker, toml).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UserError);
    expect((refusal as UserError).message).toMatch(/^The Worker does not build:\n/);
    expect((refusal as UserError).message).toContain(words);
    expect((refusal as UserError).message).not.toContain('    at ');
  });
});
