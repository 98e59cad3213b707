/** Start-up: `wrangler check startup`, which runs the module code of a Worker once under the profiler. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNode, WRANGLER, WRANGLER_ENV } from '../../src/cli/project.ts';

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string } }[];
  readonly samples: readonly number[];
  /** µs before each sample. */
  readonly timeDeltas: readonly number[];
}

/** In: a wrangler.toml and a directory for the profile. Out: milliseconds in which it did something. */
export async function startupMs(config: string, dir: string, signal: AbortSignal): Promise<number> {
  const outfile = join(dir, 'startup.cpuprofile');
  const args = ['check', 'startup', '--config', config, '--outfile', outfile];
  const ran = await runNode(WRANGLER, args, { env: WRANGLER_ENV, signal });
  if (ran.status !== 0) throw new Error(`wrangler check startup failed:\n${ran.stderr || ran.stdout}`);
  const profile = JSON.parse(await readFile(outfile, 'utf8')) as Profile;
  const idle = new Set(
    profile.nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  );
  const micros = profile.timeDeltas.reduce((sum, delta, i) => sum + (idle.has(profile.samples[i] ?? 0) ? 0 : delta), 0);
  return micros / 1000;
}
