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

/** The end of a chain, and the text of the row that is there (`rowText`). */
export interface ChainLink extends ChainHead {
  readonly text: string;
}

/** In: the end of a chain and a closed record. Out: its new end, where the record is. What is hashed is not made anew to be kept. */
export function linkRecord({ chain_id, seq: last, hash: prev_hash }: ChainHead, record: ClosedRecord): ChainLink {
  const seq = last + 1;
  const values = canonical({ ...record, chain_id, seq, prev_hash });
  const hash = digest(values, 'base64url');
  return { chain_id, seq, hash, text: textOf(hash, values) };
}

/** The columns of which a hash is made, in the order of the table, but for those that came later. */
const HASHED = COLUMNS.filter((column) => column !== 'hash' && column !== 'redacted_count');
/** Length of the hashes of rows that were written before they became shorter: hex. */
const HEX_LENGTH = 64;

/** The columns of a row's text in their order: the hash, then what it is made of. */
export const TEXT_COLUMNS = ['hash', ...HASHED, 'redacted_count'] as const;

/** A row as it is kept and sent: its values as a JSON array. A column at the end may lack: it is null. */
export function rowText(row: AuditRow): string {
  return textOf(row.hash, canonical(row));
}

function textOf(hash: string, values: string): string {
  return `["${hash}",${values.slice(1)}`;
}

/**
 * SHA-256, base64url, over canonical JSON of all columns but `hash`: an array of their values in the order of the table,
 * so that the bytes do not depend on the order in which an object was built. A column that came later is at its end,
 * where it is not null: rows from before it keep their hash.
 */
export function hashRow(row: Omit<AuditRow, 'hash'>): string {
  return digest(canonical(row), 'base64url');
}

/** Whether a row has the hash that its values make. */
export function isHashed(row: AuditRow): boolean {
  return row.hash === digest(canonical(row), row.hash.length === HEX_LENGTH ? 'hex' : 'base64url');
}

function canonical(row: Omit<AuditRow, 'hash'>): string {
  const values: unknown[] = HASHED.map((column) => row[column] ?? null);
  if (row.redacted_count != null) values.push(row.redacted_count);
  return JSON.stringify(values);
}

function digest(values: string, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(values).digest(encoding);
}

/** Bytes of a tag. */
export const TAG_BYTES = 8;

/** The first bytes of a hash: enough to say at which row a chain was hashed anew, in a hundredth of the room of the row. */
export function tagOf(hash: string): Uint8Array {
  return tagsOf([hash]);
}

/** The tags of several hashes, one after the other. */
export function tagsOf(hashes: readonly string[]): Buffer {
  const tags = Buffer.alloc(hashes.length * TAG_BYTES);
  for (const [i, hash] of hashes.entries()) {
    tags.write(hash, i * TAG_BYTES, TAG_BYTES, hash.length === HEX_LENGTH ? 'hex' : 'base64url');
  }
  return tags;
}

/** All chains of a tenant. */
export function chainsOf(tenant: string): string[] {
  return Array.from({ length: WRITERS }, (_, writer) => chainOf(tenant, writer));
}

/** The tenant of a chain. */
export function tenantOf(chain: string): string {
  return chain.slice(0, chain.lastIndexOf('-'));
}
