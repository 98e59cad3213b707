/**
 * Walks a chain and names the first row that is not what its Writer numbered. What decides stands outside D1: the ends
 * of the chain and a tag of each row, so that whoever hashes all that follows anew is found at the row they changed. Pure.
 */
import { isHashed, TAG_BYTES, tagOf } from './chain.ts';
import type { AuditRow } from './row.ts';

/** Where a chain is at one number. */
export interface ChainPlace {
  readonly seq: number;
  /** Of the row with that number. */
  readonly hash: string;
}

/** What a Writer says of its chain; every row that is in D1 stands between `cut` and `head`. */
export interface ChainProof {
  readonly chain_id: string;
  /** The last row that was archived or dropped. */
  readonly cut: ChainPlace;
  /** The end of what is being archived now: rows up to it may be in D1 or not. */
  readonly leaving: ChainPlace | null;
  readonly head: ChainPlace;
  /** Rows up to this one have come to D1; those after it may have. */
  readonly confirmed: number;
  /** Whether `cut` and `head` are what the Worker sealed with its key. */
  readonly sealed: boolean;
  /** The row that the Writer's own look at D1 found wrong, at most a day ago; null where it found none. */
  readonly wrong: number | null;
}

export type Damage = 'changed' | 'removed' | 'inserted' | 'swapped' | 'cut_off';

export interface Finding {
  readonly chain_id: string;
  readonly seq: number;
  readonly damage: Damage;
  /** Id of the row that stands there, where there is one. */
  readonly id?: string;
  /** The number of the row that stands there in its place. */
  readonly other?: number;
}

/** Tags of the rows from number `first` on; rows of before have none. */
export interface ChainTags {
  readonly first: number;
  readonly tags: Uint8Array;
}

export interface ChainRows {
  /** In the order of `seq`, then `id`: all of the chain up to the head of the proof. */
  readonly rows: AsyncIterable<AuditRow>;
  /** The highest number among them, 0 where there are none. */
  readonly last: number;
  /** The first number in D1 after any head that the Writer knows; null where there is none. */
  readonly beyond: number | null;
}

/** Out: the first row that is not right, or how many were looked at. */
export async function verifyChain(
  proof: ChainProof,
  tags: ChainTags,
  { rows, last, beyond }: ChainRows,
): Promise<Finding | { readonly rows: number }> {
  const { chain_id } = proof;
  const found = (damage: Damage, seq: number, more: Partial<Finding> = {}): Finding => ({
    chain_id,
    seq,
    damage,
    ...more,
  });
  let place: ChainPlace = proof.cut;
  let looked = 0;
  for await (const row of rows) {
    if (looked === 0 && proof.leaving !== null && row.seq === proof.leaving.seq + 1) place = proof.leaving;
    const seq = place.seq + 1;
    if (row.seq < seq) return found('inserted', row.seq, { id: row.id });
    if (row.seq > seq) return found('removed', seq);
    looked += 1;
    const isMine = isHashed(row) && hasTag(tags, row) && row.prev_hash === place.hash;
    const isEnd = seq === proof.head.seq;
    if (isMine && (!isEnd || row.hash === proof.head.hash)) {
      place = { seq, hash: row.hash };
      continue;
    }
    const more = { id: row.id };
    if (beyond !== null) return found('inserted', seq, more);
    if (last < proof.confirmed) return found('removed', seq, more);
    const other = placeOfTag(tags, row);
    return other === undefined || other === seq
      ? found('changed', seq, more)
      : found('swapped', seq, { ...more, other });
  }
  // Where all rows left in the meantime, the leaving ones may be gone too.
  const end = looked === 0 ? (proof.leaving ?? place) : place;
  if (end.seq < proof.confirmed) return found('cut_off', end.seq + 1);
  if (beyond !== null) return found('inserted', beyond);
  return { rows: looked };
}

/** Rows that have no tag pass: the hash and the next row's `prev_hash` speak for them. */
function hasTag({ first, tags }: ChainTags, row: AuditRow): boolean {
  const at = (row.seq - first) * TAG_BYTES;
  if (at < 0 || at >= tags.length) return true;
  return Buffer.compare(tags.subarray(at, at + TAG_BYTES), tagOf(row.hash)) === 0;
}

/** The number under which the Writer knows a row with that hash. */
function placeOfTag({ first, tags }: ChainTags, row: AuditRow): number | undefined {
  const wanted = Buffer.from(tagOf(row.hash));
  const bytes = Buffer.from(tags.buffer, tags.byteOffset, tags.byteLength);
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) {
    if (at % TAG_BYTES === 0) return first + at / TAG_BYTES;
  }
  return undefined;
}
