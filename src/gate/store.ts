/**
 * What a Gate keeps, in its own SQLite: admissions inside the windows, open records, and closed records on their way
 * out. Every public method is one transaction. The clock is passed in.
 */
import type { ClosedRecord, Outcome } from '../core/record.ts';
import { closeRecord } from '../core/record.ts';
import type { AdmitRequest, Refusal, Shipment } from './admission.ts';
import { GateCounts } from './counts.ts';
import type { Decision, Request } from './decide.ts';
import { decide, decideConcurrency } from './decide.ts';
import type { Memory, Open } from './memory.ts';
import { note, readMemory } from './memory.ts';
import type { Quota, WindowRule } from './windows.ts';
import { monotonic, quotaOf } from './windows.ts';

/** No window is longer (src/config.ts): what is older counts nowhere. */
const LONGEST_WINDOW_MS = 3_600_000;
/** How long an answer is remembered at least, so that the same question gets it again. */
const REMEMBER_MS = 120_000;
/**
 * Refusals that are remembered, at most: no limit holds them back. A client asks again at once (client.ts), so half of
 * them, which a gate at its fastest gives in seconds, is long enough.
 */
export const MAX_REFUSALS = 10_000;

const ADD_CALL = 'INSERT INTO calls (n, id, at, until, keys, answer, deadline, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';
const ADD_CLOSED = 'INSERT INTO outbox (n, id, record) VALUES (?, ?, ?)';

/** How often calls that no window needs are forgotten: that reads the whole table. */
const FORGET_EVERY_MS = 10_000;

export class GateStore {
  readonly #storage: DurableObjectStorage;
  readonly #clock: () => number;
  /** Read from the tables at the first use. */
  #memory: Memory | undefined;
  #forgotAt = 0;
  /** What leaves no row. */
  readonly counts: GateCounts;

  constructor(storage: DurableObjectStorage, clock: () => number) {
    this.#storage = storage;
    this.counts = new GateCounts(storage);
    this.#clock = clock;
  }

  /**
   * Checks the windows and opens the record, or closes it as denied. The same id gets the same answer. `share` takes one
   * of the tenant's limit, or says why there is none: it is asked last, for what nothing else refuses.
   */
  admit(request: Request, share?: () => Refusal | undefined): Decision {
    const memory = this.#load();
    const known = memory.answers.get(request.id);
    if (known !== undefined) return known.answer;

    const now = this.#now(memory);
    this.#forget(memory.times, request, now);
    const local = decide(request, memory, now);
    const answer = (local.ok ? share?.() : undefined) ?? local;
    // A refusal for want of room must not take room.
    if (!answer.ok && answer.code === 'audit_unavailable') {
      this.counts.add(['unrecorded']);
      return answer;
    }
    const { id, record } = request;
    // What was refused is in no window: it is remembered for who asks again, and no longer, however many there are.
    const until = now + Math.max(REMEMBER_MS, ...(answer.ok ? request.windows.map((rule) => rule.seconds * 1000) : []));
    const keys = answer.ok ? request.windows.map((rule) => rule.key) : [];
    const values = [id, now, until, JSON.stringify(keys), JSON.stringify(answer)] as const;
    let n = 0;
    if (record === undefined) {
      // In one transaction, so that a request that asks again is counted once.
      this.#transact(() => {
        n = this.#addCall(memory, ...values, null, null);
        this.#countOther(request.counted, answer);
      });
    } else if (answer.ok) {
      const deadline = now + request.deadlineMs;
      n = this.#addCall(memory, ...values, deadline, JSON.stringify(record));
      memory.open.set(id, { n, deadline, record });
    } else {
      this.#transact(() => {
        n = this.#addCall(memory, ...values, null, null);
        this.#refuse(memory, closeRecord(record, refusal(answer)), now);
      });
    }
    memory.latest = now;
    this.#remember(memory, id, answer, until);
    if (!answer.ok) this.#rememberRefusal(memory, { n, id });
    for (const key of keys) note(memory.times, key, now);
    return answer;
  }

  /** Whether as many of the person's calls are open as may run at the same time, so that this one would be refused. */
  isFull(request: Request): boolean {
    const { open, answers } = this.#load();
    return !answers.has(request.id) && !decideConcurrency(request, open, 0).ok;
  }

  /** Whether a request would be let through now, were it not for its tenant's limit. */
  wouldAdmit(request: Request): boolean {
    const memory = this.#load();
    return decide(request, memory, this.#now(memory)).ok;
  }

  /**
   * Closes an open record with its outcome; drops an outcome that comes too late or for nothing, and counts it unless it
   * comes `again`.
   */
  settle(id: string, outcome: Outcome, again = false): void {
    const memory = this.#load();
    const open = memory.open.get(id);
    if (open === undefined) {
      if (!again) this.counts.add(['dropped_outcomes']);
      return;
    }
    this.#close(memory, open, outcome);
  }

  /** What is left of each rule now. */
  quotas(rules: readonly WindowRule[]): Quota[] {
    const memory = this.#load();
    const now = this.#now(memory);
    return rules.map((rule) => quotaOf(rule, memory.times.get(rule.key) ?? [], now));
  }

  /** Takes closed records; known ids are ignored. */
  record(records: readonly ClosedRecord[]): void {
    const memory = this.#load();
    const now = this.#now(memory);
    const until = now + REMEMBER_MS;
    const unknown = new Map(
      records.filter(({ id }) => !memory.answers.has(id)).map((record) => [record.id, record] as const),
    );
    if (unknown.size === 0) return;
    const refusals: Memory['refusals'] = [];
    this.#transact(() => {
      for (const record of unknown.values()) {
        const n = this.#addCall(memory, record.id, now, until, '[]', ADMITTED, null, null);
        if (repeatsAtWill(record)) refusals.push({ n, id: record.id });
        if (!repeatsAtWill(record) || !memory.repeats.takes(record, now)) this.#enqueue(memory, record);
      }
    });
    for (const id of unknown.keys()) this.#remember(memory, id, { ok: true }, until);
    for (const refused of refusals) this.#rememberRefusal(memory, refused);
  }

  /** Closes as `unknown` what passed its deadline, and forgets calls that no window needs. */
  expire(): void {
    const memory = this.#load();
    const now = this.#now(memory);
    for (const open of memory.open.values()) {
      if (open.deadline <= now) this.#close(memory, open, UNKNOWN);
    }
    this.#transact(() => {
      for (const record of memory.repeats.due(now)) this.#enqueue(memory, record);
    });
    if (now < this.#forgotAt + FORGET_EVERY_MS) return;
    this.#forgotAt = now;
    this.#sql('DELETE FROM calls WHERE until <= ? AND deadline IS NULL', now);
    for (const [id, { until }] of memory.answers) {
      if (until <= now) memory.answers.delete(id);
    }
    if (memory.until <= now) memory.until = 0;
    memory.refusals = memory.refusals.filter(({ id }) => memory.answers.has(id));
    for (const [key, list] of memory.times) {
      if ((list.at(-1) ?? 0) <= now - LONGEST_WINDOW_MS) memory.times.delete(key);
    }
  }

  /** Keys whose admissions are held in memory: for tests of what is forgotten. */
  get keysInMemory(): number {
    return this.#load().times.size;
  }

  /** Answers that are remembered: for tests of what is forgotten. */
  get answersInMemory(): number {
    return this.#load().answers.size;
  }

  /** The oldest closed records that wait: at most `count`, and at most about `bytes` unless one alone is more. */
  outbox(count: number, bytes = Number.POSITIVE_INFINITY): Shipment[] {
    const { outbox } = this.#load();
    let size = 0;
    const fits = outbox.slice(0, count).findIndex(({ record }, i) => {
      size += ROW_BYTES + (record.arguments?.length ?? 0);
      return size > bytes && i > 0;
    });
    return outbox.slice(0, fits === -1 ? count : fits).map(({ n, record }) => ({ n, record }));
  }

  /** Removes what a Writer has taken: everything up to and including `n`. */
  shipped(n: number): void {
    const memory = this.#load();
    const taken = memory.outbox.filter((waiting) => waiting.n <= n).map(({ call }) => call);
    this.#storage.transactionSync(() => {
      this.#sql('DELETE FROM outbox WHERE n <= ?', n);
      this.#sql('INSERT OR REPLACE INTO shipped (one, n) VALUES (1, ?)', n);
      this.#sql(
        'UPDATE calls SET deadline = NULL, record = NULL WHERE n IN (SELECT value FROM json_each(?))',
        JSON.stringify(taken.filter((call) => call !== undefined)),
      );
    });
    memory.outbox = memory.outbox.slice(taken.length);
  }

  /** When something is due: a record waiting to go out (now), a deadline, or calls to forget. */
  nextWake(): number | undefined {
    const { outbox, open, until, repeats } = this.#load();
    if (outbox.length > 0) return 0;
    const forget = until === 0 ? undefined : Math.max(until, this.#forgotAt + FORGET_EVERY_MS);
    let due = earliest(forget, repeats.next());
    for (const { deadline } of open.values()) due = Math.min(due ?? deadline, deadline);
    return due;
  }

  /** Drops times that have left every window of the request. */
  #forget(times: Map<string, number[]>, request: Request, now: number): void {
    for (const rule of request.windows) {
      const list = times.get(rule.key);
      if (list === undefined) continue;
      const first = list.findIndex((at) => at > now - rule.seconds * 1000);
      if (first === -1) times.delete(rule.key);
      else list.splice(0, first);
    }
  }

  /** Out: the number of its row. */
  #addCall(memory: Memory, ...values: SqlStorageValue[]): number {
    const n = memory.lastCall + 1;
    this.#storage.sql.exec(ADD_CALL, n, ...values);
    memory.lastCall = n;
    return n;
  }

  #remember(memory: Memory, id: string, answer: Decision, until: number): void {
    memory.answers.set(id, { answer, until });
    memory.until = Math.max(memory.until, until);
  }

  /** Forgets the older half where there are too many. */
  #rememberRefusal(memory: Memory, refused: Memory['refusals'][number]): void {
    memory.refusals.push(refused);
    if (memory.refusals.length < MAX_REFUSALS) return;
    const older = memory.refusals.splice(0, MAX_REFUSALS / 2);
    const numbers = JSON.stringify(older.map(({ n }) => n));
    this.#sql('DELETE FROM calls WHERE n IN (SELECT value FROM json_each(?))', numbers);
    for (const { id } of older) memory.answers.delete(id);
  }

  #countOther(counted: AdmitRequest['counted'], answer: Decision): void {
    if (counted === undefined) return;
    const { method, denied = false } = counted;
    this.counts.add(['requests', method, answer.ok && !denied ? 'admitted' : 'denied']);
    if (!answer.ok) this.counts.add(['rate_limited', method]);
  }

  #close(memory: Memory, open: Open, outcome: Outcome): void {
    const record = closeRecord(open.record, outcome);
    if (record.result_status !== 'denied') this.#enqueue(memory, record, open.n);
    else this.#refuse(memory, record, this.#now(memory), open.n);
    memory.open.delete(open.record.id);
  }

  /** A refusal is a row of its own, or is gathered with those like it; then the call is open no more by this. */
  #refuse(memory: Memory, record: ClosedRecord, now: number, call?: number): void {
    this.#transact(() => {
      if (!memory.repeats.takes(record, now)) this.#enqueue(memory, record, call);
      else if (call !== undefined) this.#sql('UPDATE calls SET deadline = NULL, record = NULL WHERE n = ?', call);
    });
  }

  #enqueue(memory: Memory, record: ClosedRecord, call?: number): void {
    const n = memory.last + 1;
    this.#storage.sql.exec(ADD_CLOSED, n, record.id, JSON.stringify(record));
    memory.outbox.push({ n, record, call });
    memory.last = n;
  }

  /** One transaction. Where it fails, memory may be ahead of what is kept: it is forgotten, and read back at the next use. */
  #transact(work: () => void): void {
    try {
      this.#storage.transactionSync(work);
    } catch (error) {
      this.#memory = undefined;
      throw error;
    }
  }

  #now(memory: Memory): number {
    return monotonic(this.#clock(), memory.latest);
  }

  /** Reads the tables at the first use, and after an eviction took them from memory. */
  #load(): Memory {
    this.#memory ??= readMemory(this.#storage, this.#clock());
    return this.#memory;
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}

/** What a record has besides its arguments, roughly. */
const ROW_BYTES = 1000;

/** The answer to a record that is handed over, as the table has it. */
const ADMITTED = JSON.stringify({ ok: true });

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Refusals that cost whoever asks nothing but another request: somebody who is no administrator, at the console. */
function repeatsAtWill({ method, result_status }: ClosedRecord): boolean {
  return method === 'audit/read' && result_status === 'denied';
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
