/**
 * What a Gate has on disk of its calls. A row of the journal is an admission, with the outcomes of earlier calls that
 * came along with it, or outcomes that came alone, or a record that was closed from the start. So a call is one row,
 * written once, at the end of a table without an index: what is looked for is in memory. What was sent is known by its
 * number: nothing is written for each record that leaves.
 */
import type { ClosedRecord, OpenRecord, Outcome } from '../core/record.ts';
import type { Decision } from './decide.ts';

/** How long an answer is remembered at least, so that the same question gets it again. */
export const REMEMBER_MS = 120_000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS journal (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, until INTEGER NOT NULL, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS shipped (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL);`;

/**
 * Of the layout before this one, where what was closed was a row of the outbox, and its call open until that was sent.
 * There are rows of both layouts where a deployment was rolled back: what waited to be sent then is lost.
 */
const CARRY_OVER = `
INSERT INTO journal SELECT (SELECT coalesce(max(n), 0) FROM journal) + n, at, until, json_object('id', id, 'at', at,
  'until', until, 'keys', json(keys), 'answer', CASE WHEN answer ->> 'ok' THEN NULL ELSE json(answer) END,
  'deadline', deadline, 'record', json(record)) FROM calls;
INSERT INTO journal (at, until, entry)
  SELECT 0, 0, json_object('at', 0, 'until', 0, 'closed', json_array(json_array(n, id, json(record)))) FROM outbox;
DROP TABLE calls;
DROP TABLE outbox;`;

const HAS_NO_RECORD = "entry ->> 'record' IS NULL AND coalesce(entry ->> 'closed', '[]') = '[]'";
const IS_ONE_OF = 'n IN (SELECT value FROM json_each(?))';

/**
 * A record that is closed: its number in the outbox, its id, and its outcome; or the whole record, where it was closed
 * from the start. What was refused is that, or is gathered and no record of its own: then it is only open no more, with
 * the number 0 and no outcome.
 */
export type Closing = readonly [n: number, id: string, outcome?: Outcome | ClosedRecord];

/** What a row of the journal says. */
export interface Entry {
  /** The call; absent where outcomes came alone. */
  readonly id?: string;
  /** Milliseconds since the epoch: when it was written, and until when an answer or a window needs it. */
  readonly at: number;
  readonly until: number;
  /** The windows that it counts in. */
  readonly keys?: readonly string[];
  /** What was answered, where it was a refusal, or is answered to whoever hands the record of one over again. */
  readonly answer?: Decision | null;
  /** What it opened, and when that closes as unknown. */
  readonly deadline?: number;
  readonly record?: OpenRecord;
  readonly closed?: readonly Closing[];
}

export class Journal {
  readonly #storage: DurableObjectStorage;
  /** The number of the next row. */
  next = 1;

  /** Makes its tables, and takes over what an earlier layout of them left. */
  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql(SCHEMA);
    if (this.#sql("SELECT 1 FROM sqlite_master WHERE name = 'calls'").length > 0) {
      storage.transactionSync(() => this.#sql(CARRY_OVER));
    }
  }

  /** Out: the number of its row. */
  add(entry: Entry): number {
    this.#sql('INSERT INTO journal VALUES (?, ?, ?, ?)', this.next, entry.at, entry.until, JSON.stringify(entry));
    this.next += 1;
    return this.next - 1;
  }

  /** A Writer has everything up to and including `n`. */
  shipped(n: number): void {
    this.#sql('REPLACE INTO shipped VALUES (1, ?)', n);
  }

  /** Removes rows that opened nothing and have no record that waits. */
  remove(rows: readonly number[]): void {
    this.#sql(`DELETE FROM journal WHERE ${IS_ONE_OF}`, JSON.stringify(rows));
  }

  /**
   * Forgets what neither an answer, nor a window, nor a record needs at `now`. In: the rows whose records are open, and
   * the first that a record needs that is closed and waits.
   *
   * The row of an outcome comes after the row of its call. What is taken is a beginning of the journal, and ends before
   * all that waits: so an outcome goes with its call or later, never before it, which would open the call again.
   */
  forget(now: number, open: readonly number[], waiting: number): void {
    const [young] = this.#sql<{ n: number }>(
      'SELECT n FROM journal WHERE at > ? ORDER BY n LIMIT 1',
      now - REMEMBER_MS,
    );
    const last = young?.n ?? this.next;
    const end = Math.min(last, waiting);
    const numbers = JSON.stringify(open);
    this.#storage.transactionSync(() => {
      // Behind what waits only what has nothing to do with it: while nothing is taken from here, that would pile up.
      if (end < last)
        this.#sql(`DELETE FROM journal WHERE n > ? AND n < ? AND until <= ? AND ${HAS_NO_RECORD}`, end, last, now);
      this.#sql(`DELETE FROM journal WHERE n < ? AND until <= ? AND NOT ${IS_ONE_OF}`, end, now, numbers);
      // What is left counts in a window. Once: `at` says that it was done.
      this.#sql(
        `UPDATE journal SET at = 0, entry = json_remove(entry, '$.record', '$.closed') WHERE n < ? AND at > 0 AND NOT ${IS_ONE_OF}`,
        end,
        numbers,
      );
    });
  }

  /** All rows, in their order: there may be many. */
  *entries(): Iterable<readonly [n: number, entry: Entry]> {
    const rows = this.#storage.sql.exec<{ n: number; entry: string }>('SELECT n, entry FROM journal ORDER BY n');
    for (const { n, entry } of rows) {
      this.next = n + 1;
      yield [n, JSON.parse(entry) as Entry];
    }
  }

  /** The number up to which everything was sent; undefined where nothing was. */
  sent(): number | undefined {
    return this.#sql<{ n: number }>('SELECT n FROM shipped')[0]?.n;
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}
