/**
 * What a person was asked on a page, and which answers were used, in the person's Gate: nothing passes twice on one
 * "yes". Every public method is one transaction. The clock is passed in.
 */
import { monotonic } from './windows.ts';

/** Milliseconds a question stays open, and its answer good. */
export const CONFIRM_MS = 10 * 60 * 1000;
/** A used answer is remembered for longer than it could be good: the clock that sealed it is another one. */
const REMEMBER_MS = 2 * CONFIRM_MS;

/** A call that waits for a person. */
export interface PendingConfirmation {
  /** The call_id of the call that was stopped. */
  readonly id: string;
  readonly toolName: string;
  /** JSON, redacted and capped (core/redaction.ts). */
  readonly arguments: string;
  readonly clientName: string;
  readonly question: string;
}

/** A call whose client cannot ask. */
export interface PageQuestion {
  /** Names who, with which client, wants which tool with which arguments: a hash. */
  readonly key: string;
  /** The call itself, by its id: asking twice for one call is one use. */
  readonly attempt: string;
  /** What to show where nobody was asked yet. */
  readonly pending: PendingConfirmation;
}

/** `id` is the call_id of the call that was stopped first. */
export interface PageAnswer {
  readonly status: 'confirmed' | 'declined' | 'waiting';
  readonly id: string;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS confirmations (
  id TEXT PRIMARY KEY, key TEXT NOT NULL, status TEXT NOT NULL, attempt TEXT, until INTEGER NOT NULL, pending TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS confirmations_key ON confirmations (key);
CREATE INDEX IF NOT EXISTS confirmations_until ON confirmations (until);`;

type Row = { id: string; status: string; attempt: string | null; pending: string | null };

export class Confirmations {
  readonly #storage: DurableObjectStorage;
  readonly #clock: () => number;
  #latest: number | undefined;

  constructor(storage: DurableObjectStorage, clock: () => number) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** In: the id of a sealed answer, the call that brings it. Out: whether it is its first use, or the same call again. */
  claim(id: string, attempt: string): boolean {
    const now = this.#now();
    this.#storage.sql.exec(SCHEMA);
    // Refused by the conflict itself: one statement, so no second use fits between.
    const taken = this.#storage.sql.exec(
      `INSERT INTO confirmations (id, key, status, attempt, until) VALUES (?1, '', 'used', ?2, ?3)
       ON CONFLICT (id) DO UPDATE SET attempt = ?2 WHERE status = 'used' AND attempt = ?2 RETURNING 1`,
      `state:${id}`,
      attempt,
      now + REMEMBER_MS,
    );
    return taken.toArray().length > 0;
  }

  /** Uses up the person's answer to this very call where there is one; otherwise makes sure the question is open. */
  ask({ key, attempt, pending }: PageQuestion): PageAnswer {
    const now = this.#now();
    return this.#storage.transactionSync(() => {
      this.#storage.sql.exec(SCHEMA);
      const known = this.#rows('SELECT * FROM confirmations WHERE key = ? AND until > ?', key, now);
      const answered = (status: string) => status === 'confirmed' || status === 'declined';
      const mine = known.find((row) => row.attempt === attempt && answered(row.status));
      const open = mine ?? known.find((row) => row.attempt === null);
      if (open === undefined) {
        this.#storage.sql.exec(
          "INSERT INTO confirmations (id, key, status, until, pending) VALUES (?, ?, 'waiting', ?, ?)",
          pending.id,
          key,
          now + CONFIRM_MS,
          JSON.stringify(pending),
        );
        return { status: 'waiting', id: pending.id };
      }
      if (!answered(open.status)) return { status: 'waiting', id: open.id };
      this.#storage.sql.exec('UPDATE confirmations SET attempt = ? WHERE id = ?', attempt, open.id);
      return { status: open.status as PageAnswer['status'], id: open.id };
    });
  }

  /** The question behind a link; undefined where there is none that is still open. */
  pending(id: string): PendingConfirmation | undefined {
    if (!this.#exists()) return undefined;
    const [row] = this.#rows(
      "SELECT * FROM confirmations WHERE id = ? AND status = 'waiting' AND until > ?",
      id,
      this.#now(),
    );
    return row?.pending == null ? undefined : (JSON.parse(row.pending) as PendingConfirmation);
  }

  /** Takes the person's answer. Out: what was asked; undefined where it was answered already or is over. */
  decide(id: string, yes: boolean): PendingConfirmation | undefined {
    const pending = this.pending(id);
    if (pending === undefined) return undefined;
    this.#storage.sql.exec(
      "UPDATE confirmations SET status = ?, until = ? WHERE id = ? AND status = 'waiting'",
      yes ? 'confirmed' : 'declined',
      this.#now() + CONFIRM_MS,
      id,
    );
    return pending;
  }

  /** Forgets what is over. */
  purge(): void {
    if (this.#exists()) this.#storage.sql.exec('DELETE FROM confirmations WHERE until <= ?', this.#now());
  }

  /** When all that is kept now can be forgotten, in milliseconds since the epoch; undefined where nothing is. */
  nextPurge(): number | undefined {
    if (!this.#exists()) return undefined;
    const latest = this.#storage.sql.exec<{ due: number | null }>('SELECT max(until) AS due FROM confirmations').one();
    return latest.due ?? undefined;
  }

  #now(): number {
    this.#latest = monotonic(this.#clock(), this.#latest);
    return this.#latest;
  }

  #rows(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }

  #exists(): boolean {
    return this.#storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'confirmations'").toArray().length > 0;
  }
}
