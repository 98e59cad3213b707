/** The figures for a person at a terminal. */
import type { Report } from '../../src/cli/report.ts';
import type { Figures, Ratio } from './figures.ts';
import { bytesOfTools, sumsOf } from './tool-bytes.ts';

export function printFigures(report: Report, figures: Figures): void {
  const { machine } = figures;
  report.heading('Subjects');
  report.table(
    figures.subjects.map((subject) => ({
      subject: subject.title,
      'p50 ms': fixed(subject.p50, 2),
      'p99 ms': fixed(subject.p99, 2),
      'calls/s': fixed(subject.perSecond1),
      'calls/s at 16': fixed(subject.perSecond16),
      'p99 at 16': fixed(subject.p99at16, 1),
      'CPU µs': fixed(subject.cpu),
      'list p50': fixed(subject.listP50, 2),
      'start-up ms': fixed(subject.startupMs),
      'gzip KB': fixed(subject.gzipBytes / 1000),
      'MB/1,000 sessions': fixed((subject.sessions?.idle ?? Number.NaN) / 1e6),
    })),
  );
  report.heading('Ratios: median of the rounds, and quartiles');
  report.table(
    figures.ratios.map((ratio) => ({
      of: ratio.of,
      to: ratio.to,
      what: ratio.what,
      ratio: fixed(ratio.median, 2),
      quartiles: `${fixed(ratio.q1, 2)} to ${fixed(ratio.q3, 2)}`,
      target: targetOf(ratio),
      met: ratio.met === undefined ? '' : ratio.met ? 'yes' : 'NO',
    })),
  );
  report.heading('tools/list');
  report.table(figures.lists.map(({ set, tools, bytes }) => ({ set, tools, bytes })));
  // `short` is name, description and input schema, what hosts pass on to a model.
  const rows = bytesOfTools();
  report.heading('Bytes of each tool');
  report.table([...rows].sort((a, b) => b.short - a.short));
  report.table(sumsOf(rows));
  report.line();
  report.line(
    `${machine.cores} cores (${machine.cpu}), ${machine.workerd}, Node ${machine.node}, data in ${machine.storage}; ${figures.rounds} rounds; ` +
      `upstream ${fixed(figures.upstreamMs, 2)} ms; load average ${fixed(machine.loadBefore, 1)} before, ${fixed(machine.loadAfter, 1)} after.`,
  );
}

export function targetOf({ target }: Ratio): string {
  return target === undefined ? '' : `${target.atMost ? 'at most' : 'at least'} ${target.bound}`;
}

/** Out: the number with that many decimals; nothing where it was not measured. */
export function fixed(value: number | undefined, decimals = 0): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(decimals);
}
