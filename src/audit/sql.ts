/** The statements that write and confirm rows in D1. */
import type { AuditRow } from './row.ts';
import { COLUMNS } from './row.ts';

/**
 * Inserts a JSON array of rows (one parameter, so D1's limit of 100 does not count) and ignores ids already there.
 * `WHERE true` is needed: without it SQLite reads ON as a join.
 */
const insertInto = (table: string) => `INSERT INTO ${table} (${COLUMNS.join(', ')})
SELECT ${COLUMNS.map((column) => `value ->> '${column}'`).join(', ')}
FROM json_each(?1) WHERE true ON CONFLICT(id) DO NOTHING`;

export const INSERT_ROWS = insertInto('mcp_audit_log');
/** The same for rows that come back from the archive. */
export const RESTORE_ROWS = insertInto('mcp_audit_restored');

/** In: a JSON array of ids. Out: `id` and `hash` of those that are there: `meta.changes` also counts triggers. */
export const CONFIRM_ROWS = 'SELECT id, hash FROM mcp_audit_log WHERE id IN (SELECT value FROM json_each(?1))';

/** Cuts rows into batches of at most `maxBytes` of JSON, or of one row: D1 takes about 2 MB in one parameter. */
export function cutBatches(rows: readonly AuditRow[], maxBytes: number): AuditRow[][] {
  const batches: AuditRow[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row)) + 1;
    bytes += size;
    if (bytes <= maxBytes) batches.at(-1)?.push(row);
    else {
      batches.push([row]);
      bytes = size;
    }
  }
  return batches;
}

/**
 * Writes one batch and checks that it arrived. Returns the ids that are in the log with the hash that was sent.
 * Throws where D1 does.
 */
export async function writeRows(db: D1Database, rows: readonly AuditRow[]): Promise<ReadonlySet<string>> {
  const ids = JSON.stringify(rows.map((row) => row.id));
  const [, confirmed] = await db.batch<{ id: string; hash: string }>([
    db.prepare(INSERT_ROWS).bind(JSON.stringify(rows)),
    db.prepare(CONFIRM_ROWS).bind(ids),
  ]);
  const hashes = new Map(confirmed?.results.map((row) => [row.id, row.hash]));
  return new Set(rows.filter((row) => hashes.get(row.id) === row.hash).map((row) => row.id));
}
