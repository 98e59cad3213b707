/**
 * When each grant of a user was last used, and whether its tokens are bound to a key: what the account page shows of
 * them. On a Durable Object's SQLite; the clock is passed in.
 */

/** What a gate saw of one grant. */
export interface GrantUse {
  readonly grantId: string;
  /** Milliseconds since the epoch of the last request that was let through; undefined where there was none. */
  readonly usedAt: number | undefined;
  /** Whether its newest tokens are bound to a key of the client (RFC 9449). */
  readonly bound: boolean;
}

/** What is written may be this old; what is asked of an object in memory is exact. One row a minute costs next to nothing. */
const WRITE_EVERY_MS = 60_000;
/** As long as a grant lives that nobody refreshes. */
const KEEP_MS = 30 * 24 * 60 * 60 * 1000;

const SCHEMA = `CREATE TABLE IF NOT EXISTS grant_uses (
  grant_id TEXT PRIMARY KEY, used_at INTEGER, bound INTEGER NOT NULL DEFAULT 0, until INTEGER NOT NULL
) WITHOUT ROWID;`;

type Row = { grant_id: string; used_at: number | null; bound: number };

export class GrantUses {
  readonly #sql: SqlStorage;
  readonly #clock: () => number;
  /** Last uses since this object woke: `at` is exact, `written` is what the table has. */
  readonly #recent = new Map<string, { at: number; written: number }>();
  #made = false;

  constructor(storage: DurableObjectStorage, clock: () => number) {
    this.#sql = storage.sql;
    this.#clock = clock;
  }

  /** A request of the grant was let through. Writes at most once a minute, within the transaction that admits it. */
  used(grantId: string): void {
    const now = this.#clock();
    const written = this.#recent.get(grantId)?.written ?? this.#row(grantId)?.used_at ?? undefined;
    if (written !== undefined && now - written < WRITE_EVERY_MS) {
      this.#recent.set(grantId, { at: now, written });
      return;
    }
    this.#recent.set(grantId, { at: now, written: now });
    this.#make();
    this.#sql.exec(
      `INSERT INTO grant_uses (grant_id, used_at, until) VALUES (?, ?, ?)
       ON CONFLICT (grant_id) DO UPDATE SET used_at = excluded.used_at`,
      grantId,
      now,
      now + KEEP_MS,
    );
  }

  /** Tokens of the grant were issued, bound to a key or not. */
  issued(grantId: string, bound: boolean): void {
    this.#make();
    this.#sql.exec(
      `INSERT INTO grant_uses (grant_id, bound, until) VALUES (?, ?, ?)
       ON CONFLICT (grant_id) DO UPDATE SET bound = excluded.bound, until = excluded.until`,
      grantId,
      bound ? 1 : 0,
      this.#clock() + KEEP_MS,
    );
  }

  of(grantId: string): GrantUse {
    const row = this.#row(grantId);
    const usedAt = this.#recent.get(grantId)?.at ?? row?.used_at ?? undefined;
    return { grantId, usedAt, bound: row?.bound === 1 };
  }

  /** The grant is gone. */
  forget(grantId: string): void {
    this.#recent.delete(grantId);
    if (this.#exists()) this.#sql.exec('DELETE FROM grant_uses WHERE grant_id = ?', grantId);
  }

  /** Removes what no grant needs any more. */
  purge(): void {
    if (this.#exists()) this.#sql.exec('DELETE FROM grant_uses WHERE until <= ?', this.#clock());
  }

  #row(grantId: string): Row | undefined {
    if (!this.#exists()) return undefined;
    return this.#sql
      .exec<Row>('SELECT grant_id, used_at, bound FROM grant_uses WHERE grant_id = ?', grantId)
      .toArray()[0];
  }

  #make(): void {
    if (!this.#made) this.#sql.exec(SCHEMA);
    this.#made = true;
  }

  #exists(): boolean {
    this.#made ||= this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'grant_uses'").toArray().length > 0;
    return this.#made;
  }
}
