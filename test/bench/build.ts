/** Every Worker that is measured, built and minified by the command that deploys. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unstable_readConfig } from 'wrangler';
import type { Bundle } from '../../src/cli/bundle.ts';
import { buildOther, buildWorker } from '../../src/cli/bundle.ts';
import { WRANGLER_CONFIG } from '../../src/cli/project.ts';
import type { Name } from './subjects.ts';
import { isGate, subjectOf } from './subjects.ts';

export interface Built {
  readonly bundle: Bundle;
  /** The wrangler.toml it was built from. */
  readonly config: string;
}

/** In: a directory for all; who. Out: the bundles by name; both eras of the gate share one. */
export async function buildAll(
  dir: string,
  names: readonly Name[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Name, Built>> {
  const built = new Map<Name, Built>();
  const gate = names.some(isGate) ? buildGate(join(dir, 'gate'), signal) : undefined;
  for (const name of names) {
    const out = join(dir, name);
    const made = isGate(name) ? gate : buildPeer(out, await peerConfig(out, name), signal);
    if (made !== undefined) built.set(name, await made);
  }
  return built;
}

async function buildGate(dir: string, signal: AbortSignal): Promise<Built> {
  return { bundle: await buildWorker(join(dir, 'bundle'), WRANGLER_CONFIG, signal), config: WRANGLER_CONFIG };
}

async function buildPeer(dir: string, config: string, signal: AbortSignal): Promise<Built> {
  return { bundle: await buildOther(join(dir, 'bundle'), config, signal), config };
}

/** Runtime and flags are those of the gate. */
async function peerConfig(dir: string, name: Name): Promise<string> {
  const { compatibility_date, compatibility_flags } = unstable_readConfig({ config: WRANGLER_CONFIG });
  const { worker, bindings = '' } = subjectOf(name);
  const path = join(dir, 'wrangler.toml');
  await mkdir(dir, { recursive: true });
  const lines = [
    `name = "${name}"`,
    `main = ${JSON.stringify(join(import.meta.dirname, 'workers', worker ?? ''))}`,
    `compatibility_date = "${compatibility_date}"`,
    `compatibility_flags = ${JSON.stringify(compatibility_flags)}`,
    bindings,
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}
