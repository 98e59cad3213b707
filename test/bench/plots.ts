/** The plots of docs/performance.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figures, Ratio, SubjectFigures } from './figures.ts';
import { fixed, targetOf } from './report.ts';
import { isGate, subjectOf } from './subjects.ts';
import type { Chart } from './svg.ts';
import { barChart } from './svg.ts';

/** Writes them all. In: the directory. Out: their names. */
export async function writePlots(figures: Figures, dir: string): Promise<string[]> {
  await mkdir(dir, { recursive: true });
  const charts: Readonly<Record<string, Chart>> = {
    'bench-ratios.svg': {
      title: 'Against the peers of the same run',
      subtitle: 'Median of the rounds, with quartiles. Orange: the target; grey: not met.',
      bars: figures.ratios.filter(({ what }) => !what.endsWith('tools/list')).map(ratioBar),
    },
    'bench-latency.svg': {
      title: 'A call over one connection',
      subtitle: `p50 in ms, of which the upstream takes ${fixed(figures.upstreamMs, 1)} ms; the line ends at p99`,
      bars: figures.subjects.map((subject) => ({
        ...labelled(subject),
        value: subject.p50,
        whisker: [subject.p50, subject.p99],
        text: fixed(subject.p50, 2),
      })),
    },
    'bench-throughput.svg': {
      title: 'Calls a second over 16 connections',
      subtitle: 'One workerd, one thread',
      bars: figures.subjects.map((subject) => ({
        ...labelled(subject),
        value: subject.perSecond16,
        text: fixed(subject.perSecond16),
      })),
    },
    'bench-lists.svg': {
      title: 'Bytes of tools/list',
      subtitle: 'By the set that the headers of a client choose',
      bars: figures.lists.map(({ set, tools, bytes }) => ({
        label: set,
        value: bytes,
        ours: set.startsWith('default'),
        text: `${fixed(bytes / 1000, 1)} KB, ${tools}`,
      })),
    },
  };
  for (const [name, chart] of Object.entries(charts)) await writeFile(join(dir, name), barChart(chart));
  return Object.keys(charts);
}

function labelled({ title, name }: SubjectFigures) {
  return { label: title, ours: isGate(name) };
}

function ratioBar(ratio: Ratio) {
  return {
    label: `${shortTitle(ratio)}: ${ratio.what.replace(/, of what that costs$/, '')}`,
    value: ratio.median,
    whisker: [ratio.q1, ratio.q3] as const,
    mark: ratio.target?.bound,
    ours: ratio.met !== false,
    text: `${fixed(ratio.median, 2)}${ratio.target === undefined ? '' : ` (${targetOf(ratio)})`}`,
  };
}

function shortTitle({ of, to }: Ratio): string {
  return subjectOf(of).worker === undefined ? `to ${to}` : `${of} to ${to}`;
}
