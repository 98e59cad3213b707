/** What the storm's requests came to: latencies and statuses by kind, what went wrong, and which rows there must be. */
import { quantile } from '../bench/stats.ts';

/** Failures that are kept; one bug makes thousands. */
const MOST_FAILURES = 50;

export interface Timing {
  readonly requests: number;
  /** Milliseconds to the end of the answer. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

export class Ledger {
  readonly failures: string[] = [];
  /** Status that the row of a request must have, by the X-Request-Id of an answer that arrived whole. */
  readonly acknowledged = new Map<string, string>();
  readonly statuses: Record<string, number> = {};
  readonly #latencies = new Map<string, number[]>();

  fail(failure: string): void {
    if (this.failures.length < MOST_FAILURES) this.failures.push(failure);
  }

  /** In: what kind of request it was, its HTTP status (0: none), milliseconds to the end of the answer. */
  answered(kind: string, status: number, milliseconds: number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    const known = this.#latencies.get(kind);
    if (known === undefined) this.#latencies.set(kind, [milliseconds]);
    else known.push(milliseconds);
  }

  get requests(): number {
    return [...this.#latencies.values()].reduce((sum, { length }) => sum + length, 0);
  }

  timings(): Record<string, Timing> {
    return Object.fromEntries(
      [...this.#latencies].map(([kind, values]) => [
        kind,
        {
          requests: values.length,
          p50: quantile(values, 0.5),
          p99: quantile(values, 0.99),
          longest: quantile(values, 1),
        },
      ]),
    );
  }
}
