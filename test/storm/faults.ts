/** What a storm must not leave behind. Pure. */
import type { StormReport } from './storm.ts';

/** Bytes that the least resident set may grow by between the middle of a storm and its end, besides a tenth. */
const SLACK = 48 * 2 ** 20;
/**
 * Bytes up to which growth says nothing in a short storm: with 17 actors, workerd collects what is garbage only as its
 * heap gets there. It was seen to grow to 620 MB in the first two minutes, and no further. From WARM_AFTER seconds on the
 * middle of a storm is past that, and every growth counts.
 */
const WARM = 640 * 2 ** 20;
export const WARM_AFTER = 360;

/** Out: a sentence for each thing that is wrong. */
export function faultsOf({ seconds, failures, rows, memory, acknowledged }: StormReport): string[] {
  const faults = [...failures];
  for (const row of rows.wrong) faults.push(`row of an acknowledged call: ${row}`);
  for (const chain of rows.brokenChains) faults.push(`chain ${chain}`);
  if (acknowledged === 0) faults.push('no call was acknowledged');
  const warm = seconds < WARM_AFTER ? WARM : 0;
  if (memory !== undefined && memory.end > Math.max(warm, memory.middle * 1.1 + SLACK)) {
    faults.push(`memory grew from ${memory.middle} to ${memory.end} bytes`);
  }
  return faults;
}
