/**
 * `npm run bench`: the built gate and its peers, each in a workerd of its own without a dev proxy, measured in turn.
 * Nothing here passes or fails by time: it is not a test.
 */
import { join } from 'node:path';
import { runCommand } from '../../src/cli/command.ts';
import { UserError } from '../../src/cli/errors.ts';
import { ROOT } from '../../src/cli/project.ts';
import { Report } from '../../src/cli/report.ts';
import { PLAN, QUICK, SMOKE } from './measure.ts';
import { writePage } from './page.ts';
import { writePlots } from './plots.ts';
import { printFigures } from './report.ts';
import type { Name } from './subjects.ts';
import { NAMES } from './subjects.ts';
import { withoutProxy } from './without-proxy.ts';

await runCommand({
  usage: 'npm run bench',
  summary:
    'Measures the gate against its peers: latency, throughput, CPU, start-up, memory, and what a\nlog of 1,000,000 rows costs. Takes about 8 minutes.',
  flags: {
    quick: { type: 'boolean', help: 'Three short rounds, without memory: under a minute' },
    smoke: {
      type: 'boolean',
      help: 'A handful of calls of each, to see that the bench works; its figures mean nothing',
    },
    json: { type: 'boolean', help: 'Prints the figures as JSON, and nothing else on standard output' },
    audit: { type: 'boolean', help: 'Only what a log of 1,000,000 rows costs; the whole run has it too' },
    write: { type: 'boolean', help: 'Writes the figures into docs/performance.md and the plots beside it' },
    disk: { type: 'boolean', help: 'Keeps all data in the usual temporary directory instead of in memory' },
    only: { type: 'string', help: `Some of ${NAMES.join(', ')}` },
    rounds: { type: 'string', help: 'Rounds, 9 unless said' },
    delay: { type: 'string', help: 'Milliseconds that the upstream waits before it answers, 2 unless said' },
  },
  run: async (flags, signal) => {
    const report = new Report(flags.json === true ? console.error : console.log);
    const load = () => Promise.all([import('./audit/index.ts'), import('./bench.ts')]);
    const [{ auditAlone }, { bench }] = await withoutProxy(load);
    const plan = flags.smoke === true ? SMOKE : flags.quick === true ? QUICK : PLAN;
    if (flags.audit === true) {
      await auditAlone(report, signal, flags.quick === true ? 100_000 : 1_000_000);
      return 0;
    }
    const figures = await bench({
      names: namesIn(flags.only),
      plan: { ...plan, rounds: numberIn('rounds', flags.rounds, plan.rounds) },
      delayMs: numberIn('delay', flags.delay, 2),
      disk: flags.disk === true,
      memory: plan === PLAN,
      startups: plan === PLAN ? 3 : plan === QUICK ? 1 : 0,
      report,
      signal,
    });
    if (flags.json === true) console.log(JSON.stringify(figures, undefined, 2));
    else printFigures(report, figures);
    if (flags.write === true) {
      const plots = await writePlots(figures, join(ROOT, 'docs/images'));
      await writePage(figures, join(ROOT, 'docs/performance.md'));
      report.line(`Written: docs/performance.md, ${plots.map((name) => `docs/images/${name}`).join(', ')}`);
    }
    if (plan === PLAN && flags.only === undefined) await auditAlone(report, signal, 1_000_000);
    return 0;
  },
});

function namesIn(list: string | undefined): readonly Name[] {
  if (list === undefined) return NAMES;
  const wanted = list.split(',').map((name) => name.trim());
  const strange = wanted.filter((name) => !NAMES.some((known) => known === name));
  if (strange.length > 0) throw new UserError(`There is no ${strange.join(', ')}. There are: ${NAMES.join(', ')}.`);
  return NAMES.filter((name) => wanted.includes(name));
}

function numberIn(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d{1,4}$/.test(text)) throw new UserError(`--${flag} takes a number.`);
  return Number(text);
}
