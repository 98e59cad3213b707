/**
 * What an address tried before anybody is known: sign-ins begun, clients registered. Exact sliding windows in a Registry,
 * by a key of the caller's. The clock is passed in.
 */
import { checkWindows, monotonic } from './windows.ts';

/** Attempts that are remembered at most; the oldest go first. Who has that many addresses has no need of one twice. */
export const MAX_ATTEMPTS = 20_000;

/** Most attempts in any window of that many seconds. */
export interface AttemptLimit {
  readonly count: number;
  readonly seconds: number;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS attempts (
  n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS attempts_key ON attempts (key, at);
CREATE INDEX IF NOT EXISTS attempts_until ON attempts (until);`;

export class Attempts {
  readonly #storage: DurableObjectStorage;
  readonly #clock: () => number;
  readonly #most: number;
  #latest: number | undefined;
  #made = false;

  constructor(storage: DurableObjectStorage, clock: () => number, most = MAX_ATTEMPTS) {
    this.#storage = storage;
    this.#clock = clock;
    this.#most = most;
  }

  /**
   * Counts an attempt. Out: 0 where it may go on, or the whole seconds, at least 1, after which one would. One that is
   * refused is not counted and leaves nothing.
   */
  take(key: string, { count, seconds }: AttemptLimit): number {
    this.#make();
    const now = monotonic(this.#clock(), this.#latest);
    this.#latest = now;
    const since = now - seconds * 1000;
    const times = this.#sql<{ at: number }>('SELECT at FROM attempts WHERE key = ? AND at > ? ORDER BY at', key, since);
    const admitted = times.map(({ at }) => at);
    const exceeded = checkWindows([{ name: key, key, count, seconds }], () => admitted, now);
    if (exceeded !== undefined) return Math.ceil(exceeded.retryAfterMs / 1000);
    this.#storage.transactionSync(() => {
      this.#sql('DELETE FROM attempts WHERE until <= ?', now);
      const [row] = this.#sql<{ n: number }>(
        'INSERT INTO attempts (key, at, until) VALUES (?, ?, ?) RETURNING n',
        key,
        now,
        now + seconds * 1000,
      );
      this.#sql('DELETE FROM attempts WHERE n <= ?', (row?.n ?? 0) - this.#most);
    });
    return 0;
  }

  /** Removes what counts nowhere any more. */
  purge(): void {
    if (this.#exists()) this.#sql('DELETE FROM attempts WHERE until <= ?', this.#clock());
  }

  /** Milliseconds since the epoch when the next attempt counts nowhere any more. */
  nextExpiry(): number | undefined {
    if (!this.#exists()) return undefined;
    return this.#sql<{ next: number | null }>('SELECT min(until) AS next FROM attempts')[0]?.next ?? undefined;
  }

  /** Makes the table, and reads back how late it was: a clock that jumped back makes no room. */
  #make(): void {
    if (this.#latest !== undefined) return;
    this.#storage.sql.exec(SCHEMA);
    this.#made = true;
    this.#latest = this.#sql<{ at: number | null }>('SELECT max(at) AS at FROM attempts')[0]?.at ?? undefined;
  }

  #exists(): boolean {
    this.#made ||= this.#sql("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").length > 0;
    return this.#made;
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}
