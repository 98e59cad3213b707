/**
 * Whether the end of a chain in D1 is the end that its Writer knows, and what the Writer's patrol found. This is no
 * verification of the chain: at the price of one row it finds what was cut off or changed at the end, and before that only
 * what was there when the patrol last came by, a day ago at most.
 */
import { chainOf, WRITERS } from './chain.ts';
import type { ChainProof } from './verify.ts';

/** The newest row of a chain in D1. */
export interface WrittenEnd {
  readonly seq: number;
  readonly hash: string;
  readonly timestamp: string;
}

export interface ChainStatus {
  readonly chain_id: string;
  /** Rows that were given a number; 0 before the first. */
  readonly seq: number;
  /** How many of them D1 has not confirmed. */
  readonly waiting: number;
  readonly written: WrittenEnd | undefined;
  /** A sentence without its full stop; absent where nothing is known to be wrong. */
  readonly problem?: string | undefined;
}

/**
 * In: whose chains, and how to ask a Writer what it knows of its chain. Out: each chain with both of its ends. The
 * Writer is asked first: what it says was written is in D1 when D1 is asked, and more may be.
 */
export async function chainStatuses(
  db: D1Database,
  tenant: string,
  proofOf: (chain: string) => Promise<ChainProof>,
): Promise<ChainStatus[]> {
  return await Promise.all(
    Array.from({ length: WRITERS }, async (_, i) => {
      const chain_id = chainOf(tenant, i);
      const proof = await proofOf(chain_id);
      const sql = 'SELECT seq, hash, timestamp FROM mcp_audit_log WHERE chain_id = ? ORDER BY seq DESC LIMIT 1';
      const written = (await db.prepare(sql).bind(chain_id).first<WrittenEnd>()) ?? undefined;
      const { head, confirmed } = proof;
      return { chain_id, seq: head.seq, waiting: head.seq - confirmed, written, problem: problemOf(proof, written) };
    }),
  );
}

/** Pure. In: what the Writer knows, read first, and the newest row in D1. Out: what is wrong. */
export function problemOf(
  { head, cut, leaving, confirmed, sealed, wrong }: Omit<ChainProof, 'chain_id'>,
  written: WrittenEnd | undefined,
): string | undefined {
  if (!sealed) return 'its end is not the one that its Writer sealed';
  if (wrong !== null) return `row ${wrong} is not what was written`;
  // Rows up to here may have gone to the archive.
  const gone = Math.max(cut.seq, leaving?.seq ?? 0);
  const end = written?.seq ?? 0;
  if (end < confirmed && confirmed > gone)
    return `rows were cut off at the end: D1 ends at ${end}, and ${confirmed} was written`;
  if (written !== undefined && end === head.seq && written.hash !== head.hash)
    return `row ${end}, the newest, is not the one that was written`;
  return undefined;
}
