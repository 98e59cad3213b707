/** A whole run: build, start, memory, rounds, start-up times. Everything that was started is stopped, whatever happens. */
import { rmSync } from 'node:fs';
import { access, constants, mkdtemp, readFile, rm, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../src/cli/project.ts';
import type { Report } from '../../src/cli/report.ts';
import type { Built } from './build.ts';
import { buildAll } from './build.ts';
import type { Figures } from './figures.ts';
import { ratiosOf, subjectFigures } from './figures.ts';
import { listSizes } from './lists.ts';
import { startGenerator } from './load.ts';
import type { Plan } from './measure.ts';
import { measure } from './measure.ts';
import { sessionMemory } from './memory.ts';
import type { Running } from './start.ts';
import { start } from './start.ts';
import { startupMs } from './startup.ts';
import { quantile } from './stats.ts';
import type { Name } from './subjects.ts';
import { subjectOf } from './subjects.ts';
import { startUpstream } from './upstream.ts';

export interface BenchOptions {
  readonly names: readonly Name[];
  readonly plan: Plan;
  /** Milliseconds that the upstream waits before it answers. */
  readonly delayMs: number;
  /** Keeps all data in the usual temporary directory instead of in memory. */
  readonly disk: boolean;
  /** Also 1,000 sessions in memory: 20 s more. */
  readonly memory: boolean;
  /** How often `wrangler check startup` runs for each: 3 s a time. */
  readonly startups: number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Whose start-up time is of interest. */
const STARTED: readonly Name[] = ['pattern', 'gate', 'mcp-agent'];

/** Runs it all. Rejects, with nothing left running, when anything goes wrong. */
export async function bench({ names, plan, delayMs, report, signal, ...options }: BenchOptions): Promise<Figures> {
  const loadBefore = loadavg()[0] ?? 0;
  const dir = await mkdtemp(join(options.disk ? tmpdir() : await memoryDir(), 'gatehouse-bench-'));
  // For the stack's data directories, and for what wrangler leaves.
  const tmpBefore = process.env.TMPDIR;
  process.env.TMPDIR = dir;
  const removeAtExit = () => rmSync(dir, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  const generator = startGenerator();
  const upstream = await startUpstream(delayMs);
  const running: Running[] = [];
  try {
    const built = await report.step('Workers built and minified', () => buildAll(dir, names, signal));
    const startups = new Map<Name, number[]>();
    if (options.startups > 0)
      await report.step('start-up profiled', async () => {
        for (let i = 0; i < options.startups; i++) {
          for (const name of STARTED.filter((one) => built.has(one))) {
            const ms = await startupMs(built.get(name) as Built, dir, signal);
            startups.set(name, [...(startups.get(name) ?? []), ms]);
          }
        }
      });
    await report.step('started, signed in', async () => {
      for (const [name, one] of built) {
        signal.throwIfAborted();
        running.push(await start(name, one, upstream, join(dir, 'data')));
      }
    });
    const memory = options.memory
      ? await report.step('1,000 sessions in memory', () =>
          sessionMemory(
            running.filter(({ name }) => subjectOf(name).era === 'session'),
            generator,
            signal,
          ),
        )
      : new Map();
    const measured = await report.step(`${plan.rounds} rounds`, () =>
      measure({ plan, running, upstream, generator, signal }),
    );
    const raw = {
      measured,
      startups,
      memory,
      gzipBytes: new Map([...built].map(([name, { bundle }]) => [name, bundle.gzipBytes])),
    };
    return {
      date: new Date().toISOString(),
      machine: { ...(await machineFacts(dir)), loadBefore, loadAfter: loadavg()[0] ?? 0 },
      rounds: plan.rounds,
      delayMs,
      upstreamMs: quantile(measured.upstream, 0.5),
      subjects: subjectFigures(raw),
      ratios: ratiosOf(raw),
      lists: listSizes(),
    };
  } finally {
    // What comes after in this process must not look for a directory that is gone.
    if (tmpBefore === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = tmpBefore;
    await Promise.allSettled(running.map((one) => one.stop()));
    await Promise.allSettled([generator.stop(), upstream.stop()]);
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    process.off('exit', removeAtExit);
  }
}

/**
 * Where files are kept in memory, or else the usual place. workerd waits for a disk on the thread that does everything,
 * at every commit, which Cloudflare does not; and a disk that others use makes two runs incomparable.
 */
async function memoryDir(): Promise<string> {
  const memory = '/dev/shm';
  return await access(memory, constants.W_OK).then(
    () => memory,
    () => tmpdir(),
  );
}

/** `TMPFS_MAGIC` of Linux, statfs(2). */
const TMPFS = 0x01021994;

async function machineFacts(dir: string) {
  const workerd = JSON.parse(await readFile(join(ROOT, 'node_modules/workerd/package.json'), 'utf8')) as {
    version: string;
  };
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.versions.node,
    workerd: `workerd ${workerd.version}`,
    storage: (await statfs(dir)).type === TMPFS ? 'memory' : 'disk',
  };
}
