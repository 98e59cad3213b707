/**
 * A real headless Chromium, from the npm registry alone: `@sparticuz/chromium` holds the binary with its libraries and
 * a font, `playwright-core` drives it. Works as root and without anything installed by hand.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const run = promisify(execFile);

/** Why each: root has no sandbox, there is no GPU, and nothing may be looked up that the test did not ask for. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--font-render-hinting=none',
];

/** Out: a running browser. Close it in `afterAll`. Web security, site isolation and CSP are on, as in a person's. */
export async function launchBrowser(): Promise<Browser> {
  const home = await unpacked();
  return await chromium.launch({
    executablePath: join(home, 'chromium'),
    args: FLAGS,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: home,
      LD_LIBRARY_PATH: join(home, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  });
}

/** Unpacks the browser once per version and machine. Out: its folder. Safe when several processes start at once. */
async function unpacked(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const { version } = createRequire(entry)('../package.json') as { version: string };
  const home = join(tmpdir(), `gatehouse-chromium-${version}`);
  if (existsSync(home)) return home;

  const partial = await mkdtemp(`${home}.`);
  // In a process of its own: the package unpacks to TMPDIR and changes LD_LIBRARY_PATH of whoever imports it.
  const script = `await (await import(${JSON.stringify(pathToFileURL(entry).href)})).default.executablePath();`;
  await run(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env.PATH ?? '', TMPDIR: partial, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' },
  });
  await writeFile(join(partial, 'fonts.conf'), fontsConf(home));
  try {
    await rename(partial, home);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
  return home;
}

function fontsConf(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(home, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(home, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
