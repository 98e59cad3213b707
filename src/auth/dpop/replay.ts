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

const SCHEMA = `
CREATE TABLE IF NOT EXISTS dpop_proofs (
  key TEXT PRIMARY KEY, attempt TEXT NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dpop_proofs_until ON dpop_proofs (until);`;

export class ReplayMemory {
  readonly #storage: DurableObjectStorage;
  readonly #rememberMs: number;
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
    this.#latest = monotonic(now, this.#latest);
    const values = [key, attempt, this.#latest + this.#rememberMs, this.#latest] as const;
    try {
      return this.#take(values);
    } catch (error) {
      // Found out by trying: a table made in a transaction that was rolled back is gone, which no flag would notice.
      if (!String(error).includes('no such table')) throw error;
      this.#storage.sql.exec(SCHEMA);
      return this.#take(values);
    }
  }

  /** Refused by the conflict itself, not by a look before the write: one statement, so no second use fits between. */
  #take(values: readonly SqlStorageValue[]): boolean {
    const taken = this.#storage.sql.exec(
      `INSERT INTO dpop_proofs (key, attempt, until) VALUES (?1, ?2, ?3)
       ON CONFLICT (key) DO UPDATE SET attempt = ?2, until = ?3
       WHERE dpop_proofs.until <= ?4 OR (dpop_proofs.attempt = ?2 AND ?2 <> '')
       RETURNING 1`,
      ...values,
    );
    return taken.toArray().length > 0;
  }

  /** Forgets what need not be remembered any more. For the alarm of the object. */
  purge(now: number): void {
    this.#latest = monotonic(now, this.#latest);
    if (this.#exists()) this.#storage.sql.exec('DELETE FROM dpop_proofs WHERE until <= ?', this.#latest);
  }

  /** When all that is remembered now can be forgotten, in milliseconds since the epoch; undefined where nothing is. */
  nextPurge(): number | undefined {
    if (!this.#exists()) return undefined;
    const latest = this.#storage.sql.exec<{ due: number | null }>('SELECT max(until) AS due FROM dpop_proofs').one();
    return latest.due ?? undefined;
  }

  #exists(): boolean {
    return this.#storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'dpop_proofs'").toArray().length > 0;
  }
}
