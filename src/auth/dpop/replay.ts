/**
 * Memory of the proofs that were used (RFC 9449 section 11.1), for an object that sees every request of a person: a
 * proof that is copied off the wire is good for nothing a second time. The clock is passed in.
 */
import { createHash } from 'node:crypto';
import { monotonic } from '../../gate/windows.ts';
import type { Proof, ProofWindow } from './proof.ts';

/**
 * Under which a proof is remembered: its `jti`, in the context of its URI, as section 11.1 has it, and of its key, so
 * that nobody can use up the ids of somebody else. A hash, so that a row has one size whatever the client chose.
 * Thumbprint and normalised URI have no NUL in them, so no two proofs run together.
 */
export function replayKey({ jkt, jti, htu }: Pick<Proof, 'jkt' | 'jti' | 'htu'>): string {
  return createHash('sha256').update(`${jkt}\0${htu}\0${jti}`).digest('base64url');
}

/**
 * Milliseconds to remember a proof from its first use: twice the time in which it could be accepted, because the clock
 * that checked it and the clock that remembers it are not the same.
 */
export function rememberMs({ maxAge, maxAhead }: ProofWindow): number {
  return 2 * (maxAge + maxAhead) * 1000;
}

/** No index besides the row numbers: a proof is one row that is added at the end, and what is looked for is in memory. */
const SCHEMA = `CREATE TABLE IF NOT EXISTS dpop_used (
  n INTEGER PRIMARY KEY, key TEXT NOT NULL, attempt TEXT NOT NULL, until INTEGER NOT NULL
)`;
/** As it was kept before. */
const EARLIER = 'dpop_proofs';

export class ReplayMemory {
  readonly #storage: DurableObjectStorage;
  readonly #rememberMs: number;
  /** The row of each proof, the oldest first; read from the table at the first use. */
  #rows: Map<string, number> | undefined;
  #last = 0;
  #latest: number | undefined;

  constructor(storage: DurableObjectStorage, window: ProofWindow) {
    this.#storage = storage;
    this.#rememberMs = rememberMs(window);
  }

  /**
   * In: a replay key; milliseconds since the epoch; the id of the request that brought the proof, made by this server.
   * Out: whether this is the first use of that proof. The same request asking again is still the first: an answer can be
   * lost after it was committed, and one HTTP request may ask for each message it carries.
   */
  firstUse(key: string, now: number, attempt = ''): boolean {
    try {
      return this.#take(key, now, attempt);
    } catch (error) {
      // Found out by trying: a table made in a transaction that was rolled back is gone, which no flag would notice.
      if (!String(error).includes('no such table')) throw error;
      this.#rows = undefined;
      return this.#take(key, now, attempt);
    }
  }

  /** Nothing is awaited in here, so no second use fits between the look and the write. */
  #take(key: string, now: number, attempt: string): boolean {
    this.#rows ??= this.#read();
    this.#latest = monotonic(now, this.#latest);
    const known = this.#rows.get(key);
    if (known !== undefined) {
      // Not there: its transaction was rolled back, and what was rolled back was not used.
      const [used] = this.#sql<{ attempt: string; until: number }>(
        'SELECT attempt, until FROM dpop_used WHERE n = ? AND key = ?',
        known,
        key,
      );
      if (used !== undefined && used.until > this.#latest) return attempt !== '' && used.attempt === attempt;
      this.#rows.delete(key);
    }
    this.#last += 1;
    this.#sql('INSERT INTO dpop_used VALUES (?, ?, ?, ?)', this.#last, key, attempt, this.#latest + this.#rememberMs);
    this.#rows.set(key, this.#last);
    return true;
  }

  /** Forgets what need not be remembered any more. For the alarm of the object. */
  purge(now: number): void {
    this.#latest = monotonic(now, this.#latest);
    if (!this.#exists('dpop_used')) return;
    // From the front, as far as all of them are over.
    const [first] = this.#sql<{ n: number }>(
      'SELECT n FROM dpop_used WHERE until > ? ORDER BY n LIMIT 1',
      this.#latest,
    );
    const kept = first?.n ?? Number.MAX_SAFE_INTEGER;
    this.#sql('DELETE FROM dpop_used WHERE n < ?', kept);
    for (const [key, n] of this.#rows ?? []) {
      if (n >= kept) return;
      this.#rows?.delete(key);
    }
  }

  #read(): Map<string, number> {
    this.#sql(SCHEMA);
    if (this.#exists(EARLIER)) {
      this.#sql(
        `INSERT INTO dpop_used (key, attempt, until) SELECT key, attempt, until FROM ${EARLIER} ORDER BY until`,
      );
      this.#sql(`DROP TABLE ${EARLIER}`);
    }
    const rows = new Map<string, number>();
    for (const { n, key, until } of this.#sql<{ n: number; key: string; until: number }>(
      'SELECT n, key, until FROM dpop_used ORDER BY n',
    )) {
      rows.set(key, n);
      this.#last = Math.max(this.#last, n);
      // Time never goes backwards, not even across an eviction.
      this.#latest = monotonic(until - this.#rememberMs, this.#latest);
    }
    return rows;
  }

  #exists(table: string): boolean {
    return this.#sql('SELECT 1 FROM sqlite_master WHERE name = ?', table).length > 0;
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}
