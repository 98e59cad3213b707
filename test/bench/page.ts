/** The figures in docs/performance.md, between two comments. The words around them are written by hand. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Figures } from './figures.ts';
import { fixed, targetOf } from './report.ts';
import { subjectOf } from './subjects.ts';

const BEGIN = '<!-- npm run bench -- --write -->';
const END = '<!-- end of the figures -->';

/** Replaces the figures in a page. Rejects when the page has no place for them. */
export async function writePage(figures: Figures, path: string): Promise<void> {
  const page = await readFile(path, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${path} lacks ${BEGIN} … ${END}`);
  await writeFile(path, `${page.slice(0, begin)}${BEGIN}\n${section(figures)}\n${page.slice(end)}`);
}

function section(figures: Figures): string {
  const { machine } = figures;
  const facts = [
    `${figures.date.slice(0, 10)}, ${machine.cores} cores (${machine.cpu}), ${machine.workerd}, Node ${machine.node}`,
    `data in ${machine.storage}`,
    `${figures.rounds} rounds`,
    `an upstream that answers in ${fixed(figures.upstreamMs, 2)} ms (asked to wait ${figures.delayMs})`,
    `load average ${fixed(machine.loadBefore, 1)} before and ${fixed(machine.loadAfter, 1)} after`,
  ];
  return [
    `${facts.join('; ')}.\n`,
    '### Ratios\n',
    table(
      ['of', 'to', 'what', 'ratio', 'quartiles', 'target', 'met'],
      figures.ratios.map((ratio) => [
        subjectOf(ratio.of).title,
        subjectOf(ratio.to).title,
        ratio.what,
        `**${fixed(ratio.median, 2)}**`,
        `${fixed(ratio.q1, 2)}–${fixed(ratio.q3, 2)}`,
        targetOf(ratio),
        ratio.met === undefined ? '' : ratio.met ? 'yes' : 'no',
      ]),
    ),
    '### Absolute values\n',
    table(
      ['', 'p50 ms', 'p99 ms', 'calls/s, 1', 'calls/s, 16', 'p99 at 16, ms', 'CPU a call, µs', 'tools/list p50, ms'],
      figures.subjects.map((subject) => [
        subject.title,
        fixed(subject.p50, 2),
        fixed(subject.p99, 2),
        fixed(subject.perSecond1),
        fixed(subject.perSecond16),
        fixed(subject.p99at16, 1),
        fixed(subject.cpu),
        fixed(subject.listP50, 2),
      ]),
    ),
    table(
      ['', 'bundle, KB gzip', 'start-up, ms', '1,000 idle sessions, MB'],
      figures.subjects
        .filter(({ startupMs, sessions }) => startupMs !== undefined || sessions !== undefined)
        .map((subject) => [
          subject.title,
          fixed(subject.gzipBytes / 1000),
          fixed(subject.startupMs),
          fixed((subject.sessions?.idle ?? Number.NaN) / 1e6),
        ]),
    ),
    table(
      ['set', 'tools', 'bytes of tools/list'],
      figures.lists.map(({ set, tools, bytes }) => [set, String(tools), bytes.toLocaleString('en')]),
    ),
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}
