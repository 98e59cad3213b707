/**
 * `npm run conformance`: the official suite against the fixture server behind the production path, and what of it needs
 * no fixtures against the production build. Ends with 1 when something fails that the baseline does not expect, when an
 * entry of the baseline has become stale, or when a call left no row in the log.
 *
 * Arguments: names of sets, to run only those (`npm run conformance -- 2026-07-28`).
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWorker } from '../../src/cli/bundle.ts';
import { buildFixtureWorker } from './fixture-worker.ts';
import { openGate } from './gate.ts';
import { printRows, printSet } from './report.ts';
import { countRows } from './rows.ts';
import type { ConformanceSet } from './sets.ts';
import { SETS } from './sets.ts';
import type { BaselineEntry } from './verdict.ts';
import { judge, unknownEntries } from './verdict.ts';

const wanted = process.argv.slice(2);
const names = SETS.map((set) => set.name);
const strange = wanted.filter((name) => !names.includes(name));
if (strange.length > 0) {
  console.error(`There is no set ${strange.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(1);
}
const baseline = JSON.parse(await readFile(join(import.meta.dirname, 'baseline.json'), 'utf8')) as BaselineEntry[];
const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-conformance-'));

/** Runs the sets of one Worker. Out: whether all is as it should be. */
async function runAgainst(worker: ConformanceSet['worker']): Promise<boolean> {
  const sets = SETS.filter((set) => set.worker === worker && (wanted.length === 0 || wanted.includes(set.name)));
  if (sets.length === 0) return true;
  const dir = join(scratch, worker);
  const bundle = worker === 'fixture' ? await buildFixtureWorker(dir) : await buildWorker(dir);
  const gate = await openGate(bundle.dir);
  try {
    let good = true;
    for (const set of sets) {
      const entries = baseline.filter((entry) => entry.set === set.name);
      const verdicts = judge(await set.run(gate.mcpUrl), entries);
      good = printSet(set, verdicts, unknownEntries(entries, verdicts)) && good;
    }
    return printRows(await countRows(gate)) && good;
  } finally {
    await gate.stop();
  }
}

try {
  const fixture = await runAgainst('fixture');
  const production = await runAgainst('production');
  process.exitCode = fixture && production ? 0 : 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
