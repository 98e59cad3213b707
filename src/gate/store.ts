/**
 * What a Gate keeps, in its own SQLite: admissions inside the windows, open records, and closed records on their way
 * out. Every public method is one transaction. The clock is passed in.
 */
import type { ClosedRecord, Outcome } from '../core/record.ts';
import { closeRecord } from '../core/record.ts';
import type { AdmitRequest, Refusal, Settlement, Shipment } from './admission.ts';
import { GateCounts } from './counts.ts';
import type { Decision, Request } from './decide.ts';
import { decide, decideConcurrency } from './decide.ts';
import type { Closing, Entry } from './journal.ts';
import { REMEMBER_MS } from './journal.ts';
import type { Memory } from './memory.ts';
import { dropTimes, forget, note, readMemory, rememberRefusal } from './memory.ts';
import type { Quota, WindowRule } from './windows.ts';
import { monotonic, quotaOf } from './windows.ts';

/** How often what is not needed is forgotten: that looks at all answers. */
const FORGET_EVERY_MS = 10_000;
const ADMITTED: Decision = { ok: true };
/** Outcomes of one row, at most: each has up to a few KB, and a value 2 MB. */
const MOST_CLOSED = 200;

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
   * Takes how earlier calls ended, checks the windows and opens the record, or closes it as denied. The same id gets the
   * same answer. `share` takes one of the tenant's limit, or says why there is none: it is asked last, for what nothing
   * else refuses.
   */
  admit(request: Request, share?: () => Refusal | undefined, settled: readonly Settlement[] = []): Decision {
    return this.#change((memory) => {
      const now = this.#now(memory);
      const closed = this.#close(memory, settled, now);
      const known = answerTo(memory, request.id);
      if (known !== undefined) {
        this.#addClosed(memory, closed, now);
        return known;
      }
      dropTimes(memory.times, request.windows, now);
      const local = decide(request, memory, now);
      const answer = (local.ok ? share?.() : undefined) ?? local;
      memory.latest = now;
      if (answer.ok) this.#open(memory, request, closed, now);
      else {
        this.#addClosed(memory, closed, now);
        this.#refuse(memory, request, answer, now);
      }
      return answer;
    });
  }

  /** Whether as many of the person's calls are open as may run at the same time, so that this one would be refused. */
  isFull(request: Request): boolean {
    const memory = this.memory();
    return answerTo(memory, request.id) === undefined && !decideConcurrency(request, memory.open, 0).ok;
  }

  /** Whether a request would be let through now, were it not for its tenant's limit. */
  wouldAdmit(request: Request): boolean {
    const memory = this.memory();
    return decide(request, memory, this.#now(memory)).ok;
  }

  /**
   * Closes open records with their outcomes; drops an outcome that comes too late or for nothing, and counts it unless
   * it comes `again`.
   */
  settle(settled: readonly Settlement[]): void {
    this.#change((memory) => {
      const now = this.#now(memory);
      this.#addClosed(memory, this.#close(memory, settled, now), now);
    });
  }

  /** What is left of each rule now. */
  quotas(rules: readonly WindowRule[]): Quota[] {
    const memory = this.memory();
    const now = this.#now(memory);
    return rules.map((rule) => quotaOf(rule, memory.times.get(rule.key) ?? [], now));
  }

  /** Takes closed records; known ids are ignored. */
  record(records: readonly ClosedRecord[]): void {
    this.#transact((memory) => {
      const now = this.#now(memory);
      const until = now + REMEMBER_MS;
      for (const record of records) {
        const { id } = record;
        if (answerTo(memory, id) !== undefined) continue;
        const isRefusal = repeatsAtWill(record);
        const closed = isRefusal ? gather(memory, record, now) : [enqueue(memory, record)];
        const n = this.#add(memory, { id, at: now, until, closed, ...(isRefusal && { answer: ADMITTED }) });
        if (isRefusal) rememberRefusal(memory, id, { n, answer: ADMITTED, until });
        else memory.admitted.set(id, until);
      }
    });
  }

  /** Closes as `unknown` what passed its deadline, and forgets what nothing needs. */
  expire(): void {
    const memory = this.memory();
    const now = this.#now(memory);
    const late = [...memory.open.values()].filter(({ deadline }) => deadline <= now);
    if (late.length > 0) this.settle(late.map(({ record: { id } }) => ({ id, outcome: UNKNOWN })));
    this.#transact(() => {
      // Each in a row of its own, as each may be long.
      for (const record of memory.repeats.due(now)) this.#addClosed(memory, [enqueue(memory, record)], now);
    });
    if (now < this.#forgotAt + FORGET_EVERY_MS) return;
    this.#forgotAt = now;
    forget(memory, now);
  }

  /** The oldest closed records that wait: at most `count`, and at most about `bytes` unless one alone is more. */
  outbox(count: number, bytes = Number.POSITIVE_INFINITY): Shipment[] {
    return this.memory().outbox.oldest(count, bytes);
  }

  /** Removes what a Writer has taken: everything up to and including `n`. */
  shipped(n: number): void {
    const { journal, outbox } = this.memory();
    journal.shipped(n);
    outbox.remove(n);
  }

  /** When something is due: a record waiting to go out (now), a deadline, or calls to forget; Infinity where nothing is. */
  nextWake(): number {
    const { outbox, open, until, repeats } = this.memory();
    if (outbox.size > 0) return 0;
    const forget = Math.max(until || Number.POSITIVE_INFINITY, this.#forgotAt + FORGET_EVERY_MS);
    return Math.min(forget, repeats.next(), ...[...open.values()].map(({ deadline }) => deadline));
  }

  #open(memory: Memory, request: Request, closed: readonly Closing[], now: number): void {
    const { id, record, windows, counted } = request;
    const until = now + Math.max(REMEMBER_MS, ...windows.map((rule) => rule.seconds * 1000));
    const keys = windows.map((rule) => rule.key);
    const opened = record && { deadline: now + request.deadlineMs, record };
    const write = () => {
      const along = this.#addMost(memory, closed, now);
      const n = this.#add(memory, { id, at: now, until, keys, closed: along, ...opened });
      if (opened) memory.open.set(id, { n, ...opened });
      this.#countOther(counted, ADMITTED);
    };
    // In one transaction, so that a request that asks again is counted once.
    if (counted === undefined) write();
    else this.#transact(write);
    memory.admitted.set(id, until);
    for (const key of keys) note(memory.times, key, now);
  }

  #refuse(memory: Memory, { id, record, counted }: Request, answer: Refusal, now: number): void {
    if (answer.code === 'audit_unavailable') {
      // A refusal for want of room must not take room.
      this.counts.add(['unrecorded']);
      return;
    }
    // What was refused is in no window: it is remembered for who asks again, and no longer, however many there are.
    const until = now + REMEMBER_MS;
    this.#transact(() => {
      if (record === undefined) this.#countOther(counted, answer);
      const closed = record === undefined ? [] : gather(memory, closeRecord(record, refusal(answer)), now);
      const n = this.#add(memory, { id, at: now, until, answer, closed });
      rememberRefusal(memory, id, { n, answer, until });
    });
  }

  #countOther(counted: AdmitRequest['counted'], answer: Decision): void {
    if (counted === undefined) return;
    const { method, denied = false } = counted;
    this.counts.add(['requests', method, answer.ok && !denied ? 'admitted' : 'denied']);
    if (!answer.ok) this.counts.add(['rate_limited', method]);
  }

  /** Closes records in memory. Out: what of it is still to be written, before anything else is done or awaited. */
  #close(memory: Memory, settled: readonly Settlement[], now: number): Closing[] {
    const closed: Closing[] = [];
    for (const { id, outcome, again = false } of settled) {
      const open = memory.open.get(id);
      if (open === undefined) {
        if (!again) this.counts.add(['dropped_outcomes']);
        continue;
      }
      memory.open.delete(id);
      const record = closeRecord(open.record, outcome);
      if (record.result_status !== 'denied') closed.push([memory.outbox.add(record, open.n), id, outcome]);
      // Together with what becomes of the refusal, its call is open no more.
      else this.#transact(() => this.#addClosed(memory, [[0, id], ...gather(memory, record, now)], now));
    }
    return closed;
  }

  /** A row for outcomes that no admission took along. */
  #addClosed(memory: Memory, closed: readonly Closing[], now: number): void {
    const rest = this.#addMost(memory, closed, now);
    if (rest.length > 0) this.#add(memory, { at: now, until: now + REMEMBER_MS, closed: rest });
  }

  /** Out: what is left of them for one row; the others have rows now. */
  #addMost(memory: Memory, closed: readonly Closing[], now: number): readonly Closing[] {
    if (closed.length <= MOST_CLOSED) return closed;
    this.#add(memory, { at: now, until: now + REMEMBER_MS, closed: closed.slice(0, MOST_CLOSED) });
    return this.#addMost(memory, closed.slice(MOST_CLOSED), now);
  }

  #add(memory: Memory, entry: Entry): number {
    memory.until = Math.max(memory.until, entry.until);
    return memory.journal.add(entry);
  }

  #transact(work: (memory: Memory) => void): void {
    this.#change((memory) => this.#storage.transactionSync(() => work(memory)));
  }

  /** Where it fails, memory may be ahead of what is kept: it is forgotten, and read back at the next use. */
  #change<T>(work: (memory: Memory) => T): T {
    try {
      return work(this.memory());
    } catch (error) {
      this.#memory = undefined;
      throw error;
    }
  }

  #now(memory: Memory): number {
    return monotonic(this.#clock(), memory.latest);
  }

  /** Reads the tables at the first use, and after an eviction took them from memory. Open to tests of what is forgotten. */
  memory(): Memory {
    this.#memory ??= readMemory(this.#storage, this.#clock());
    return this.#memory;
  }
}

/** A record that was closed from the start: the next row has it. */
function enqueue({ journal, outbox }: Memory, record: ClosedRecord): Closing {
  return [outbox.add(record, journal.next), record.id, record];
}

/** A refusal is a row of its own, or is gathered with those like it. */
function gather(memory: Memory, refusal: ClosedRecord, now: number): Closing[] {
  return memory.repeats.takes(refusal, now) ? [] : [enqueue(memory, refusal)];
}

function answerTo({ admitted, refused }: Memory, id: string): Decision | undefined {
  return admitted.has(id) ? ADMITTED : refused.get(id)?.answer;
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
