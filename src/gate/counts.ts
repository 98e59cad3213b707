/**
 * What a Gate counts and makes no row of, in its own SQLite, on its way to a Writer. Adding happens inside the
 * transaction of whoever calls; the table is made by the first.
 */
import type { CountName, Counts } from '../core/counts.ts';
import { countKey } from '../core/counts.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS packed (n INTEGER PRIMARY KEY AUTOINCREMENT, counts TEXT NOT NULL);`;

/** Increments under a number that grows: sent again, they are known. */
export interface Parcel {
  readonly n: number;
  readonly counts: Counts;
}

export class GateCounts {
  readonly #storage: DurableObjectStorage;
  #made = false;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  add(name: CountName): void {
    this.#make();
    this.#storage.sql.exec(
      'INSERT INTO counts (name, n) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1',
      countKey(name),
    );
  }

  /** What waits to be sent, the same until it was; undefined where nothing was counted. */
  parcel(): Parcel | undefined {
    this.#make();
    return this.#storage.transactionSync(() => {
      const [waiting] = this.#rows<{ n: number; counts: string }>('SELECT n, counts FROM packed LIMIT 1');
      if (waiting !== undefined) return { n: waiting.n, counts: JSON.parse(waiting.counts) as Counts };
      const counted = this.#rows<{ name: string; n: number }>('DELETE FROM counts RETURNING name, n');
      if (counted.length === 0) return undefined;
      const counts = Object.fromEntries(counted.map(({ name, n }) => [name, n]));
      const [made] = this.#rows<{ n: number }>(
        'INSERT INTO packed (counts) VALUES (?) RETURNING n',
        JSON.stringify(counts),
      );
      return { n: made?.n as number, counts };
    });
  }

  /** A Writer has taken it. */
  sent({ n }: Parcel): void {
    this.#rows('DELETE FROM packed WHERE n = ?', n);
  }

  #make(): void {
    if (this.#made) return;
    this.#storage.sql.exec(SCHEMA);
    this.#made = true;
  }

  #rows<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}
