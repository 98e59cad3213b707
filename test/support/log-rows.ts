/** Rows for a log, written as the Writers do, so that triggers count them and the chain holds. */
import type { ChainHead } from '../../src/audit/chain.ts';
import { GENESIS, linkRecord, rowText, TEXT_COLUMNS } from '../../src/audit/chain.ts';
import { type AuditRow, COLUMNS } from '../../src/audit/row.ts';
import { ulid } from '../../src/core/ids.ts';
import type { ClosedRecord } from '../../src/core/record.ts';
import { closedRecord } from './closed-record.ts';

/** In: milliseconds since the epoch, and what is not usual about the row. */
export function recordAt(at: number, more: Partial<ClosedRecord> = {}): ClosedRecord {
  const id = more.id ?? ulid(at);
  return closedRecord(id, {
    timestamp: new Date(at).toISOString(),
    client_id: 'client-a',
    client_name: 'Claude Code',
    request_id: `req_${id.slice(-16).toLowerCase()}`,
    grant_id: 'grant-a',
    tool_name: 'issue_read',
    arguments: '{"owner":"acme","repo":"web"}',
    duration_ms: 40,
    ...more,
  });
}

/** In: what is kept and sent. Out: the rows. */
export function rowsOf({ rows }: { readonly rows: string }): AuditRow[] {
  const texts = JSON.parse(rows) as unknown[][];
  return texts.map(
    (values) => Object.fromEntries(TEXT_COLUMNS.map((column, i) => [column, values[i] ?? null])) as never,
  );
}

/** The other way round. */
export function batchOf(rows: readonly AuditRow[]): { readonly count: number; readonly rows: string } {
  return { count: rows.length, rows: `[${rows.map(rowText).join()}]` };
}

/** In: the end of a chain and a closed record. Out: the record as the chain's next row. */
export function linkRow(head: ChainHead, record: ClosedRecord): AuditRow {
  return rowsOf({ rows: `[${linkRecord(head, record).text}]` })[0] as AuditRow;
}

/** Links records into a chain in their order. */
export function chained(records: readonly ClosedRecord[], chain = 'default-0'): AuditRow[] {
  let head = { chain_id: chain, seq: 0, hash: GENESIS };
  return records.map((record) => {
    const row = linkRow(head, record);
    head = { chain_id: chain, seq: row.seq, hash: row.hash };
    return row;
  });
}

/** Runs one statement with its parameters. */
type Run = (sql: string, ...values: unknown[]) => Promise<unknown>;

/** Writes rows in batches that fit into a parameter. */
export async function writeLog(run: Run, rows: readonly AuditRow[]): Promise<void> {
  const values = COLUMNS.map((column) => `value ->> '${column}'`).join(', ');
  const sql = `INSERT INTO mcp_audit_log (${COLUMNS.join(', ')}) SELECT ${values} FROM json_each(?1)`;
  for (let from = 0; from < rows.length; from += 500) await run(sql, JSON.stringify(rows.slice(from, from + 500)));
}
