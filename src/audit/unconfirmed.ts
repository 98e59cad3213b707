/**
 * Rows of a chain that D1 has not confirmed, in the Writer's own SQLite. They are kept, sent and forgotten in pieces: each
 * costs statements and rows written, however many rows of the log are in it.
 */
import { TEXT_COLUMNS } from './chain.ts';
import type { Batch } from './sql.ts';
import { cutTexts } from './sql.ts';

const SCHEMA =
  'CREATE TABLE IF NOT EXISTS unconfirmed (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, rows TEXT NOT NULL)';

/** Rows as an earlier version kept them: each for itself, as an object. */
const TAKE_OVER = `
INSERT INTO unconfirmed SELECT seq, 1, json_array(${TEXT_COLUMNS.map((column) => `row ->> '${column}'`).join()}) FROM pending;
DROP TABLE pending`;

interface Piece extends Record<string, SqlStorageValue> {
  /** Number of the first row. */
  readonly first: number;
  readonly count: number;
  /** Their texts, as the elements of a JSON array. */
  readonly rows: string;
}

/** What is to be sent, and what it is made of. */
export interface Waiting extends Batch {
  readonly pieces: readonly Piece[];
}

export class Unconfirmed {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.#sql.exec(SCHEMA);
    if (this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'pending'").toArray().length > 0) {
      storage.transactionSync(() => this.#sql.exec(TAKE_OVER));
    }
  }

  /** In: the number of the first row, and the texts of one or more that follow one another (chain.ts). */
  add(first: number, texts: readonly string[]): void {
    let at = first;
    for (const part of cutTexts(texts)) {
      this.#sql.exec('INSERT INTO unconfirmed (first, count, rows) VALUES (?, ?, ?)', at, part.length, part.join());
      at += part.length;
    }
  }

  /** Rows that wait. */
  waiting(): number {
    // They follow one another: two looks into the index instead of a sum.
    const [last] = this.#sql.exec<{ n: number }>(
      'SELECT first + count - (SELECT min(first) FROM unconfirmed) AS n FROM unconfirmed ORDER BY first DESC LIMIT 1',
    );
    return last?.n ?? 0;
  }

  /** The oldest rows: at most `count`, and at most `bytes` of JSON, unless the first piece alone is more. */
  oldest(count: number, bytes: number): Waiting {
    const pieces: Piece[] = [];
    let rows = 0;
    let left = bytes;
    for (const piece of this.#sql.exec<Piece>('SELECT * FROM unconfirmed ORDER BY first')) {
      left -= Buffer.byteLength(piece.rows) + 1;
      if (rows > 0 && (left < 0 || rows + piece.count > count)) break;
      pieces.push(piece);
      rows += piece.count;
    }
    return { count: rows, rows: `[${pieces.map((piece) => piece.rows).join()}]`, pieces };
  }

  /** Forgets those pieces of which D1 confirmed every row. In: what was sent, the numbers of the rows that were confirmed. */
  confirm({ pieces }: Waiting, numbers: readonly number[]): void {
    const known = new Set(numbers);
    for (const { first, count } of pieces) {
      let next = first;
      while (known.has(next)) next += 1;
      if (next >= first + count) this.#sql.exec('DELETE FROM unconfirmed WHERE first = ?', first);
    }
  }
}
