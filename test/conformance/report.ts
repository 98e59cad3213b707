/** What a person reads: a line per scenario, then the figures. */
import type { RowCount } from './rows.ts';
import type { ConformanceSet } from './sets.ts';
import type { BaselineEntry, Verdict } from './verdict.ts';

/** Prints one set. Out: whether nothing failed that was not expected, and nothing expected to fail passed. */
export function printSet(
  set: ConformanceSet,
  verdicts: readonly Verdict[],
  unknown: readonly BaselineEntry[],
): boolean {
  const scored = verdicts.filter((verdict) => verdict.unscored === undefined);
  const unscored = verdicts.filter((verdict) => verdict.unscored !== undefined);
  console.log(`\n== ${set.title}`);
  for (const verdict of scored) printVerdict(verdict);
  if (unscored.length > 0) console.log('-- not scored');
  for (const verdict of unscored) printVerdict(verdict);
  for (const [reason, known] of Map.groupBy(verdicts.filter(isKnown), (verdict) => verdict.reasons.join(' '))) {
    console.log(`known: ${known.map((verdict) => verdict.scenario).join(', ')}: ${reason}`);
  }
  for (const { scenario } of unknown)
    console.log(`  STALE ${scenario}: this set has no such scenario, remove it from the baseline`);
  const rest = unscored.length === 0 ? '' : `; not scored: ${count(unscored)}`;
  console.log(`${count(scored)} ${set.worker === 'fixture' ? 'scored passed' : 'passed'}${rest}`);
  return (
    unknown.length === 0 && verdicts.every((verdict) => verdict.unexpected.length === 0 && verdict.stale.length === 0)
  );
}

/** Prints what became of the calls. Out: whether each left exactly one row. */
export function printRows({ calls, outcomes, wrong }: RowCount): boolean {
  const shares = Object.entries(outcomes).map(([status, rows]) => `${rows} ${status}`);
  console.log(`\n${calls} calls, one row each in the audit log: ${shares.join(', ') || 'none'}`);
  for (const id of wrong) console.log(`  WRONG request ${id} has no row, or more than one`);
  return wrong.length === 0;
}

/** Fails as the baseline says. */
function isKnown({ passed, unexpected }: Verdict): boolean {
  return !passed && unexpected.length === 0;
}

function printVerdict(verdict: Verdict): void {
  const { scenario, unscored, passed, counts, unexpected, stale } = verdict;
  const mark = isKnown(verdict) ? 'known' : passed ? 'ok' : 'FAIL';
  const checks = [
    `${counts.passed} passed`,
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} not applicable`] : []),
  ];
  const why = unscored === undefined ? '' : ` (${unscored})`;
  console.log(`  ${mark.padEnd(5)} ${scenario.padEnd(46)} ${checks.join(', ')}${why}`);
  for (const { id, errorMessage } of unexpected) console.log(`        ${id}: ${errorMessage ?? 'no message'}`);
  for (const entry of stale) console.log(`  STALE ${entry} passes now: remove it from the baseline`);
}

function count(verdicts: readonly Verdict[]): string {
  return `${verdicts.filter((verdict) => verdict.passed).length} of ${verdicts.length}`;
}
