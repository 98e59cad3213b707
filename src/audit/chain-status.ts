/**
 * Whether the end of a chain in D1 is the end that its Writer knows. This is no verification of the chain: it finds, at
 * the price of one row, what was cut off or changed at the end, and nothing before it.
 */
import { chainOf, WRITERS } from './chain.ts';

/** The end of a chain as its Writer knows it. */
export interface ChainEnd {
  /** Rows that were given a number; 0 before the first. */
  readonly seq: number;
  /** Hash of the last of them. */
  readonly hash: string;
  /** How many of them D1 has not confirmed. */
  readonly waiting: number;
}

/** The newest row of a chain in D1. */
export interface WrittenEnd {
  readonly seq: number;
  readonly hash: string;
  readonly timestamp: string;
}

export interface ChainStatus extends ChainEnd {
  readonly chain_id: string;
  readonly written: WrittenEnd | undefined;
  /** A sentence without its full stop; absent where both ends agree. */
  readonly problem?: string | undefined;
}

/**
 * In: whose chains, and how to ask a Writer for its end. Out: each chain with both of its ends. The Writer is asked
 * first: what it says was written is in D1 when D1 is asked, and more may be.
 */
export async function chainStatuses(
  db: D1Database,
  tenant: string,
  endOf: (chain: string) => Promise<ChainEnd>,
): Promise<ChainStatus[]> {
  return await Promise.all(
    Array.from({ length: WRITERS }, async (_, i) => {
      const chain_id = chainOf(tenant, i);
      const end = await endOf(chain_id);
      const sql = 'SELECT seq, hash, timestamp FROM mcp_audit_log WHERE chain_id = ? ORDER BY seq DESC LIMIT 1';
      const written = (await db.prepare(sql).bind(chain_id).first<WrittenEnd>()) ?? undefined;
      return { ...end, chain_id, written, problem: problemOf(end, written) };
    }),
  );
}

/** Pure. In: both ends, the Writer's read first. Out: what is wrong. */
export function problemOf({ seq, hash, waiting }: ChainEnd, written: WrittenEnd | undefined): string | undefined {
  const least = seq - waiting;
  // Where D1 has no row at all, retention may have taken them; verification knows.
  if (written !== undefined && written.seq < least)
    return `rows were cut off at the end: D1 ends at ${written.seq}, and ${least} was written`;
  if (written !== undefined && written.seq === seq && written.hash !== hash)
    return `row ${seq}, the newest, is not the one that was written`;
  return undefined;
}
