/**
 * What a Writer keeps in its own SQLite: the ends of its chain under a seal, a tag of each row that is in D1, rows not
 * yet confirmed by D1, and how far it has come with each gate. Every public method is one transaction.
 */
import type { Counts } from '../core/counts.ts';
import { countKey } from '../core/counts.ts';
import type { ClosedRecord } from '../core/record.ts';
import type { ChainHead, ChainLink } from './chain.ts';
import { GENESIS, linkRecord, TAG_BYTES, tagsOf } from './chain.ts';
import { Counters } from './counters.ts';
import type { ChainEnds, SealKeys } from './seal.ts';
import { isSealed, seal } from './seal.ts';
import { Unconfirmed } from './unconfirmed.ts';
import type { ChainTags } from './verify.ts';

/** Rows that may wait for D1: what comes above that stays in the gates, which then refuse calls. */
export const MAX_PENDING = 100_000;
/** Tags of one record of the table: 2 KB, so that it fits a page of the database. */
const TAGS_TOGETHER = 256;
/** Tags of one answer: about 1 MB. */
const TAGS_READ = 512 * TAGS_TOGETHER;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS head (chain_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ends (
  chain_id TEXT PRIMARY KEY, cut_seq INTEGER NOT NULL, cut_hash TEXT NOT NULL, mac TEXT NOT NULL, broken INTEGER
);
CREATE TABLE IF NOT EXISTS tags (first INTEGER PRIMARY KEY, tags BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sources (source TEXT PRIMARY KEY, n INTEGER NOT NULL);`;

export class Ledger {
  readonly #storage: DurableObjectStorage;
  /** What is counted in this chain, in the same storage: taken once, like the rows. */
  readonly counters: Counters;
  readonly unconfirmed: Unconfirmed;
  readonly #keys: () => SealKeys;
  #looked = false;

  /** `keys` is asked whenever a seal is made or looked at. */
  constructor(storage: DurableObjectStorage, keys: () => SealKeys) {
    this.#storage = storage;
    this.#keys = keys;
    storage.sql.exec(SCHEMA);
    this.counters = new Counters(storage);
    this.unconfirmed = new Unconfirmed(storage);
  }

  /**
   * Numbers and hashes records and keeps them until D1 has them; adds up what is only counted. `n` grows within a source:
   * what was taken before is ignored, so a gate may send again what it does not know to have arrived. Out: false, and
   * nothing was taken, where too many rows wait.
   */
  append(
    chain: string,
    source: string,
    items: readonly { readonly n: number; readonly record: ClosedRecord }[],
    parcel?: { readonly n: number; readonly counts: Counts },
  ): boolean {
    // On its own: what it finds must stand, whatever becomes of the rows.
    if (items.length > 0) this.#storage.transactionSync(() => this.#look(chain));
    return this.#storage.transactionSync(() => {
      if (items.length > 0 && this.unconfirmed.waiting() >= MAX_PENDING) return false;
      if (parcel !== undefined) this.#count(`${source}/counts`, parcel);
      let taken = this.#taken(source);
      let head = this.head(chain);
      const rows: ChainLink[] = [];
      const statuses: Record<string, number> = {};
      for (const { n, record } of items) {
        if (n <= taken) continue;
        const row = linkRecord(head, record);
        rows.push(row);
        for (const [status, times] of Object.entries(record.upstream?.statuses ?? {})) {
          const key = countKey(['upstream', status]);
          statuses[key] = (statuses[key] ?? 0) + times;
        }
        head = row;
        taken = n;
      }
      if (rows.length === 0) return true;
      this.counters.add(statuses);
      const first = head.seq - rows.length + 1;
      this.unconfirmed.add(
        first,
        rows.map(({ text }) => text),
      );
      this.#addTags(first, tagsOf(rows.map(({ hash }) => hash)));
      // No REPLACE: that writes the index of the key too.
      this.#rows(
        `INSERT INTO head (chain_id, seq, hash) VALUES (?, ?, ?)
         ON CONFLICT (chain_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`,
        chain,
        head.seq,
        head.hash,
      );
      this.#take(source, taken);
      this.#seal({ head, cut: this.cut(chain) });
      return true;
    });
  }

  /** The end of the chain. */
  head(chain: string): ChainHead {
    const known = this.#rows<{ seq: number; hash: string }>('SELECT seq, hash FROM head WHERE chain_id = ?', chain)[0];
    return { chain_id: chain, seq: known?.seq ?? 0, hash: known?.hash ?? GENESIS };
  }

  /** The last row that was archived or dropped. */
  cut(chain: string): ChainHead {
    const known = this.#ends(chain);
    return { chain_id: chain, seq: known?.cut_seq ?? 0, hash: known?.cut_hash ?? GENESIS };
  }

  /** What stands up to and including `cut` is not in D1 any more. */
  moveCut(cut: ChainHead): void {
    this.#storage.transactionSync(() => {
      this.#look(cut.chain_id);
      this.#rows(`DELETE FROM tags WHERE first + length(tags) / ${TAG_BYTES} - 1 <= ?`, cut.seq);
      this.#seal({ head: this.head(cut.chain_id), cut });
    });
  }

  /** Seals the ends anew: with the current key, so that a chain that rests outlives the keys. */
  reseal(chain: string): void {
    this.#storage.transactionSync(() => {
      this.#look(chain);
      const head = this.head(chain);
      if (head.seq > 0) this.#seal({ head, cut: this.cut(chain) });
    });
  }

  /** Whether the ends are what this Worker sealed, now and whenever it went on from them. */
  isSealed(chain: string): boolean {
    this.#look(chain);
    return this.#ends(chain)?.broken == null;
  }

  /** Tags of rows from number `from` on, as many as one answer holds. */
  tags(from: number): ChainTags {
    const parts = this.#rows<{ first: number; tags: ArrayBuffer }>(
      `SELECT first, tags FROM tags WHERE first > ? AND first + length(tags) / ${TAG_BYTES} > ? ORDER BY first LIMIT ?`,
      from - TAGS_TOGETHER,
      from,
      TAGS_READ / TAGS_TOGETHER,
    );
    const [first] = parts;
    if (first === undefined) return { first: from, tags: new Uint8Array() };
    const skipped = Math.max(0, from - first.first);
    const tags = Buffer.concat(parts.map((part) => Buffer.from(part.tags))).subarray(skipped * TAG_BYTES);
    return { first: first.first + skipped, tags: new Uint8Array(tags) };
  }

  #count(source: string, { n, counts }: { readonly n: number; readonly counts: Counts }): void {
    if (n <= this.#taken(source)) return;
    this.counters.add(counts);
    this.#take(source, n);
  }

  #taken(source: string): number {
    return this.#rows<{ n: number }>('SELECT n FROM sources WHERE source = ?', source)[0]?.n ?? 0;
  }

  #take(source: string, n: number): void {
    this.#rows(
      'INSERT INTO sources (source, n) VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET n = excluded.n',
      source,
      n,
    );
  }

  /** Looks once, before anything is sealed anew, whether the ends are those that were sealed. */
  #look(chain: string): void {
    if (this.#looked) return;
    this.#looked = true;
    const known = this.#ends(chain);
    if (known === undefined || known.broken !== null) return;
    const head = this.head(chain);
    if (isSealed({ head, cut: this.cut(chain) }, known.mac, this.#keys())) return;
    this.#rows('UPDATE ends SET broken = ? WHERE chain_id = ?', head.seq, chain);
    console.error(JSON.stringify({ event: 'audit_seal_broken', chain_id: chain, seq: head.seq }));
  }

  #seal(ends: ChainEnds): void {
    this.#rows(
      `INSERT INTO ends (chain_id, cut_seq, cut_hash, mac) VALUES (?, ?, ?, ?)
       ON CONFLICT (chain_id) DO UPDATE SET cut_seq = excluded.cut_seq, cut_hash = excluded.cut_hash, mac = excluded.mac`,
      ends.head.chain_id,
      ends.cut.seq,
      ends.cut.hash,
      seal(ends, this.#keys()),
    );
  }

  #ends(chain: string) {
    return this.#rows<{ cut_seq: number; cut_hash: string; mac: string; broken: number | null }>(
      'SELECT cut_seq, cut_hash, mac, broken FROM ends WHERE chain_id = ?',
      chain,
    )[0];
  }

  /** Adds to the last record of tags until it is full. */
  #addTags(first: number, tags: Buffer): void {
    const last = this.#rows<{ first: number; tags: ArrayBuffer }>(
      'SELECT first, tags FROM tags ORDER BY first DESC LIMIT 1',
    )[0];
    const count = last === undefined ? 0 : last.tags.byteLength / TAG_BYTES;
    const joins = last !== undefined && last.first + count === first && count < TAGS_TOGETHER;
    let at = joins ? last.first : first;
    let rest = joins ? Buffer.concat([Buffer.from(last.tags), tags]) : tags;
    for (; rest.length > 0; at += TAGS_TOGETHER) {
      const part = rest.subarray(0, TAGS_TOGETHER * TAG_BYTES);
      this.#rows('INSERT OR REPLACE INTO tags (first, tags) VALUES (?, ?)', at, new Uint8Array(part).buffer);
      rest = rest.subarray(part.length);
    }
  }

  #rows<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}
