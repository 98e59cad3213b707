/**
 * What a Writer keeps in its own SQLite: the end of its chain, rows not yet confirmed by D1, and how far it has come
 * with each gate. Every public method is one transaction.
 */
import type { Counts } from '../core/counts.ts';
import { countKey } from '../core/counts.ts';
import type { ClosedRecord } from '../core/record.ts';
import type { ChainHead } from './chain.ts';
import { GENESIS, linkRecord } from './chain.ts';
import { Counters } from './counters.ts';
import type { AuditRow } from './row.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS head (chain_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sources (source TEXT PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS pending (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, row TEXT NOT NULL);`;

export class Ledger {
  readonly #storage: DurableObjectStorage;
  /** What is counted in this chain, in the same storage: taken once, like the rows. */
  readonly counters: Counters;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(SCHEMA);
    this.counters = new Counters(storage);
  }

  /**
   * Numbers and hashes records and keeps them until D1 has them; adds up what is only counted. `n` grows within a source: what was taken before is
   * ignored, so a gate may send again what it does not know to have arrived.
   */
  append(
    chain: string,
    source: string,
    items: readonly { readonly n: number; readonly record: ClosedRecord }[],
    parcel?: { readonly n: number; readonly counts: Counts },
  ): void {
    this.#storage.transactionSync(() => {
      if (parcel !== undefined) this.#count(`${source}/counts`, parcel);
      let taken = this.#taken(source);
      let head = this.head(chain);
      for (const { n, record: closed } of items) {
        if (n <= taken) continue;
        const { upstream, ...record } = closed;
        for (const [status, times] of Object.entries(upstream?.statuses ?? {})) {
          this.counters.add({ [countKey(['upstream', status])]: times });
        }
        const row = linkRecord(head, record);
        this.#rows('INSERT INTO pending (seq, id, row) VALUES (?, ?, ?)', row.seq, row.id, JSON.stringify(row));
        head = { chain_id: chain, seq: row.seq, hash: row.hash };
        taken = n;
      }
      this.#rows('INSERT OR REPLACE INTO head (chain_id, seq, hash) VALUES (?, ?, ?)', chain, head.seq, head.hash);
      this.#take(source, taken);
    });
  }

  /** The end of the chain. */
  head(chain: string): ChainHead {
    const known = this.#rows<{ seq: number; hash: string }>('SELECT seq, hash FROM head WHERE chain_id = ?', chain)[0];
    return { chain_id: chain, seq: known?.seq ?? 0, hash: known?.hash ?? GENESIS };
  }

  /** The oldest rows that D1 has not confirmed, at most `count`. */
  pending(count: number): AuditRow[] {
    return this.#rows<{ row: string }>('SELECT row FROM pending ORDER BY seq LIMIT ?', count).map(
      ({ row }) => JSON.parse(row) as AuditRow,
    );
  }

  /** How many rows D1 has not confirmed. */
  waiting(): number {
    return this.#rows<{ n: number }>('SELECT count(*) AS n FROM pending')[0]?.n ?? 0;
  }

  /** Forgets rows that D1 confirmed. */
  confirm(ids: ReadonlySet<string>): void {
    this.#rows('DELETE FROM pending WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify([...ids]));
  }

  #count(source: string, { n, counts }: { readonly n: number; readonly counts: Counts }): void {
    if (n <= this.#taken(source)) return;
    this.counters.add(counts);
    this.#take(source, n);
  }

  #taken(source: string): number {
    return this.#rows<{ n: number }>('SELECT n FROM sources WHERE source = ?', source)[0]?.n ?? 0;
  }

  #take(source: string, n: number): void {
    this.#rows('INSERT OR REPLACE INTO sources (source, n) VALUES (?, ?)', source, n);
  }

  #rows<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}
