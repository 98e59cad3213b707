/** The rounds: everybody in turn, forwards and backwards, so that what the machine does besides falls on all alike. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Generator, Target } from './load.ts';
import { cpuMicros } from './proc.ts';
import type { Operation } from './requests.ts';
import { modernTarget, sessionTarget } from './requests.ts';
import { openSessions } from './sessions.ts';
import type { Running } from './start.ts';
import { quantile } from './stats.ts';
import type { Name } from './subjects.ts';
import { CONNECTIONS, subjectOf } from './subjects.ts';
import type { Upstream } from './upstream.ts';
import { MARKER } from './upstream.ts';

/** Milliseconds of each slice: not counted, then counted. */
export interface Plan {
  readonly rounds: number;
  readonly single: readonly [warmup: number, counted: number];
  readonly parallel: readonly [warmup: number, counted: number];
  readonly list: readonly [warmup: number, counted: number];
  readonly ping: readonly [warmup: number, counted: number];
}

export const PLAN: Plan = { rounds: 9, single: [60, 300], parallel: [250, 800], list: [40, 160], ping: [100, 300] };
export const QUICK: Plan = { rounds: 3, single: [60, 200], parallel: [150, 400], list: [40, 100], ping: [60, 200] };
/** For the test that the bench works at all. */
export const SMOKE: Plan = { rounds: 1, single: [0, 30], parallel: [0, 30], list: [0, 30], ping: [0, 30] };

/** What is measured of a subject. `call16` and `ping16` are over 16 connections, pings of sessions only. */
export type Measure = 'call' | 'call16' | 'list' | 'ping16';

/** What tells a whole answer from any other. */
const MARKERS: Readonly<Record<Operation, string>> = { call: MARKER, list: '"tools":[', ping: '"result":{}' };

export interface Samples {
  /** Milliseconds of every request of all rounds. */
  readonly latencies: number[];
  /** One value for each round: median latency in ms, answers a second, CPU of workerd in µs a call. */
  readonly p50: number[];
  readonly perSecond: number[];
  readonly cpu: number[];
}

export interface Measured {
  readonly subjects: ReadonlyMap<Name, Readonly<Record<Measure, Samples>>>;
  /** Milliseconds of a request straight to the upstream, as the median of each round. */
  readonly upstream: readonly number[];
}

export interface MeasureOptions {
  readonly plan: Plan;
  readonly running: readonly Running[];
  readonly upstream: Upstream;
  readonly generator: Generator;
  readonly signal: AbortSignal;
  readonly onRound?: (round: number) => void;
}

/** Runs all rounds. Rejects when anybody gives a wrong answer, or at the signal. */
export async function measure(options: MeasureOptions): Promise<Measured> {
  const { plan, running, generator, upstream, signal } = options;
  const doors = new Map<Name, Targets>();
  for (const one of running) doors.set(one.name, await targetsOf(one));
  const subjects = new Map(
    running.map(({ name }) => [name, { call: samples(), call16: samples(), list: samples(), ping16: samples() }]),
  );
  const straight: number[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    for (const one of round % 2 === 0 ? running : running.toReversed()) {
      const targets = doors.get(one.name) as Targets;
      const mine = subjects.get(one.name) as Record<Measure, Samples>;
      const take = async (
        measured: Measure,
        operation: Operation,
        connections: number,
        time: readonly [number, number],
      ) => {
        signal.throwIfAborted();
        const [warmupMs, ms] = time;
        const marker = MARKERS[operation];
        const to = { port: one.port, method: 'POST', path: '/mcp', targets: targets[operation], marker } as const;
        const before = one.pid === undefined ? Number.NaN : await cpuMicros(one.pid);
        const { latencies, perSecond, sent } = await generator.run({ ...to, connections, warmupMs, ms });
        await untilQuiet(one.pid);
        const after = one.pid === undefined ? Number.NaN : await cpuMicros(one.pid);
        mine[measured].latencies.push(...latencies);
        mine[measured].p50.push(quantile(latencies, 0.5));
        mine[measured].perSecond.push(perSecond);
        mine[measured].cpu.push((after - before) / sent);
      };
      await take('call', 'call', 1, plan.single);
      await take('call16', 'call', CONNECTIONS, plan.parallel);
      await take('list', 'list', 1, plan.list);
      if (subjectOf(one.name).era === 'session') await take('ping16', 'ping', CONNECTIONS, plan.ping);
    }
    straight.push(await upstreamTime(upstream, generator));
    options.onRound?.(round + 1);
  }
  return { subjects, upstream: straight };
}

type Targets = Readonly<Record<Operation, readonly Target[]>>;

async function targetsOf(running: Running): Promise<Targets> {
  if (subjectOf(running.name).era === 'modern') {
    return { call: [modernTarget(running, 'call')], list: [modernTarget(running, 'list')], ping: [] };
  }
  const ids = await openSessions(running, CONNECTIONS);
  const all = (operation: Operation) => ids.map((id) => sessionTarget(running, operation, id));
  return { call: all('call'), list: all('list'), ping: all('ping') };
}

function samples(): Samples {
  return { latencies: [], p50: [], perSecond: [], cpu: [] };
}

async function upstreamTime({ port }: Upstream, generator: Generator): Promise<number> {
  const slice = { port, method: 'GET', path: '/', targets: [{ headers: {}, body: ['', ''] }], marker: MARKER } as const;
  const { latencies } = await generator.run({ ...slice, connections: 1, warmupMs: 20, ms: 100 });
  return quantile(latencies, 0.5);
}

/** Milliseconds between two looks, µs of CPU that still count as quiet, and the most that is waited. */
const LOOK_MS = 60;
const QUIET_MICROS = 3000;
const MOST_MS = 1500;

/** What a call leaves to be done, such as the rows of the log, is its own cost and nobody else's disturbance. */
async function untilQuiet(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const until = performance.now() + MOST_MS;
  // The gate waits 200 ms for company before it sends rows on: quiet within that says nothing.
  await sleep(220);
  for (let last = await cpuMicros(pid); performance.now() < until; ) {
    await sleep(LOOK_MS);
    const now = await cpuMicros(pid);
    if (now - last < QUIET_MICROS) return;
    last = now;
  }
}
