/** Quantiles and paired ratios. Pure. */

export interface Spread {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
}

/** In: numbers in any order, `q` from 0 to 1. Out: the quantile, interpolated; NaN of nothing. */
export function quantile(values: Iterable<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function spread(values: readonly number[]): Spread {
  return { q1: quantile(values, 0.25), median: quantile(values, 0.5), q3: quantile(values, 0.75) };
}

/** In: one figure a round of each of two peers, in the order of the rounds. Out: the spread of a/b over the rounds. */
export function pairedRatio(a: readonly number[], b: readonly number[]): Spread {
  return spread(a.map((value, round) => value / (b[round] ?? Number.NaN)));
}
