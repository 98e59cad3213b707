/** The statements that write and confirm rows in D1. */
import type { AuditRow } from './row.ts';
import { COLUMNS } from './row.ts';

/**
 * Inserts a JSON array of rows (one parameter, so D1's limit of 100 does not count) and ignores ids already there.
 * `WHERE true` is needed: without it SQLite reads ON as a join.
 */
export const INSERT_ROWS = `INSERT INTO mcp_audit_log (${COLUMNS.join(', ')})
SELECT ${COLUMNS.map((column) => `value ->> '${column}'`).join(', ')}
FROM json_each(?1) WHERE true ON CONFLICT(id) DO NOTHING`;

/** In: a JSON array of ids. Out: `id` and `hash` of those that are there: `meta.changes` also counts triggers. */
export const CONFIRM_ROWS = 'SELECT id, hash FROM mcp_audit_log WHERE id IN (SELECT value FROM json_each(?1))';

/**
 * Cuts rows into a first batch of at most `maxBytes` of JSON: D1 takes about 2 MB in one parameter.
 * Always at least one row where there is any.
 */
export function cutBatch(rows: readonly AuditRow[], maxBytes: number): readonly AuditRow[] {
  let bytes = 2;
  let count = 0;
  for (const row of rows) {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    if (bytes > maxBytes && count > 0) break;
    count += 1;
  }
  return rows.slice(0, count);
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
