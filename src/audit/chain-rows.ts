/** Rows of a chain as they are in D1, read in parts, and what its Writer knows of them. */
import { TAG_BYTES, tagOf } from './chain.ts';
import type { Ledger } from './ledger.ts';
import type { AuditRow } from './row.ts';
import { COLUMNS } from './row.ts';
import type { ChainPart } from './segment-file.ts';
import { firstWrong } from './segment-file.ts';

/** Rows and bytes of arguments of one part at most: they are in memory at once. */
const PART_ROWS = 5000;
const PART_BYTES = 16_000_000;

/**
 * Rows of a chain after number `after` up to `last`, as many as a part holds. Two statements, each of which ends at its
 * LIMIT: a sum in SQL of the bytes so far would go over the whole rest of the chain.
 */
export async function readRows(db: D1Database, chain: string, after: number, last: number): Promise<AuditRow[]> {
  const select = async <Row>(columns: string, end: number) => {
    const sql = `SELECT ${columns} FROM mcp_audit_log
      WHERE chain_id = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ${PART_ROWS}`;
    return (await db.prepare(sql).bind(chain, after, end).all<Row>()).results;
  };
  const sizes = await select<{ seq: number; bytes: number }>('seq, ifnull(length(arguments), 0) AS bytes', last);
  let sum = 0;
  const fitting = sizes.filter(({ bytes }) => {
    sum += bytes;
    return sum <= PART_BYTES;
  });
  const end = fitting.at(-1);
  return end === undefined ? [] : await select<AuditRow>(COLUMNS.join(', '), end.seq);
}

/** The number of the first row that is not what was written, by its hash, by its place in the chain, or by the Writer's tag. */
export function firstUnlike(rows: readonly AuditRow[], part: ChainPart, ledger: Ledger): number | undefined {
  return firstWrong(rows, part) ?? firstUntagged(rows, ledger);
}

/** A whole tail may have been hashed anew: the Writer's own tags say so. Rows that are older than its tags pass. */
function firstUntagged(rows: readonly AuditRow[], ledger: Ledger): number | undefined {
  let page = ledger.tags(rows[0]?.seq ?? 0);
  for (const row of rows) {
    if (row.seq < page.first) continue;
    if (row.seq - page.first >= page.tags.length / TAG_BYTES) page = ledger.tags(row.seq);
    if (page.tags.length === 0) return undefined;
    const at = (row.seq - page.first) * TAG_BYTES;
    if (Buffer.compare(page.tags.subarray(at, at + TAG_BYTES), tagOf(row.hash)) !== 0) return row.seq;
  }
  return undefined;
}
