/**
 * The limit of a whole tenant, in one Registry: it leases shares of it to gates, so that no call has to ask here, and
 * no object sees them all. What was leased counts as used until its gate says otherwise, and what a gate kept past its
 * lease was used. The clock is passed in.
 *
 * Never above the limit: whenever something is leased, what was used in the last window and all that is leased are at
 * most the limit together, and a call uses what was leased before it.
 */
import { monotonic } from './windows.ts';

/** What a gate asks. */
export interface ShareAsk {
  /** Names one memory of a gate: a gate that forgot begins as another. */
  readonly holder: string;
  /** Calls that the holder has let through by now, of all it was granted. */
  readonly used: number;
  /** Calls it wants to be able to let through before it asks again. */
  readonly wanted: number;
  /** Most calls of the tenant in any window of that many seconds. */
  readonly limit: { readonly count: number; readonly seconds: number };
}

export interface ShareAnswer {
  /** Calls the holder may let through in all since it began. It only grows, so an answer that got lost costs nothing. */
  readonly granted: number;
  /** Where it has none left: milliseconds after which there would be one, if nothing else came; otherwise 0. */
  readonly retryAfterMs: number;
}

/** Milliseconds that a gate may use what it was leased, from when it asked, by its own clock: a sixth of the window. */
export function leaseMs(seconds: number): number {
  return Math.min(10_000, Math.max(1000, (seconds * 1000) / 6));
}

/** Most that one gate holds: a tenth of the limit. */
export function mostHeld(count: number): number {
  return Math.ceil(count / 10);
}

/** How much longer a lease counts here than for its gate: a gate reads its clock when a request comes in. */
const SLACK_MS = 1000;
/** Uses are kept by steps of this many milliseconds, and leave the window at the end of theirs. */
const STEP_MS = 250;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS share_holders (
  holder TEXT PRIMARY KEY, granted INTEGER NOT NULL, used INTEGER NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS share_uses (at INTEGER PRIMARY KEY, calls INTEGER NOT NULL) WITHOUT ROWID;`;

type Holder = { granted: number; used: number };

export class Lessor {
  readonly #storage: DurableObjectStorage;
  readonly #clock: () => number;
  #latest: number | undefined;

  constructor(storage: DurableObjectStorage, clock: () => number) {
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Leases more, as far as there is more. Out: undefined to a holder whose lease has ended: it begins as another. */
  lease({ holder, used, wanted, limit }: ShareAsk): ShareAnswer | undefined {
    return this.#storage.transactionSync(() => {
      const now = this.#now();
      this.#expire(now, limit.seconds);
      const known = this.#sql<Holder>('SELECT granted, used FROM share_holders WHERE holder = ?', holder)[0];
      if (known === undefined && used > 0) return undefined;
      const mine = known ?? { granted: 0, used: 0 };
      const reported = Math.max(mine.used, Math.min(used, mine.granted));
      this.#use(now, reported - mine.used);
      const held = mine.granted - reported;
      const free = limit.count - this.#used() - this.#leased() + (mine.granted - mine.used) - held;
      const more = Math.max(0, Math.min(Math.min(wanted, mostHeld(limit.count)) - held, free));
      const granted = mine.granted + more;
      this.#sql(
        'INSERT OR REPLACE INTO share_holders (holder, granted, used, until) VALUES (?, ?, ?, ?)',
        holder,
        granted,
        reported,
        now + leaseMs(limit.seconds) + SLACK_MS,
      );
      return { granted, retryAfterMs: granted > reported ? 0 : this.#wait(1 - free, now, limit.seconds) };
    });
  }

  /** What was leased and not given back in time was used, at the last moment it could have been. */
  #expire(now: number, seconds: number): void {
    const ended = this.#sql<Holder & { until: number }>(
      'DELETE FROM share_holders WHERE until <= ? RETURNING granted, used, until',
      now,
    );
    for (const { granted, used, until } of ended) this.#use(until, granted - used);
    this.#sql('DELETE FROM share_uses WHERE at <= ?', now - seconds * 1000);
  }

  #use(at: number, calls: number): void {
    if (calls === 0) return;
    this.#sql(
      'INSERT INTO share_uses (at, calls) VALUES (?1, ?2) ON CONFLICT (at) DO UPDATE SET calls = calls + ?2',
      Math.ceil(at / STEP_MS) * STEP_MS,
      calls,
    );
  }

  #used(): number {
    return this.#sql<{ n: number }>('SELECT ifnull(sum(calls), 0) AS n FROM share_uses')[0]?.n ?? 0;
  }

  #leased(): number {
    return this.#sql<{ n: number }>('SELECT ifnull(sum(granted - used), 0) AS n FROM share_holders')[0]?.n ?? 0;
  }

  /** Milliseconds until so many calls count no more: uses as they leave the window, leases as if they were used up. */
  #wait(calls: number, now: number, seconds: number): number {
    const leaving = this.#sql<{ at: number; calls: number }>(
      `SELECT at, calls FROM share_uses UNION ALL SELECT until, granted - used FROM share_holders ORDER BY 1`,
    );
    let left = calls;
    for (const { at, calls: n } of leaving) {
      left -= n;
      if (left <= 0) return Math.max(1, at + seconds * 1000 - now);
    }
    return seconds * 1000;
  }

  /** A clock that jumped back stands still until it has caught up. */
  #now(): number {
    if (this.#latest === undefined) {
      this.#storage.sql.exec(SCHEMA);
      const [row] = this.#sql<{ at: number | null }>('SELECT max(at) AS at FROM share_uses');
      // The end of a step may not have come yet.
      this.#latest = row?.at == null ? 0 : row.at - STEP_MS;
    }
    this.#latest = monotonic(this.#clock(), this.#latest);
    return this.#latest;
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}
