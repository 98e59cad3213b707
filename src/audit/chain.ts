/** The hash chain of the log: each row's hash covers the row and the hash before it. Pure. */
import { createHash } from 'node:crypto';
import type { ClosedRecord } from '../core/record.ts';
import type { AuditRow } from './row.ts';
import { COLUMNS } from './row.ts';

/** Writers of a tenant: each owns one chain. */
export const WRITERS = 2;

/** In: a tenant, the number of one of its Writers, from 0. Out: the name of that Writer, and of its chain. */
export function chainOf(tenant: string, writer: number): string {
  return `${tenant}-${writer}`;
}

/** `prev_hash` of the first row of a chain. */
export const GENESIS = '0'.repeat(64);

/** The end of a chain: the last number given out and its hash. */
export interface ChainHead {
  readonly chain_id: string;
  /** 0 before the first row. */
  readonly seq: number;
  readonly hash: string;
}

/** In: the end of a chain and a closed record. Out: the record as the chain's next row. */
export function linkRecord(head: ChainHead, record: ClosedRecord): AuditRow {
  const place = { ...record, chain_id: head.chain_id, seq: head.seq + 1, prev_hash: head.hash };
  return { ...place, hash: hashRow(place) };
}

/**
 * SHA-256, hex, over canonical JSON of all columns but `hash`: an array of their values in the order of the table,
 * so that the bytes do not depend on the order in which an object was built.
 */
export function hashRow(row: Omit<AuditRow, 'hash'>): string {
  const values = COLUMNS.filter((column) => column !== 'hash').map((column) => row[column as keyof typeof row] ?? null);
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}
