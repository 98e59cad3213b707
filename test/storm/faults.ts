/** What a storm must not leave behind. Pure. */
import type { StormReport } from './storm.ts';

/** Bytes that the least resident set may grow by between the middle of a storm and its end, besides a tenth. */
const SLACK = 48 * 2 ** 20;
/**
 * Bytes up to which growth says nothing: with 17 actors, workerd collects what is garbage only as its heap gets there. It
 * was seen to grow to 550 MB in the first four minutes, and no further.
 */
const WARM = 640 * 2 ** 20;

/** Out: a sentence for each thing that is wrong. */
export function faultsOf({ failures, rows, memory, acknowledged }: StormReport): string[] {
  const faults = [...failures];
  for (const row of rows.wrong) faults.push(`row of an acknowledged call: ${row}`);
  for (const chain of rows.brokenChains) faults.push(`chain ${chain}`);
  if (acknowledged === 0) faults.push('no call was acknowledged');
  if (memory !== undefined && memory.end > Math.max(WARM, memory.middle * 1.1 + SLACK)) {
    faults.push(`memory grew from ${memory.middle} to ${memory.end} bytes`);
  }
  return faults;
}
