/** What the suite found against what is expected of it. Pure. */

export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

/** One scenario that was run. */
export interface Outcome {
  readonly scenario: string;
  /** Why the requirement set does not score it; undefined where it does. */
  readonly unscored: string | undefined;
  readonly checks: readonly Check[];
}

/** A failure that is known, and why it is not ours to mend. */
export interface BaselineEntry {
  readonly set: string;
  readonly scenario: string;
  /** The checks that fail; all that fail in the scenario where left out. */
  readonly checks?: readonly string[];
  readonly reason: string;
}

export interface Verdict {
  readonly scenario: string;
  readonly unscored: string | undefined;
  /** Nothing failed and nothing warned. */
  readonly passed: boolean;
  readonly counts: { readonly passed: number; readonly failed: number; readonly skipped: number };
  /** Failures that no entry expects. */
  readonly unexpected: readonly Check[];
  /** Why failures were expected. */
  readonly reasons: readonly string[];
  /** Expectations that did not come true: the entry has to go. */
  readonly stale: readonly string[];
}

/** In: the scenarios of one set and the baseline's entries for it. Out: a verdict on each. */
export function judge(outcomes: readonly Outcome[], entries: readonly BaselineEntry[]): Verdict[] {
  return outcomes.map((outcome) => {
    const mine = entries.filter((entry) => entry.scenario === outcome.scenario);
    const failing = outcome.checks.filter(failed);
    const expects = (id: string) => mine.some((entry) => entry.checks === undefined || entry.checks.includes(id));
    return {
      scenario: outcome.scenario,
      unscored: outcome.unscored,
      passed: failing.length === 0,
      counts: {
        passed: outcome.checks.filter((check) => check.status === 'SUCCESS').length,
        failed: failing.length,
        skipped: outcome.checks.filter((check) => check.status === 'SKIPPED').length,
      },
      unexpected: failing.filter((check) => !expects(check.id)),
      reasons: mine.map((entry) => entry.reason),
      stale: mine.flatMap((entry) => staleIn(entry, failing)),
    };
  });
}

/** Entries of the baseline that name no scenario of the sets that were run. */
export function unknownEntries(entries: readonly BaselineEntry[], verdicts: readonly Verdict[]): BaselineEntry[] {
  return entries.filter((entry) => !verdicts.some((verdict) => verdict.scenario === entry.scenario));
}

/** A warning is a SHOULD that is not met: it needs a reason here as a failure does. */
function failed(check: Check): boolean {
  return check.status === 'FAILURE' || check.status === 'WARNING';
}

function staleIn(entry: BaselineEntry, failing: readonly Check[]): string[] {
  if (entry.checks === undefined) return failing.length === 0 ? [entry.scenario] : [];
  return entry.checks.filter((id) => !failing.some((check) => check.id === id)).map((id) => `${entry.scenario}: ${id}`);
}
