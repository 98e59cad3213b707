/** A storm: everybody at once, for as long as one likes, against the built Worker in workerd. */
import { connectModern, Person } from '../../src/cli/clients.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { startStack } from '../../src/cli/stack.ts';
import { workerdProcesses } from '../bench/proc.ts';
import { LogWatch } from '../fuzz/judge.ts';
import { FUZZ_LIMITS } from '../fuzz/settings.ts';
import { openTarget } from '../fuzz/target.ts';
import type { Scene } from './actors.ts';
import { CAST } from './actors.ts';
import type { Timing } from './ledger.ts';
import { Ledger } from './ledger.ts';
import { growth, watchMemory } from './memory.ts';
import type { RowsFound } from './rows.ts';
import { checkRows } from './rows.ts';
import { PEOPLE, startStormUpstream } from './upstream.ts';

export interface StormReport {
  readonly seconds: number;
  readonly requests: number;
  readonly timings: Readonly<Record<string, Timing>>;
  readonly statuses: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly rows: RowsFound;
  /** Bytes of workerd's resident set at the middle and at the end; undefined where there is no /proc, or too short. */
  readonly memory: { readonly middle: number; readonly end: number } | undefined;
  readonly memorySamples: readonly number[];
  /** Everything that must not be: 5xx, wrong answers, what the log says. */
  readonly failures: readonly string[];
}

export interface StormOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Directory with a built Worker; built anew without it. */
  readonly bundleDir?: string;
  /** Called every 10 s with the seconds that have passed. */
  readonly onProgress?: (seconds: number, ledger: Ledger, memory: readonly number[]) => void;
}

const CALLERS = 8;

export async function storm({ seconds, seed, bundleDir, onProgress }: StormOptions): Promise<StormReport> {
  const upstream = await startStormUpstream();
  const log = new LogWatch();
  let stack: Stack | undefined;
  try {
    const before = await workerdProcesses();
    stack = await startStack({
      bundleDir,
      onLog: log.see,
      settings: {
        ...FUZZ_LIMITS,
        GITHUB_URL: upstream.url,
        GITHUB_API_URL: upstream.url,
        GITHUB_CLIENT_ID: 'storm',
        GITHUB_CLIENT_SECRET: 'storm',
        ALLOWED_USERS: PEOPLE.join(','),
      },
    });
    const [pid] = [...(await workerdProcesses())].filter((id) => !before.has(id));
    return await rage(stack, log, pid, { seconds, seed, ...(onProgress !== undefined && { onProgress }) });
  } finally {
    await stack?.stop();
    await upstream.stop();
  }
}

async function rage(
  stack: Stack,
  log: LogWatch,
  pid: number | undefined,
  { seconds, seed, onProgress }: StormOptions,
): Promise<StormReport> {
  const ledger = new Ledger();
  const tokens = await Promise.all(PEOPLE.slice(0, CALLERS).map((login) => signedIn(stack, login)));
  const target = await openTarget(stack, { login: PEOPLE[CALLERS] ?? '', boundLogin: PEOPLE[CALLERS + 1] ?? '' });
  const scene: Scene = { stack, ledger, tokens, target, seed };
  const memory = pid === undefined ? undefined : watchMemory(pid);
  const began = performance.now();
  const end = began + seconds * 1000;
  const progress = setInterval(
    () => onProgress?.(Math.round((performance.now() - began) / 1000), ledger, memory?.samples ?? []),
    10_000,
  );
  try {
    const loops = CAST.flatMap(([, actor, many]) => {
      let turn = 0;
      return Array.from({ length: many }, async () => {
        while (performance.now() < end) await actor(scene, turn++);
      });
    });
    await Promise.all(loops);
  } finally {
    clearInterval(progress);
    memory?.stop();
  }
  const took = (performance.now() - began) / 1000;
  await target.stop();
  const rows = await checkRows(stack, ledger.acknowledged);
  return {
    seconds: took,
    requests: ledger.requests,
    timings: ledger.timings(),
    statuses: ledger.statuses,
    acknowledged: ledger.acknowledged.size,
    rows,
    memory: memory === undefined ? undefined : growth(memory.samples),
    memorySamples: memory?.samples ?? [],
    failures: [...ledger.failures, ...log.faults.map((fault) => `log: ${fault}`)],
  };
}

/** Out: an access token with everything granted. An access token lives 15 minutes, longer than a storm. */
async function signedIn(stack: Stack, login: string): Promise<string> {
  const person = new Person({ clientName: 'Storm', login, choose: (boxes) => boxes.map((box) => box.scope) });
  await (await connectModern(stack.mcpUrl, { person })).close();
  return person.accessToken ?? '';
}
