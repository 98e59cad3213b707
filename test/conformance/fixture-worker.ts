/**
 * The Worker of the conformance tests: the production source with one file replaced, `src/mcp/server.ts`, built by the
 * very command that deploys.
 */
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '../../src/cli/bundle.ts';
import { buildWorker } from '../../src/cli/bundle.ts';
import { ROOT } from '../../src/cli/project.ts';

const FIXTURE = 'test/conformance/fixture';
const REPLACED = 'src/mcp/server.ts';

/** In: a new or empty directory. Out: the bundle in it. Rejects with a UserError when it does not build. */
export async function buildFixtureWorker(dir: string): Promise<Bundle> {
  const tree = join(dir, 'tree');
  await mkdir(tree, { recursive: true });
  for (const path of ['src', FIXTURE, 'wrangler.toml', 'tsconfig.json', 'package.json']) {
    await cp(join(ROOT, path), join(tree, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  await writeFile(join(tree, REPLACED), `export { buildServer, SERVER_INFO } from '../../${FIXTURE}/server.ts';\n`);
  return await buildWorker(join(dir, 'bundle'), join(tree, 'wrangler.toml'));
}
