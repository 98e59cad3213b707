/** Programs that are started as a person starts them: with a home directory, and a browser that opens by itself. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file that a package's command runs. */
export function commandOf(pkg: string, command: string): string {
  const require = createRequire(import.meta.url);
  // A package may not export its package.json; a folder of node_modules always has one.
  const dir = (require.resolve.paths(pkg) ?? []).map((path) => join(path, pkg)).find((path) => has(require, path));
  if (dir === undefined) throw new Error(`${pkg} is not installed`);
  const { bin } = require(join(dir, 'package.json')) as { bin: Record<string, string> };
  return join(dir, bin[command] ?? '');
}

function has(require: NodeJS.Require, dir: string): boolean {
  try {
    return dirname(require.resolve(join(dir, 'package.json'))) === dir;
  } catch {
    return false;
  }
}

/** In: a directory for what the program keeps. Out: the environment it runs in; nothing of this process's but the PATH. */
export async function programEnv(home: string): Promise<Record<string, string>> {
  await mkdir(home, { recursive: true });
  const browser = join(home, 'browser.sh');
  const script = fileURLToPath(new URL('browser.ts', import.meta.url));
  await writeFile(browser, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$1" >> "${home}/browser.log" 2>&1\n`);
  await chmod(browser, 0o700);
  return { PATH: process.env.PATH ?? '', HOME: home, BROWSER: browser };
}
