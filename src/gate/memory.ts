/** What a Gate knows without looking: its tables, read once when the object wakes, and kept up with from then on. */
import type { ClosedRecord, OpenRecord } from '../core/record.ts';
import type { Shipment } from './admission.ts';
import type { Decision } from './decide.ts';
import { Repeats } from './repeats.ts';
import { monotonic } from './windows.ts';

/**
 * No index besides the row numbers: a call is one row that is added and a row of the outbox that is added, and each
 * further tree would be written with both. What is looked for is in memory, which is read back when the object wakes.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS calls (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL, keys TEXT NOT NULL,
  answer TEXT NOT NULL, deadline INTEGER, record TEXT
);
CREATE TABLE IF NOT EXISTS outbox (n INTEGER PRIMARY KEY, id TEXT NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS shipped (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL);`;

/** A record that has no outcome yet. */
export interface Open {
  /** Number of its row in `calls`. */
  readonly n: number;
  readonly deadline: number;
  readonly record: OpenRecord;
}

export interface Waiting extends Shipment {
  /** Number of its row in `calls`, which says until this has been sent that it is open. */
  readonly call: number | undefined;
}

/** What is in the tables, as far as it is looked for. */
export interface Memory {
  /** Admission times by window key, ascending. */
  readonly times: Map<string, number[]>;
  /** Answers that were given, by call. */
  readonly answers: Map<string, { readonly answer: Decision; readonly until: number }>;
  /** When all of them may be forgotten; 0 where there is none. */
  until: number;
  /** Which of them are refusals, in their order, with the number of their row in `calls`. */
  refusals: { readonly n: number; readonly id: string }[];
  /** The person's calls that run now. */
  readonly open: Map<string, Open>;
  /** Closed records in the order in which they were closed. */
  outbox: Waiting[];
  /** Refusals that are gathered. */
  readonly repeats: Repeats;
  /** The last number in `calls`. */
  lastCall: number;
  /** Numbers of the records in the outbox grow, also across an empty one. */
  last: number;
  latest: number | undefined;
}

type CallRow = {
  n: number;
  id: string;
  at: number;
  until: number;
  keys: string;
  answer: string;
  deadline: number | null;
  record: string | null;
};

/** Makes the tables and reads back what an eviction took from memory. */
export function readMemory(storage: DurableObjectStorage, now: number): Memory {
  const sql = <Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]) =>
    storage.sql.exec<Row>(statement, ...values).toArray();
  sql(SCHEMA);
  const times: Memory['times'] = new Map();
  const answers: Memory['answers'] = new Map();
  const refusals: Memory['refusals'] = [];
  const open: Memory['open'] = new Map();
  let untilAll = 0;
  let lastCall = 0;
  let latest: number | undefined;
  // Refusals first, and unread: there is no limit to how many a client may have collected.
  sql("DELETE FROM calls WHERE until <= ? AND deadline IS NULL AND keys = '[]'", now);
  for (const row of sql<CallRow>('SELECT * FROM calls ORDER BY n')) {
    const { id, at, until } = row;
    untilAll = Math.max(untilAll, until);
    lastCall = row.n;
    const answer = JSON.parse(row.answer) as Decision;
    answers.set(id, { answer, until });
    if (!answer.ok) refusals.push({ n: row.n, id });
    for (const key of JSON.parse(row.keys) as string[]) note(times, key, at);
    latest = monotonic(at, latest);
    if (row.deadline === null || row.record === null) continue;
    open.set(id, { n: row.n, deadline: row.deadline, record: JSON.parse(row.record) as OpenRecord });
  }
  const outbox = sql<{ n: number; id: string; record: string }>('SELECT n, id, record FROM outbox ORDER BY n').map(
    ({ n, id, record }): Waiting => {
      const call = open.get(id)?.n;
      open.delete(id);
      return { n, record: JSON.parse(record) as ClosedRecord, call };
    },
  );
  // The first number is above all that an earlier layout of the tables can have given out: a Writer ignores known ones.
  const last = outbox.at(-1)?.n ?? sql<{ n: number }>('SELECT n FROM shipped')[0]?.n ?? Math.max(0, now);
  return {
    times,
    answers,
    until: untilAll,
    refusals,
    open,
    outbox,
    repeats: new Repeats(storage),
    lastCall,
    last,
    latest,
  };
}

/** Notes an admission under the key of a window. */
export function note(times: Map<string, number[]>, key: string, at: number): void {
  const list = times.get(key);
  if (list === undefined) times.set(key, [at]);
  else list.push(at);
}
