/** Start-up: `wrangler check startup`, which runs the module code of a Worker once under the profiler. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNode, WRANGLER, WRANGLER_ENV } from '../../src/cli/project.ts';
import type { Built } from './build.ts';

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string } }[];
  readonly samples: readonly number[];
  /** µs before each sample. */
  readonly timeDeltas: readonly number[];
}

/** In: a Worker that was built, and a directory for the profile. Out: milliseconds in which it did something. */
export async function startupMs({ bundle, config }: Built, dir: string, signal: AbortSignal): Promise<number> {
  const outfile = join(dir, 'startup.cpuprofile');
  // The command reads its configuration for itself, and deploys without it: the Worker has to be named to that part.
  const deployed = `${bundle.modules[0].path} --no-bundle --config ${config}`;
  const args = ['check', 'startup', '--config', config, '--args', deployed, '--outfile', outfile];
  const ran = await runNode(WRANGLER, args, { env: WRANGLER_ENV, signal });
  if (ran.status !== 0) throw new Error(`wrangler check startup failed:\n${ran.stderr || ran.stdout}`);
  const profile = JSON.parse(await readFile(outfile, 'utf8')) as Profile;
  const idle = new Set(
    profile.nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  );
  const micros = profile.timeDeltas.reduce((sum, delta, i) => sum + (idle.has(profile.samples[i] ?? 0) ? 0 : delta), 0);
  return micros / 1000;
}
