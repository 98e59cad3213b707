/** The Worker's bundle: what is deployed, what `npm start` runs and what is tested are made here. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { minify } from 'rolldown/utils';
import { UserError } from './errors.ts';
import { ROOT, runNode, WRANGLER, WRANGLER_CONFIG, WRANGLER_ENV } from './project.ts';

export interface Bundle {
  readonly dir: string;
  /** Every file that would be uploaded, the entry first. */
  readonly modules: readonly { readonly type: 'ESModule' | 'CompiledWasm'; readonly path: string }[];
  /** Bytes of all modules, and of each compressed alone: what Cloudflare counts. */
  readonly bytes: number;
  readonly gzipBytes: number;
}

/**
 * Bundles into `dir` with wrangler, and minifies once more: a twenty-fifth of what esbuild left.
 * In: a directory, whose modules are replaced; another wrangler.toml for tests. Rejects with the tool's own words when it
 * does not build.
 */
export async function buildWorker(dir: string, config = WRANGLER_CONFIG, signal?: AbortSignal): Promise<Bundle> {
  await mkdir(dir, { recursive: true });
  for (const name of await modulesIn(dir)) await rm(join(dir, name));
  const args = ['deploy', '--dry-run', '--minify', '--outdir', dir, '--config', config];
  const ran = await runNode(WRANGLER, args, { cwd: ROOT, env: WRANGLER_ENV, signal });
  if (ran.status !== 0) throw new UserError(`The Worker does not build:\n${(ran.stderr || ran.stdout).trim()}`);
  for (const name of await modulesIn(dir)) if (name.endsWith('.js')) await minifyFile(join(dir, name));
  return readBundle(dir);
}

async function minifyFile(path: string): Promise<void> {
  const { code, errors } = await minify(path, await readFile(path, 'utf8'), {
    module: true,
    compress: { target: 'es2024' },
    mangle: { toplevel: true },
  });
  if (errors.length > 0) throw new UserError(`${path} cannot be minified: ${errors[0]?.message}`);
  await writeFile(path, code);
}

async function modulesIn(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => /\.(js|wasm)$/.test(name));
}

/** A bundle that `buildWorker` made earlier. */
export async function readBundle(dir: string): Promise<Bundle> {
  const names = await modulesIn(dir);
  const entry = names.find((name) => name === 'index.js') ?? names.find((name) => name.endsWith('.js'));
  if (entry === undefined) throw new UserError(`No Worker bundle in ${dir}`);
  const ordered = [entry, ...names.filter((name) => name !== entry)];
  const contents = await Promise.all(ordered.map((name) => readFile(join(dir, name))));
  const zipped = await Promise.all(contents.map((content) => promisify(gzip)(content)));
  const sum = (parts: readonly Buffer[]) => parts.reduce((total, part) => total + part.length, 0);
  return {
    dir,
    modules: ordered.map((name) => ({
      type: name.endsWith('.wasm') ? 'CompiledWasm' : 'ESModule',
      path: join(dir, name),
    })),
    bytes: sum(contents),
    gzipBytes: sum(zipped),
  };
}
