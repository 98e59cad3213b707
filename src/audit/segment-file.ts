/** A part of a chain as it lies in the archive: rows as gzipped NDJSON, and a manifest beside it. Pure. */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isHashed, tenantOf } from './chain.ts';
import type { AuditRow } from './row.ts';
import { COLUMNS } from './row.ts';

/** Rows that follow one another and leave D1 together. */
export interface Segment {
  readonly first: number;
  readonly last: number;
  readonly prev_hash: string;
  readonly last_hash: string;
  /** The earliest and the latest timestamp of its rows. */
  readonly from_time: string;
  readonly to_time: string;
  /** Key of the object in the archive; null where the rows are dropped. */
  readonly object: string | null;
  /** Of the object, hex; null until it is stored. */
  readonly sha256: string | null;
  /** `planned`: as good as nothing; `stored`: safe elsewhere, may leave D1; `removed`: left it. */
  readonly state: 'planned' | 'stored' | 'removed';
}

/** Rows that follow one another in a chain. */
export type ChainPart = Pick<Segment, 'first' | 'last' | 'prev_hash' | 'last_hash'>;

/** What became of one segment. */
export interface Restored {
  /** Rows of the month that are in the table now. */
  readonly rows: number;
  /** Rows that were dropped by the policy: they are nowhere. */
  readonly dropped: number;
  /** Where to go on; null where the month is whole. */
  readonly next: number | null;
}

/** What stands beside the rows: whoever has only the archive can check it, and chain one segment to the next. */
export interface Manifest {
  readonly format: 'gatehouse-audit-segment/1';
  readonly tenant_id: string;
  readonly chain_id: string;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly rows: number;
  /** `prev_hash` of the first row and `hash` of the last: the ends of this part of the chain. */
  readonly prev_hash: string;
  readonly last_hash: string;
  readonly first_timestamp: string;
  readonly last_timestamp: string;
  /** In the order in which hashes are made of them. */
  readonly columns: readonly string[];
  readonly object: string;
  readonly bytes: number;
  /** Of the object, hex. */
  readonly sha256: string;
}

/** The key of the object of a segment. In: its chain, the timestamp of its first row, its numbers. */
export function objectKey(chain: string, timestamp: string, first: number, last: number): string {
  const number = (seq: number) => String(seq).padStart(12, '0');
  return `${tenantOf(chain)}/${timestamp.slice(0, 7)}/${chain}/${number(first)}-${number(last)}.ndjson.gz`;
}

/** The key of the manifest beside an object. */
export function manifestKey(object: string): string {
  return object.replace(/\.ndjson\.gz$/, '.manifest.json');
}

/** Out: the object. The same rows always make the same text. */
export function packRows(rows: readonly AuditRow[]): Uint8Array {
  const lines = rows.map(
    (row) => `${JSON.stringify(Object.fromEntries(COLUMNS.map((name) => [name, row[name] ?? null])))}\n`,
  );
  return gzipSync(lines.join(''));
}

/** Out: the rows of an object. Throws where it is none. */
export function unpackRows(object: Uint8Array): AuditRow[] {
  const lines = gunzipSync(object).toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditRow);
}

/** SHA-256, hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** In: rows that claim to be the segment. Out: the number of the first that is not right, or undefined. */
export function firstWrong(rows: readonly AuditRow[], segment: ChainPart): number | undefined {
  let hash = segment.prev_hash;
  for (let seq = segment.first; seq <= segment.last; seq++) {
    const row = rows[seq - segment.first];
    if (row === undefined || row.seq !== seq || row.prev_hash !== hash || !isHashed(row)) return seq;
    hash = row.hash;
  }
  if (rows.length !== segment.last - segment.first + 1) return segment.last + 1;
  return hash === segment.last_hash ? undefined : segment.last;
}

/** Out: the manifest of a stored object. */
export function manifestOf(chain: string, segment: Segment, object: string, bytes: Uint8Array): Manifest {
  return {
    format: 'gatehouse-audit-segment/1',
    tenant_id: tenantOf(chain),
    chain_id: chain,
    first_seq: segment.first,
    last_seq: segment.last,
    rows: segment.last - segment.first + 1,
    prev_hash: segment.prev_hash,
    last_hash: segment.last_hash,
    first_timestamp: segment.from_time,
    last_timestamp: segment.to_time,
    columns: COLUMNS,
    object,
    bytes: bytes.length,
    sha256: sha256Of(bytes),
  };
}
