/** The Worker's bundle: what is deployed, what `npm start` runs and what is tested are made here. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OutputChunk, Plugin } from 'rolldown';
import { rolldown } from 'rolldown';
import { unstable_readConfig } from 'wrangler';
import { leaveOut, UNUSED } from './bundle/unused.ts';
import { UserError } from './errors.ts';
import { WRANGLER_CONFIG } from './project.ts';

export interface Bundle {
  readonly dir: string;
  /** What would be uploaded: one file. */
  readonly modules: readonly [{ readonly type: 'ESModule'; readonly path: string }];
  /** Bytes of it, and compressed: what Cloudflare counts. */
  readonly bytes: number;
  readonly gzipBytes: number;
}

const ENTRY = 'index.js';

/**
 * Bundles into one file in `dir` what a wrangler.toml names as `main`, as wrangler would, but with Rolldown: what it
 * leaves is a twentieth smaller. Without what this gate never reaches of its packages (`bundle/unused.ts`), another
 * twentieth. In: a directory, which is made; the wrangler.toml of the gate as a test dresses it. Rejects with a UserError
 * in the tool's own words when that file is not valid, the Worker does not build, or a class that it binds is not
 * exported.
 */
export function buildWorker(dir: string, config = WRANGLER_CONFIG, signal?: AbortSignal): Promise<Bundle> {
  return build(dir, config, [leaveOut(UNUSED)], signal);
}

/** The same for a Worker that is not the gate: its packages stay whole. */
export function buildOther(dir: string, config: string, signal?: AbortSignal): Promise<Bundle> {
  return build(dir, config, [], signal);
}

async function build(dir: string, config: string, plugins: Plugin[], signal?: AbortSignal): Promise<Bundle> {
  const entry = await bundled(config, plugins).catch((error: unknown) => {
    // The bundler puts the stack of a plugin's error into its words.
    const words = String(error instanceof Error ? error.message : error).replace(/^ {4}at .*\n?/gm, '');
    throw new UserError(`The Worker does not build:\n${words.trim()}`);
  });
  signal?.throwIfAborted();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, ENTRY), entry.code);
  return readBundle(dir);
}

async function bundled(path: string, plugins: readonly Plugin[]): Promise<OutputChunk> {
  const config = unstable_readConfig({ config: path }, { hideWarnings: true });
  const input: string | undefined = config.main;
  if (input === undefined) throw new UserError(`${path} names no main`);
  const alias: Readonly<Record<string, string>> = config.alias ?? {};
  const warnings: string[] = [];
  const bundler = await rolldown({
    input,
    platform: 'browser',
    resolve: {
      conditionNames: ['workerd', 'worker', 'browser'],
      alias: Object.fromEntries(Object.entries(alias).map(([from, to]) => [from, resolve(dirname(path), to)])),
    },
    transform: {
      target: 'es2024',
      define: { 'process.env.NODE_ENV': '"production"', 'navigator.userAgent': '"Cloudflare-Workers"' },
    },
    plugins: [RUNTIME_MODULES, ...plugins],
    onLog: (level, { message }) => {
      if (level === 'warn') warnings.push(message);
    },
  });
  try {
    const { output } = await bundler.generate({
      format: 'esm',
      minify: true,
      keepNames: config.keep_names ?? true,
      codeSplitting: false,
      comments: false,
    });
    // A warning is an import that is not there, or code that would fail in workerd.
    if (warnings.length > 0) throw new UserError(warnings.join('\n'));
    const bound: readonly { class_name: string }[] = config.durable_objects.bindings;
    const missing = bound.map((it) => it.class_name).filter((name) => !output[0].exports.includes(name));
    if (missing.length > 0) throw new UserError(`${input} does not export ${missing.join(', ')}`);
    return output[0];
  } finally {
    await bundler.close();
  }
}

/** What workerd brings itself; packages name Node's modules with their prefix or without. */
const RUNTIME_MODULES: Plugin = {
  name: 'runtime-modules',
  resolveId(id) {
    if (id.startsWith('cloudflare:') || id.startsWith('node:')) return { id, external: true };
    return isBuiltin(id) ? { id: `node:${id}`, external: true } : null;
  },
};

/** A bundle that `buildWorker` made earlier. */
export async function readBundle(dir: string): Promise<Bundle> {
  const path = join(dir, ENTRY);
  const code = await readFile(path).catch(() => {
    throw new UserError(`No Worker bundle in ${dir}`);
  });
  const zipped = await promisify(gzip)(code);
  return { dir, modules: [{ type: 'ESModule', path }], bytes: code.length, gzipBytes: zipped.length };
}
