/** Which parts of a chain left D1, in the Writer's own SQLite. Each part goes through its states in order, once. */
import type { ChainHead } from './chain.ts';
import type { Segment } from './segment-file.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS segments (
  first INTEGER PRIMARY KEY, last INTEGER NOT NULL, prev_hash TEXT NOT NULL, last_hash TEXT NOT NULL,
  from_time TEXT NOT NULL, to_time TEXT NOT NULL, object TEXT, sha256 TEXT, state TEXT NOT NULL
);`;

export class Segments {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(SCHEMA);
  }

  /** The one that did not get to its end: it is taken up again as it was planned, so that no object is written by halves. */
  unfinished(): Segment | undefined {
    return this.#rows("SELECT * FROM segments WHERE state <> 'removed' ORDER BY first LIMIT 1")[0];
  }

  /** The end of a segment that is stored and may have left D1 already. */
  leaving(chain: string): ChainHead | undefined {
    const segment = this.unfinished();
    if (segment?.state !== 'stored') return undefined;
    return { chain_id: chain, seq: segment.last, hash: segment.last_hash };
  }

  plan(segment: Omit<Segment, 'sha256' | 'state'>): void {
    this.#storage.sql.exec(
      `INSERT OR REPLACE INTO segments (first, last, prev_hash, last_hash, from_time, to_time, object, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'planned')`,
      segment.first,
      segment.last,
      segment.prev_hash,
      segment.last_hash,
      segment.from_time,
      segment.to_time,
      segment.object,
    );
  }

  /** Takes a plan back of which nothing was carried out: what is in the archive stays known. */
  forget(first: number): void {
    this.#storage.sql.exec(
      "DELETE FROM segments WHERE first = ? AND (state = 'planned' OR (state = 'stored' AND object IS NULL))",
      first,
    );
  }

  stored(first: number, sha256: string | null): void {
    this.#storage.sql.exec("UPDATE segments SET state = 'stored', sha256 = ? WHERE first = ?", sha256, first);
  }

  removed(first: number): void {
    this.#storage.sql.exec("UPDATE segments SET state = 'removed' WHERE first = ?", first);
  }

  /** The first segment after row number `after` that has rows of the time from `from` until before `to`. */
  next(from: string, to: string, after: number): Segment | undefined {
    return this.#rows(
      `SELECT * FROM segments WHERE state <> 'planned' AND first > ? AND from_time < ? AND to_time >= ?
       ORDER BY first LIMIT 1`,
      after,
      to,
      from,
    )[0];
  }

  #rows(statement: string, ...values: SqlStorageValue[]): Segment[] {
    return this.#storage.sql
      .exec<Record<string, SqlStorageValue>>(statement, ...values)
      .toArray() as unknown as Segment[];
  }
}
