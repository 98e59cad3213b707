/** The statements that write and confirm rows in D1. */
import { TEXT_COLUMNS } from './chain.ts';

const VALUES = TEXT_COLUMNS.map((_, i) => `value ->> ${i}`);

/**
 * Inserts a JSON array of rows (one parameter, so D1's limit of 100 does not count) and ignores ids already there.
 * `LIMIT -1` is needed: without it SQLite makes the text of a row anew for each of its columns. So is `WHERE true`: without
 * it SQLite reads ON as a join.
 */
const insertInto = (table: string) => `INSERT INTO ${table} (${TEXT_COLUMNS.join(', ')})
SELECT ${VALUES.join(', ')}
FROM (SELECT value FROM json_each(?1) LIMIT -1) WHERE true ON CONFLICT(id) DO NOTHING`;

/** Out: `seq` of those that were not there: `meta.changes` also counts triggers. */
const INSERT_ROWS = `${insertInto('mcp_audit_log')} RETURNING seq`;
/** The same for rows that come back from the archive. */
export const RESTORE_ROWS = insertInto('mcp_audit_restored');

const [HASH, ID] = VALUES;
/** In: what was to be inserted. Out: `seq` of those that are there with the hash that was sent. */
const CONFIRM_ROWS = `SELECT ${VALUES[TEXT_COLUMNS.indexOf('seq')]} AS seq FROM json_each(?1)
CROSS JOIN mcp_audit_log AS log ON log.id = ${ID} AND log.hash = ${HASH}`;

/** Rows of one chain as a JSON array of their texts (chain.ts). */
export interface Batch {
  readonly count: number;
  readonly rows: string;
}

/** Characters of rows that travel together, at most: D1 takes about 2 MB in one parameter, an object's database in a value. */
const PART_LENGTH = 250_000;

/** Cuts texts of rows into parts that fit; one that alone is longer is a part of its own. */
export function cutTexts(texts: readonly string[]): (readonly string[])[] {
  const half = texts.length >> 1;
  if (half === 0 || texts.join().length <= PART_LENGTH) return [texts];
  return [...cutTexts(texts.slice(0, half)), ...cutTexts(texts.slice(half))];
}

/**
 * Writes one batch and checks that it arrived. Out: the numbers of the rows that are in the log with the hash that was
 * sent. Throws where D1 does.
 */
export async function writeRows(db: D1Database, { count, rows }: Batch): Promise<readonly number[]> {
  const numbers = async (sql: string) => {
    const [answer] = await db.batch<{ seq: number }>([db.prepare(sql).bind(rows)]);
    return answer?.results.map(({ seq }) => seq) ?? [];
  };
  const added = await numbers(INSERT_ROWS);
  // Some were there: what was sent before, and its answer lost, or what somebody else put there.
  return added.length === count ? added : await numbers(CONFIRM_ROWS);
}
