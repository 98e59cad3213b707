/**
 * What a Writer counts in its own SQLite, and never down: requests without a row, requests to GitHub, failures without a
 * principal. Of the last it also keeps who knocked, by network and minute, until D1 has that.
 */
import { OTHER_ADDRESS } from '../core/address.ts';
import type { Counts } from '../core/counts.ts';
import { countName } from '../core/counts.ts';
import type { Knock } from './totals.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS knocks (
  minute TEXT NOT NULL, address TEXT NOT NULL, reason TEXT NOT NULL, n INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (minute, address, reason)
) WITHOUT ROWID;`;

/** Networks and reasons of a minute that are told apart: an attack from everywhere must not fill D1. */
export const MAX_KNOCKS = 50;

export class Counters {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(SCHEMA);
  }

  /** Adds increments. Of failures without a principal, addresses are kept for a while and reasons for good. */
  add(counts: Counts, now: number = Date.now()): void {
    for (const [key, n] of Object.entries(counts)) {
      const name = countName(key);
      if (name[0] === 'auth_failures') {
        this.#addTo(JSON.stringify([name[0], name[1]]), n);
        this.#knock(new Date(now).toISOString().slice(0, 16), name[2], name[1], n);
      } else this.#addTo(key, n);
    }
  }

  /** All that was ever counted here. Names of failures have no address. */
  all(): Counts {
    return Object.fromEntries(this.#rows<{ name: string; n: number }>('SELECT name, n FROM counters').map(pair));
  }

  /** Who knocked, as far as D1 has not confirmed it: each with all its failures of the minute. */
  knocks(): Knock[] {
    return this.#rows<{ minute: string; address: string; reason: string; failures: number }>(
      'SELECT minute, address, reason, n AS failures FROM knocks WHERE n > sent ORDER BY minute',
    );
  }

  /** D1 has these. What belongs to a minute that is over is forgotten. */
  confirmKnocks(knocks: readonly Knock[], now: number): void {
    const over = new Date(now - 2 * 60_000).toISOString().slice(0, 16);
    this.#storage.transactionSync(() => {
      for (const { minute, address, reason, failures } of knocks) {
        this.#rows(
          'UPDATE knocks SET sent = max(sent, ?) WHERE minute = ? AND address = ? AND reason = ?',
          failures,
          minute,
          address,
          reason,
        );
      }
      this.#rows('DELETE FROM knocks WHERE minute < ? AND sent = n', over);
    });
  }

  #addTo(key: string, n: number): void {
    this.#rows('INSERT INTO counters (name, n) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET n = n + ?2', key, n);
  }

  #knock(minute: string, network: string, reason: string, n: number): void {
    const [known] = this.#rows<{ total: number; mine: number }>(
      `SELECT count(*) AS total, coalesce(sum(address = ?2 AND reason = ?3), 0) AS mine FROM knocks WHERE minute = ?1`,
      minute,
      network,
      reason,
    );
    const full = known !== undefined && known.mine === 0 && known.total >= MAX_KNOCKS;
    this.#rows(
      `INSERT INTO knocks (minute, address, reason, n) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (minute, address, reason) DO UPDATE SET n = n + ?4`,
      minute,
      full ? OTHER_ADDRESS : network,
      reason,
      n,
    );
  }

  #rows<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}

function pair({ name, n }: { name: string; n: number }): [string, number] {
  return [name, n];
}
