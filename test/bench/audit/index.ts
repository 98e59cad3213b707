/** What a log of a million rows costs: its bytes, its pages, and the calls beside it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle } from '../../../src/cli/bundle.ts';
import { buildWorker } from '../../../src/cli/bundle.ts';
import type { Report } from '../../../src/cli/report.ts';
import { startStack } from '../../../src/cli/stack.ts';
import { Rig } from '../../faults/rig.ts';
import { startGenerator } from '../load.ts';
import { modernTarget } from '../requests.ts';
import { startGate } from '../start.ts';
import { quantile } from '../stats.ts';
import { MARKER, startUpstream } from '../upstream.ts';
import { pageTimes } from './pages.ts';
import { compareTotals, databaseFile, FIXTURE, fill } from './rows.ts';

export interface AuditOptions {
  readonly bundle: Bundle;
  /** A directory for both logs. */
  readonly dir: string;
  /** Rows of the large log. */
  readonly rows: number;
  readonly rounds: number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** One figure beside what the issue asks for. */
export interface AuditFigure {
  readonly what: string;
  readonly figure: number;
  readonly atMost: number;
}

/** Rows of the small log. */
const FEW = 10_000;
const ROUND_MS = 250;

/** Builds the gate, measures with logs of that many rows, and removes them. */
export async function auditAlone(report: Report, signal: AbortSignal, rows: number): Promise<AuditFigure[]> {
  // On disk: a log of a million rows and the copies that SQLite makes do not fit where memory is short.
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-bench-audit-'));
  try {
    const bundle = await report.step('gate built', () => buildWorker(join(dir, 'bundle'), undefined, signal));
    return await auditBench({ bundle, dir, rows, rounds: 31, report, signal });
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Rejects, with nothing left running, when anything goes wrong. */
export async function auditBench({ bundle, dir, rows, rounds, report, signal }: AuditOptions): Promise<AuditFigure[]> {
  const [small, large, empty] = ['small', 'large', 'empty'].map((name) => join(dir, name)) as [string, string, string];
  const bytes = await report.step(
    `${rows.toLocaleString('en-US')} rows, and ${FEW.toLocaleString('en-US')}`,
    async () => {
      await makeLog(small, bundle, FEW);
      return await makeLog(large, bundle, rows);
    },
  );
  signal.throwIfAborted();
  const pages = await report.step('pages', async () => {
    const logs = [new DatabaseSync(await databaseFile(small)), new DatabaseSync(await databaseFile(large))];
    const times = pageTimes(logs, 300);
    for (const log of logs) log.close();
    return times;
  });
  const calls = await report.step('calls beside an empty log and beside the large one, in turn', () =>
    callTimes(bundle, [empty, large], rounds, signal),
  );
  for (const log of [small, empty, large]) compareTotals(await databaseFile(log));
  const crowd = await report.step('100 people with a call a second each', async () => {
    const rig = await Rig.start();
    try {
      return await rig.crowd(100, 20);
    } finally {
      await rig.stop();
    }
  });
  const [few, many] = pages as [(typeof pages)[0], (typeof pages)[0]];
  const figures = [
    { what: 'bytes of a row with its indexes', figure: bytes, atMost: 650 },
    { what: "one user's page: to that on 10,000 rows", figure: many.user / few.user, atMost: 1.5 },
    { what: "the console's first page: to one user's", figure: many.all / many.user, atMost: 5 },
    {
      what: 'D1 statements a call, 100 people with a call a second each',
      figure: crowd.statements / crowd.calls,
      atMost: 0.1,
    },
    { what: 'seconds until the slowest of those rows was seen in D1', figure: crowd.slowestMs / 1000, atMost: 10 },
    { what: 'a call: p50 to that beside an empty log', figure: calls.p50, atMost: 1.05 },
  ];
  report.heading(`The log of ${rows.toLocaleString('en-US')} rows`);
  report.table(
    figures.map(({ what, figure, atMost }) => ({
      what,
      figure: figure.toFixed(figure > 100 ? 0 : 2),
      'at most': atMost,
      met: figure <= atMost ? 'yes' : 'NO',
    })),
  );
  report.line(
    `Totals and rows agree in each log. Fixture: ${FIXTURE}. One user's page takes ${many.user.toFixed(2)} ms in the engine, calls ${calls.ms.toFixed(2)} ms.`,
  );
  return figures;
}

/** Out: bytes of a row. */
async function makeLog(dataDir: string, bundle: Bundle, rows: number): Promise<number> {
  // Started once, so that the migrations are those of the product.
  await (await startStack({ dataDir, bundleDir: bundle.dir })).stop();
  return fill(await databaseFile(dataDir), rows);
}

/** The median over the rounds of the ratio of the second gate's p50 to the first one's. */
async function callTimes(
  bundle: Bundle,
  dataDirs: readonly [string, string],
  rounds: number,
  signal: AbortSignal,
): Promise<{ p50: number; ms: number }> {
  const upstream = await startUpstream(2);
  const generator = startGenerator();
  const gates = [];
  try {
    for (const dataDir of dataDirs) gates.push(await startGate({ bundle }, upstream, { dataDir }));
    const ratios: number[] = [];
    let last = 0;
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted();
      const p50 = [0, 0];
      for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
        const gate = gates[i] as (typeof gates)[0];
        const slice = { port: gate.port, method: 'POST', path: '/mcp', marker: MARKER } as const;
        const targets = [modernTarget(gate, 'call')];
        const { latencies } = await generator.run({ ...slice, targets, connections: 1, warmupMs: 60, ms: ROUND_MS });
        p50[i] = quantile(latencies, 0.5);
        // Rows go to D1 a moment later: that is this gate's own cost.
        await sleep(1100);
      }
      ratios.push((p50[1] as number) / (p50[0] as number));
      last = p50[1] as number;
    }
    return { p50: quantile(ratios, 0.5), ms: last };
  } finally {
    await Promise.allSettled(gates.map((gate) => gate.stop()));
    await Promise.allSettled([generator.stop(), upstream.stop()]);
  }
}
