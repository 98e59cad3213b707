/**
 * What a Gate keeps, in its own SQLite: admissions inside the windows, open records, and closed records on their way
 * out. Every public method is one transaction. The clock is passed in.
 */
import type { ClosedRecord, OpenRecord, Outcome } from '../core/record.ts';
import { closeRecord } from '../core/record.ts';
import type { AdmitRequest, Refusal, Shipment } from './admission.ts';
import { GateCounts } from './counts.ts';
import type { Quota, WindowRule } from './windows.ts';
import { checkWindows, monotonic, quotaOf } from './windows.ts';

/** Records that may wait, open or closed, before the gate refuses calls it could not keep. */
export const MAX_WAITING = 10_000;
/** No window is longer (src/config.ts): what is older counts nowhere. */
const LONGEST_WINDOW_MS = 3_600_000;
/** How long an answer is remembered at least, so that the same question gets it again. */
const REMEMBER_MS = 120_000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS admissions (
  id TEXT PRIMARY KEY, at INTEGER NOT NULL, until INTEGER NOT NULL, keys TEXT NOT NULL, answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS admissions_until ON admissions (until);
CREATE TABLE IF NOT EXISTS open_records (id TEXT PRIMARY KEY, deadline INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS open_records_deadline ON open_records (deadline);
CREATE TABLE IF NOT EXISTS outbox (n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL);`;

type Decision = { readonly ok: true } | Refusal;

export class GateStore {
  readonly #storage: DurableObjectStorage;
  readonly #clock: () => number;
  /** Admission times by window key, ascending; loaded from the table at the first use. */
  #times: Map<string, number[]> | undefined;
  #latest: number | undefined;
  #waiting = 0;
  /** Open records: the person's calls that run now. */
  #open = 0;
  /** What leaves no row. */
  readonly counts: GateCounts;

  constructor(storage: DurableObjectStorage, clock: () => number) {
    this.#storage = storage;
    this.counts = new GateCounts(storage);
    this.#clock = clock;
  }

  /** Checks the windows and opens the record, or closes it as denied. The same id gets the same answer. */
  admit(request: Omit<AdmitRequest, 'token' | 'proof'>): Decision {
    const times = this.#load();
    const known = this.#sql<{ answer: string }>('SELECT answer FROM admissions WHERE id = ?', request.id)[0];
    if (known !== undefined) return JSON.parse(known.answer) as Decision;

    const now = monotonic(this.#clock(), this.#latest);
    this.#forget(times, request, now);
    const answer = this.#decide(request, times, now);
    const longest = Math.max(REMEMBER_MS, ...request.windows.map((rule) => rule.seconds * 1000));
    const keys = answer.ok ? request.windows.map((rule) => rule.key) : [];
    this.#storage.transactionSync(() => {
      // A refusal for want of room must not take room.
      if (!answer.ok && answer.code === 'audit_unavailable') return;
      this.#sql(
        'INSERT INTO admissions (id, at, until, keys, answer) VALUES (?, ?, ?, ?, ?)',
        request.id,
        now,
        now + longest,
        JSON.stringify(keys),
        JSON.stringify(answer),
      );
      // In this transaction, so that a request that asks again is counted once.
      if (request.record === undefined) {
        this.#countOther(request.counted, answer);
        return;
      }
      if (answer.ok) {
        this.#sql(
          'INSERT INTO open_records (id, deadline, record) VALUES (?, ?, ?)',
          request.id,
          now + request.deadlineMs,
          JSON.stringify(request.record),
        );
      } else {
        this.#enqueue(closeRecord(request.record, refusal(answer)));
      }
      this.#waiting += 1;
    });
    if (answer.ok && request.record !== undefined) this.#open += 1;
    this.#latest = now;
    for (const key of keys) {
      const list = times.get(key);
      if (list === undefined) times.set(key, [now]);
      else list.push(now);
    }
    return answer;
  }

  /** Closes an open record with its outcome; drops an outcome that comes too late or for nothing. */
  settle(id: string, outcome: Outcome): void {
    this.#load();
    this.#storage.transactionSync(() => {
      const open = this.#sql<{ record: string }>('DELETE FROM open_records WHERE id = ? RETURNING record', id)[0];
      if (open === undefined) {
        this.counts.add(['dropped_outcomes']);
        return;
      }
      this.#enqueue(closeRecord(JSON.parse(open.record) as OpenRecord, outcome));
      this.#open -= 1;
    });
  }

  /** What is left of each rule now. */
  quotas(rules: readonly WindowRule[]): Quota[] {
    const times = this.#load();
    const now = monotonic(this.#clock(), this.#latest);
    return rules.map((rule) => quotaOf(rule, times.get(rule.key) ?? [], now));
  }

  /** Takes closed records; known ids are ignored. */
  record(records: readonly ClosedRecord[]): void {
    this.#load();
    this.#storage.transactionSync(() => {
      for (const record of records) this.#enqueue(record);
      this.#waiting += records.length;
    });
  }

  /** Closes as `unknown` what passed its deadline, and forgets admissions that no window needs. */
  expire(): void {
    const times = this.#load();
    const now = monotonic(this.#clock(), this.#latest);
    this.#storage.transactionSync(() => {
      const overdue = this.#sql<{ record: string }>(
        'DELETE FROM open_records WHERE deadline <= ? RETURNING record',
        now,
      );
      for (const { record } of overdue) this.#enqueue(closeRecord(JSON.parse(record) as OpenRecord, UNKNOWN));
      this.#sql('DELETE FROM admissions WHERE until <= ?', now);
      this.#open -= overdue.length;
    });
    for (const [key, list] of times) {
      if ((list.at(-1) ?? 0) <= now - LONGEST_WINDOW_MS) times.delete(key);
    }
  }

  /** Keys whose admissions are held in memory: for tests of what is forgotten. */
  get keysInMemory(): number {
    return this.#load().size;
  }

  /** The oldest closed records that wait, at most `count`. */
  outbox(count: number): Shipment[] {
    this.#load();
    return this.#sql<{ n: number; record: string }>('SELECT n, record FROM outbox ORDER BY n LIMIT ?', count).map(
      ({ n, record }) => ({ n, record: JSON.parse(record) as ClosedRecord }),
    );
  }

  /** Removes what a Writer has taken: everything up to and including `n`. */
  shipped(n: number): void {
    this.#sql('DELETE FROM outbox WHERE n <= ?', n);
    this.#waiting = this.#count();
  }

  /** When something is due: a record waiting to go out (now), a deadline, or admissions to forget. */
  nextWake(): number | undefined {
    this.#load();
    const { due } = this.#sql<{ due: number | null }>(
      `SELECT CASE WHEN EXISTS (SELECT 1 FROM outbox) THEN 0 ELSE min(
         coalesce((SELECT min(deadline) FROM open_records), 9e15),
         coalesce((SELECT max(until) FROM admissions), 9e15)) END AS due`,
    )[0] ?? { due: null };
    return due === null || due >= 9e15 ? undefined : due;
  }

  #decide(request: Omit<AdmitRequest, 'token' | 'proof'>, times: Map<string, number[]>, now: number): Decision {
    if (request.record !== undefined && this.#waiting >= MAX_WAITING) {
      return {
        ok: false,
        code: 'audit_unavailable',
        limit: 'audit',
        message: `${MAX_WAITING} records wait to be written to the audit log.`,
        retryAfterSeconds: 30,
      };
    }
    const exceeded = checkWindows(request.windows, (key) => times.get(key) ?? [], now);
    if (exceeded === undefined) return this.#decideConcurrency(request, now);
    const { rule } = exceeded;
    return {
      ok: false,
      code: 'rate_limited',
      limit: rule.name,
      message: `The limit of ${rule.count} in ${rule.seconds} seconds per ${rule.name} is reached.`,
      retryAfterSeconds: Math.ceil(exceeded.retryAfterMs / 1000),
    };
  }

  /**
   * Open records are the count: a call whose Worker died counts until its deadline. The retry time is when one of them
   * has ended for certain; it may be sooner.
   */
  #decideConcurrency(
    { record, concurrent }: Omit<AdmitRequest, 'token' | 'proof'>,
    now: number,
  ): { readonly ok: true } | Refusal {
    if (record === undefined || concurrent === undefined || this.#open < concurrent) return { ok: true };
    // The limit may have been lowered: as many have to end as there are too many.
    const [last] = this.#sql<{ deadline: number }>(
      'SELECT deadline FROM open_records ORDER BY deadline LIMIT 1 OFFSET ?',
      this.#open - concurrent,
    );
    return {
      ok: false,
      code: 'too_many_concurrent_calls',
      limit: 'concurrent',
      message: `${this.#open} calls of this person are running; ${concurrent} may run at the same time.`,
      retryAfterSeconds: Math.max(1, Math.ceil(((last?.deadline ?? now) - now) / 1000)),
    };
  }

  /** Drops times that have left every window of the request. */
  #forget(times: Map<string, number[]>, request: Omit<AdmitRequest, 'token' | 'proof'>, now: number): void {
    for (const rule of request.windows) {
      const list = times.get(rule.key);
      if (list === undefined) continue;
      const first = list.findIndex((at) => at > now - rule.seconds * 1000);
      if (first === -1) times.delete(rule.key);
      else list.splice(0, first);
    }
  }

  #countOther(counted: AdmitRequest['counted'], answer: Decision): void {
    if (counted === undefined) return;
    const { method, denied = false } = counted;
    this.counts.add(['requests', method, answer.ok && !denied ? 'admitted' : 'denied']);
    if (!answer.ok) this.counts.add(['rate_limited', method]);
  }

  #enqueue(record: ClosedRecord): void {
    this.#sql(
      'INSERT INTO outbox (id, record) VALUES (?, ?) ON CONFLICT(id) DO NOTHING',
      record.id,
      JSON.stringify(record),
    );
  }

  /** Makes the tables and reads back what an eviction took from memory. */
  #load(): Map<string, number[]> {
    if (this.#times !== undefined) return this.#times;
    this.#storage.sql.exec(SCHEMA);
    const times = new Map<string, number[]>();
    for (const { at, keys } of this.#sql<{ at: number; keys: string }>('SELECT at, keys FROM admissions ORDER BY at')) {
      for (const key of JSON.parse(keys) as string[]) {
        const list = times.get(key);
        if (list === undefined) times.set(key, [at]);
        else list.push(at);
      }
      this.#latest = at;
    }
    this.#waiting = this.#count();
    this.#open = this.#sql<{ n: number }>('SELECT count(*) AS n FROM open_records')[0]?.n ?? 0;
    this.#times = times;
    return times;
  }

  #count(): number {
    return this.#sql<{ n: number }>(
      'SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM open_records) AS n',
    )[0]?.n as number;
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}

const UNKNOWN: Outcome = {
  result_status: 'unknown',
  duration_ms: null,
  error_code: null,
  error_message: 'No outcome arrived before the deadline of the call.',
};

function refusal(answer: Refusal): Outcome {
  return { result_status: 'denied', duration_ms: 0, error_code: answer.code, error_message: answer.message };
}
