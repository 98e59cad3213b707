/**
 * What a Gate keeps, in its own SQLite: admissions inside the windows, open records, and closed records on their way
 * out. Every public method is one transaction. The clock is passed in.
 */
import type { ClosedRecord, OpenRecord, Outcome } from '../core/record.ts';
import { closeRecord } from '../core/record.ts';
import type { AdmitRequest, Refusal, Shipment } from './admission.ts';
import { GateCounts } from './counts.ts';
import { Repeats } from './repeats.ts';
import type { Quota, WindowRule } from './windows.ts';
import { checkWindows, monotonic, quotaOf } from './windows.ts';

/** Records that may wait, open or closed, before the gate refuses calls it could not keep. */
export const MAX_WAITING = 10_000;
/** No window is longer (src/config.ts): what is older counts nowhere. */
const LONGEST_WINDOW_MS = 3_600_000;
/** How long an answer is remembered at least, so that the same question gets it again. */
const REMEMBER_MS = 120_000;
/**
 * Refusals that are remembered, at most: no limit holds them back. A client asks again at once (client.ts), so half of
 * them, which a gate at its fastest gives in seconds, is long enough.
 */
export const MAX_REFUSALS = 10_000;

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
const ADD_CALL =
  'INSERT INTO calls (id, at, until, keys, answer, deadline, record) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING n';
const ADD_CLOSED = 'INSERT INTO outbox (n, id, record) VALUES (?, ?, ?)';

/** How often calls that no window needs are forgotten: that reads the whole table. */
const FORGET_EVERY_MS = 10_000;

type Decision = { readonly ok: true } | Refusal;
/** What the store needs of a request: who brings it was checked before. */
type Request = Omit<AdmitRequest, 'token' | 'proof' | 'tenant'>;

/** A record that has no outcome yet. */
interface Open {
  /** Number of its row in `calls`. */
  readonly n: number;
  readonly deadline: number;
  readonly record: OpenRecord;
}

interface Waiting extends Shipment {
  /** Number of its row in `calls`, which says until this has been sent that it is open. */
  readonly call: number | undefined;
}

/** What is in the tables, as far as it is looked for. */
interface Memory {
  /** Admission times by window key, ascending. */
  readonly times: Map<string, number[]>;
  /** Answers that were given, by call. */
  readonly answers: Map<string, { readonly answer: Decision; readonly until: number }>;
  /** Which of them are refusals, in their order, with the number of their row in `calls`. */
  refusals: { readonly n: number; readonly id: string }[];
  /** The person's calls that run now. */
  readonly open: Map<string, Open>;
  /** Closed records in the order in which they were closed. */
  outbox: Waiting[];
  /** Refusals that are gathered. */
  readonly repeats: Repeats;
  /** Numbers of the records in the outbox grow, also across an empty one. */
  last: number;
  latest: number | undefined;
}

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
    const local = this.#decide(request, memory, now);
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
        n = this.#addCall(...values, null, null);
        this.#countOther(request.counted, answer);
      });
    } else if (answer.ok) {
      const deadline = now + request.deadlineMs;
      n = this.#addCall(...values, deadline, JSON.stringify(record));
      memory.open.set(id, { n, deadline, record });
    } else {
      this.#transact(() => {
        n = this.#addCall(...values, null, null);
        this.#refuse(memory, closeRecord(record, refusal(answer)), now);
      });
    }
    memory.latest = now;
    memory.answers.set(id, { answer, until });
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
    return this.#decide(request, memory, this.#now(memory)).ok;
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
        const n = this.#addCall(record.id, now, until, '[]', ADMITTED, null, null);
        if (repeatsAtWill(record)) refusals.push({ n, id: record.id });
        if (!repeatsAtWill(record) || !memory.repeats.takes(record, now)) this.#enqueue(memory, record);
      }
    });
    for (const id of unknown.keys()) memory.answers.set(id, { answer: { ok: true }, until });
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
    const { outbox, open, answers, repeats } = this.#load();
    if (outbox.length > 0) return 0;
    let forget: number | undefined;
    for (const { until } of answers.values()) forget = Math.max(forget ?? until, until);
    let due = earliest(forget, repeats.next());
    for (const { deadline } of open.values()) due = Math.min(due ?? deadline, deadline);
    return due;
  }

  #decide(request: Request, memory: Memory, now: number): Decision {
    const waiting = memory.open.size + memory.outbox.length + memory.repeats.size;
    if (request.record !== undefined && waiting >= MAX_WAITING) {
      return {
        ok: false,
        code: 'audit_unavailable',
        limit: 'audit',
        message: `${MAX_WAITING} records wait to be written to the audit log.`,
        retryAfterSeconds: 30,
      };
    }
    const exceeded = checkWindows(request.windows, (key) => memory.times.get(key) ?? [], now);
    if (exceeded === undefined) return decideConcurrency(request, memory.open, now);
    const { rule } = exceeded;
    return {
      ok: false,
      code: 'rate_limited',
      limit: rule.name,
      message: `The limit of ${rule.count} in ${rule.seconds} seconds per ${rule.name} is reached.`,
      retryAfterSeconds: Math.ceil(exceeded.retryAfterMs / 1000),
    };
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

  #addCall(...values: SqlStorageValue[]): number {
    return this.#sql<{ n: number }>(ADD_CALL, ...values)[0]?.n as number;
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
    this.#sql(ADD_CLOSED, n, record.id, JSON.stringify(record));
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

  /** Makes the tables and reads back what an eviction took from memory. */
  #load(): Memory {
    if (this.#memory !== undefined) return this.#memory;
    this.#storage.sql.exec(SCHEMA);
    const times: Memory['times'] = new Map();
    const answers: Memory['answers'] = new Map();
    const refusals: Memory['refusals'] = [];
    const open: Memory['open'] = new Map();
    let latest: number | undefined;
    // Refusals first, and unread: there is no limit to how many a client may have collected.
    this.#sql("DELETE FROM calls WHERE until <= ? AND deadline IS NULL AND keys = '[]'", this.#clock());
    for (const row of this.#sql<CallRow>('SELECT * FROM calls ORDER BY n')) {
      const { id, at, until } = row;
      const answer = JSON.parse(row.answer) as Decision;
      answers.set(id, { answer, until });
      if (!answer.ok) refusals.push({ n: row.n, id });
      for (const key of JSON.parse(row.keys) as string[]) note(times, key, at);
      latest = monotonic(at, latest);
      if (row.deadline === null || row.record === null) continue;
      open.set(id, { n: row.n, deadline: row.deadline, record: JSON.parse(row.record) as OpenRecord });
    }
    const outbox = this.#sql<{ n: number; id: string; record: string }>(
      'SELECT n, id, record FROM outbox ORDER BY n',
    ).map(({ n, id, record }): Waiting => {
      const call = open.get(id)?.n;
      open.delete(id);
      return { n, record: JSON.parse(record) as ClosedRecord, call };
    });
    // The first number is above all that an earlier layout of the tables can have given out: a Writer ignores known ones.
    const last =
      outbox.at(-1)?.n ?? this.#sql<{ n: number }>('SELECT n FROM shipped')[0]?.n ?? Math.max(0, this.#clock());
    this.#memory = { times, answers, refusals, open, outbox, repeats: new Repeats(this.#storage), last, latest };
    return this.#memory;
  }

  #sql<Row extends Record<string, SqlStorageValue>>(statement: string, ...values: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(statement, ...values).toArray();
  }
}

/** What a record has besides its arguments, roughly. */
const ROW_BYTES = 1000;

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

/** The answer to a record that is handed over, as the table has it. */
const ADMITTED = JSON.stringify({ ok: true });

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function note(times: Map<string, number[]>, key: string, at: number): void {
  const list = times.get(key);
  if (list === undefined) times.set(key, [at]);
  else list.push(at);
}

/**
 * Open records are the count: a call whose Worker died counts until its deadline. The retry time is when one of them
 * has ended for certain; it may be sooner.
 */
function decideConcurrency({ record, concurrent }: Request, open: ReadonlyMap<string, Open>, now: number): Decision {
  if (record === undefined || concurrent === undefined || open.size < concurrent) return { ok: true };
  const deadlines = [...open.values()].map(({ deadline }) => deadline).sort((a, b) => a - b);
  // The limit may have been lowered: as many have to end as there are too many.
  const last = deadlines[open.size - concurrent] ?? now;
  return {
    ok: false,
    code: 'too_many_concurrent_calls',
    limit: 'concurrent',
    message: `${open.size} calls of this person are running; ${concurrent} may run at the same time.`,
    retryAfterSeconds: Math.max(1, Math.ceil((last - now) / 1000)),
  };
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
