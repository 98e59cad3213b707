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

/** The columns of which a hash is made, in the order of the table, but for those that came later. */
const HASHED = COLUMNS.filter((column) => column !== 'hash' && column !== 'redacted_count');
/** Length of the hashes of rows that were written before they became shorter: hex. */
const HEX_LENGTH = 64;

/**
 * SHA-256, base64url, over canonical JSON of all columns but `hash`: an array of their values in the order of the table,
 * so that the bytes do not depend on the order in which an object was built. A column that came later is at its end,
 * where it is not null: rows from before it keep their hash.
 */
export function hashRow(row: Omit<AuditRow, 'hash'>): string {
  return digest(row, 'base64url');
}

/** Whether a row has the hash that its values make. */
export function isHashed(row: AuditRow): boolean {
  return row.hash === digest(row, row.hash.length === HEX_LENGTH ? 'hex' : 'base64url');
}

function digest(row: Omit<AuditRow, 'hash'>, encoding: 'hex' | 'base64url'): string {
  const values: unknown[] = HASHED.map((column) => row[column] ?? null);
  if (row.redacted_count != null) values.push(row.redacted_count);
  return createHash('sha256').update(JSON.stringify(values)).digest(encoding);
}

/** Bytes of a tag. */
export const TAG_BYTES = 8;

/** The first bytes of a hash: enough to say at which row a chain was hashed anew, in a hundredth of the room of the row. */
export function tagOf(hash: string): Uint8Array {
  return Buffer.from(hash, hash.length === HEX_LENGTH ? 'hex' : 'base64url').subarray(0, TAG_BYTES);
}

/** All chains of a tenant. */
export function chainsOf(tenant: string): string[] {
  return Array.from({ length: WRITERS }, (_, writer) => chainOf(tenant, writer));
}

/** The tenant of a chain. */
export function tenantOf(chain: string): string {
  return chain.slice(0, chain.lastIndexOf('-'));
}
