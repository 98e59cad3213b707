/**
 * A table of the OAuth provider's records in a Durable Object's SQLite: what the provider would keep in KV, but the same
 * everywhere at once. The clock is passed in.
 */

/** One record as the provider wrote it. */
export interface StoredRecord {
  readonly value: string;
  /** JSON, or null. */
  readonly metadata: string | null;
}

export interface PutOptions {
  /** Seconds since the epoch after which the record is gone; absent for one that stays. */
  readonly expiration?: number | undefined;
  readonly metadata?: unknown;
}

export interface ListedKey {
  readonly name: string;
  readonly expiration?: number;
  readonly metadata?: unknown;
}

export interface ListPage {
  readonly keys: readonly ListedKey[];
  /** Name after which the next page begins; absent on the last one. */
  readonly cursor?: string;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS records (
  key TEXT PRIMARY KEY, value TEXT NOT NULL, metadata TEXT, expiration INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_expiration ON records (expiration) WHERE expiration IS NOT NULL;`;

/** Keys a list may have at most, as in KV. */
const MAX_LIST = 1000;

export class RecordTable {
  readonly #sql: SqlStorage;
  readonly #clock: () => number;
  #made = false;

  constructor(storage: DurableObjectStorage, clock: () => number) {
    this.#sql = storage.sql;
    this.#clock = clock;
  }

  /** A record that has not expired. Asking an object that never held one makes no table in it. */
  get(key: string): StoredRecord | undefined {
    if (!this.#exists()) return undefined;
    return this.#sql
      .exec<{ value: string; metadata: string | null }>(
        'SELECT value, metadata FROM records WHERE key = ? AND (expiration IS NULL OR expiration > ?)',
        key,
        this.#seconds(),
      )
      .toArray()[0];
  }

  put(key: string, value: string, { expiration, metadata }: PutOptions = {}): void {
    if (!this.#made) this.#sql.exec(SCHEMA);
    this.#made = true;
    this.#sql.exec(
      'INSERT OR REPLACE INTO records (key, value, metadata, expiration) VALUES (?, ?, ?, ?)',
      key,
      value,
      metadata === undefined ? null : JSON.stringify(metadata),
      expiration ?? null,
    );
  }

  delete(key: string): void {
    if (this.#exists()) this.#sql.exec('DELETE FROM records WHERE key = ?', key);
  }

  /** Keys with a prefix, in order, after `cursor`. */
  list(prefix: string, limit: number, cursor = ''): ListPage {
    if (!this.#exists()) return { keys: [] };
    const count = Math.max(1, Math.min(limit, MAX_LIST));
    const rows = this.#sql
      .exec<{ key: string; metadata: string | null; expiration: number | null }>(
        `SELECT key, metadata, expiration FROM records
         WHERE key > ? AND substr(key, 1, length(?)) = ? AND key >= ? AND (expiration IS NULL OR expiration > ?)
         ORDER BY key LIMIT ?`,
        cursor,
        prefix,
        prefix,
        prefix,
        this.#seconds(),
        count + 1,
      )
      .toArray();
    const keys = rows.slice(0, count).map(({ key, metadata, expiration }) => ({
      name: key,
      ...(metadata !== null && { metadata: JSON.parse(metadata) as unknown }),
      ...(expiration !== null && { expiration }),
    }));
    const last = keys.at(-1);
    return rows.length > count && last !== undefined ? { keys, cursor: last.name } : { keys };
  }

  /** Removes what has expired. */
  purge(): void {
    if (this.#exists()) this.#sql.exec('DELETE FROM records WHERE expiration <= ?', this.#seconds());
  }

  /** Milliseconds since the epoch when the next record expires. */
  nextExpiry(): number | undefined {
    if (!this.#exists()) return undefined;
    const { next } = this.#sql.exec<{ next: number | null }>('SELECT min(expiration) AS next FROM records').one();
    return next === null ? undefined : next * 1000;
  }

  #exists(): boolean {
    this.#made ||=
      this.#sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'records'").toArray().length > 0;
    return this.#made;
  }

  #seconds(): number {
    return Math.floor(this.#clock() / 1000);
  }
}
