/**
 * What a Gate keeps of a user's grants and tokens besides the provider's own records: what was deleted and must not come
 * back, refresh tokens that were replaced, and answers that are given again. On a Durable Object's SQLite; the clock is
 * passed in.
 */
import { isObject } from '../../core/json.ts';
import type { ListPage, PutOptions, StoredRecord } from './table.ts';
import { RecordTable } from './table.ts';

/** Longer than any access token lives, and than any request that began before a revocation takes. */
const TOMBSTONE_MS = 24 * 60 * 60 * 1000;
/** A replaced refresh token is remembered as long as its grant could have lived. */
const RETIRED_MS = 31 * 24 * 60 * 60 * 1000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS tombstones (id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retired (
  hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (id TEXT PRIMARY KEY, sealed TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ended (grant_id TEXT PRIMARY KEY, whose TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;`;

/** What is kept beside a tombstone in a table of its own. */
const TABLES = ['tombstones', 'retired', 'answers', 'ended'] as const;

/** Whose a grant was: what a row about it names. */
export interface GrantOwner {
  readonly clientId: string;
  readonly clientName: string;
  readonly login: string;
}

/** Something to be given again: its name, itself, and how long to keep it. */
export interface SealedAnswer {
  readonly id: string;
  readonly sealed: string;
  readonly milliseconds: number;
}

/** A write that came after its grant was revoked. */
export class RevokedGrant extends Error {}

export class Vault {
  readonly #records: RecordTable;
  readonly #storage: DurableObjectStorage;
  readonly #clock: () => number;
  #made = false;
  /** What was revoked, as the table has it: every request asks. Read again after each change. */
  #revoked: ReadonlySet<string> | undefined;

  constructor(storage: DurableObjectStorage, clock: () => number) {
    this.#records = new RecordTable(storage, clock);
    this.#storage = storage;
    this.#clock = clock;
  }

  get(key: string): StoredRecord | undefined {
    return this.#records.get(key);
  }

  list(prefix: string, limit: number, cursor?: string): ListPage {
    return this.#records.list(prefix, limit, cursor);
  }

  /** Throws RevokedGrant where the grant was deleted: a refresh that lost the race must not bring it back. */
  put(key: string, value: string, options: PutOptions): void {
    const { kind, grantId, tokenId } = partsOf(key);
    this.#make();
    this.#storage.transactionSync(() => {
      if (this.isRevoked(grantId, tokenId)) throw new RevokedGrant('the grant was revoked');
      if (kind === 'grant') this.#retireReplaced(key, grantId, value);
      this.#records.put(key, value, options);
    });
  }

  /** Deletes a record and keeps it from coming back. A deleted grant takes its tokens with it. */
  delete(key: string): void {
    const { grantId, tokenId } = partsOf(key);
    const known = this.#records.get(key);
    if (known === undefined) return;
    this.#make();
    this.#revoked = undefined;
    this.#storage.transactionSync(() => {
      this.#sql(
        'INSERT OR REPLACE INTO tombstones (id, until) VALUES (?, ?)',
        tokenId ?? grantId,
        this.#clock() + TOMBSTONE_MS,
      );
      const owner = tokenId === undefined ? ownerOf(known.value) : undefined;
      if (owner !== undefined) {
        this.#sql(
          'INSERT OR REPLACE INTO ended (grant_id, whose, until) VALUES (?, ?, ?)',
          grantId,
          JSON.stringify(owner),
          this.#clock() + TOMBSTONE_MS,
        );
      }
      this.#records.delete(key);
    });
  }

  /** Whose a deleted grant was, for as long as its tombstone stands. */
  endedOwner(grantId: string): GrantOwner | undefined {
    if (!this.#exists()) return undefined;
    const [row] = this.#sql<{ whose: string }>('SELECT whose FROM ended WHERE grant_id = ?', grantId);
    return row === undefined ? undefined : (JSON.parse(row.whose) as GrantOwner);
  }

  /** Whether a grant, or one access token of it, was revoked. */
  isRevoked(grantId: string, tokenId?: string): boolean {
    if (this.#revoked === undefined) {
      const rows = this.#exists() ? this.#sql<{ id: string }>('SELECT id FROM tombstones') : [];
      this.#revoked = new Set(rows.map(({ id }) => id));
    }
    return this.#revoked.has(grantId) || (tokenId !== undefined && this.#revoked.has(tokenId));
  }

  /** In: SHA-256 of a refresh token, hex. Out: since when it has been replaced, in a grant that lives. */
  retiredAt(hash: string): number | undefined {
    if (!this.#exists()) return undefined;
    const [row] = this.#sql<{ at: number }>('SELECT at FROM retired WHERE hash = ? AND until > ?', hash, this.#clock());
    return row?.at;
  }

  /** A sealed answer that was given to the same request a moment ago. */
  answer(id: string): string | undefined {
    if (!this.#exists()) return undefined;
    return this.#sql<{ sealed: string }>('SELECT sealed FROM answers WHERE id = ? AND until > ?', id, this.#clock())[0]
      ?.sealed;
  }

  /** In: what is sealed, under which name it is found, and for how long. */
  keepAnswer({ id, sealed, milliseconds }: SealedAnswer): void {
    this.#make();
    this.#sql(
      'INSERT OR REPLACE INTO answers (id, sealed, until) VALUES (?, ?, ?)',
      id,
      sealed,
      this.#clock() + milliseconds,
    );
  }

  /** All of it or nothing: what throws in between leaves everything as it was. */
  transact(work: () => void): void {
    // Not in there: a table that is made in what is undone is gone again.
    this.#make();
    try {
      this.#storage.transactionSync(work);
    } finally {
      this.#revoked = undefined;
    }
  }

  /** Removes what is over. */
  purge(): void {
    this.#records.purge();
    if (!this.#exists()) return;
    this.#revoked = undefined;
    for (const table of TABLES) {
      this.#sql(`DELETE FROM ${table} WHERE until <= ?`, this.#clock());
    }
  }

  /** Milliseconds since the epoch when something next expires. */
  nextExpiry(): number | undefined {
    const times = [this.#records.nextExpiry()];
    if (this.#exists()) {
      for (const table of TABLES) {
        times.push(this.#sql<{ next: number | null }>(`SELECT min(until) AS next FROM ${table}`)[0]?.next ?? undefined);
      }
    }
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** Remembers the refresh token that a new version of the grant replaces. */
  #retireReplaced(key: string, grantId: string, value: string): void {
    const before = refreshTokenOf(this.#records.get(key)?.value);
    if (before === undefined || before === refreshTokenOf(value)) return;
    const now = this.#clock();
    this.#sql(
      'INSERT OR REPLACE INTO retired (hash, grant_id, at, until) VALUES (?, ?, ?, ?)',
      before,
      grantId,
      now,
      now + RETIRED_MS,
    );
  }

  #make(): void {
    if (!this.#made) this.#storage.sql.exec(SCHEMA);
    this.#made = true;
  }

  #exists(): boolean {
    if (this.#made) return true;
    // The tables of an earlier version are completed.
    if (this.#sql("SELECT 1 FROM sqlite_master WHERE name = 'tombstones'").length > 0) this.#make();
    return this.#made;
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}

/** `grant:{user}:{grant}` or `token:{user}:{grant}:{token}`. */
function partsOf(key: string): { kind: string; grantId: string; tokenId: string | undefined } {
  const [kind = '', , grantId, tokenId] = key.split(':');
  if ((kind !== 'grant' && kind !== 'token') || grantId === undefined) throw new Error('not a record of a user');
  return { kind, grantId, tokenId };
}

/** Whose a grant record is. In: its JSON, as the provider wrote it. */
function ownerOf(grant: string): GrantOwner | undefined {
  const { clientId, metadata }: { clientId?: unknown; metadata?: unknown } = JSON.parse(grant) as object;
  const { clientName, login } = isObject(metadata) ? metadata : {};
  if (typeof clientId !== 'string' || typeof clientName !== 'string' || typeof login !== 'string') return undefined;
  return { clientId, clientName, login };
}

/** The hash of a grant record's current refresh token. */
function refreshTokenOf(grant: string | undefined): string | undefined {
  const parsed: unknown = grant === undefined ? undefined : JSON.parse(grant);
  return isObject(parsed) && typeof parsed.refreshTokenId === 'string' ? parsed.refreshTokenId : undefined;
}
