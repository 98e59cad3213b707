/** A row of `mcp_audit_log`, as in migrations/0001_audit_log.sql and 0003_archive.sql. */
import type { ClosedRecord } from '../core/record.ts';

/** A closed record with its place in a chain: a row of `mcp_audit_log`. */
export interface AuditRow extends ClosedRecord {
  readonly chain_id: string;
  readonly seq: number;
  readonly prev_hash: string;
  readonly hash: string;
}

/** The columns of a row in the order of the table. */
export const COLUMNS = [
  'id',
  'timestamp',
  'tenant_id',
  'user_id',
  'user_login',
  'client_id',
  'client_name',
  'server_id',
  'session_id',
  'call_id',
  'request_id',
  'grant_id',
  'method',
  'tool_name',
  'arguments',
  'result_status',
  'duration_ms',
  'error_code',
  'error_message',
  'repeat_count',
  'chain_id',
  'seq',
  'prev_hash',
  'hash',
  'redacted_count',
] as const satisfies readonly (keyof AuditRow)[];
