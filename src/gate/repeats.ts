/**
 * Refusals that repeat. The first of a kind is a row at once; those of each minute that follows share one row with
 * `repeat_count`, which is sent when the minute is over: a row never changes once it is sent, and nobody should wait a
 * minute to hear of the first. After a minute without one the next is a first one again. A client that asks again and
 * again fills no log. What is looked for is in memory, which is read back when the object wakes.
 */
import { createHash } from 'node:crypto';
import type { ClosedRecord } from '../core/record.ts';

/** Milliseconds during which repeats of a kind are gathered into one row. */
export const REPEAT_MS = 60_000;
/**
 * Kinds that are told apart by everything. A client that makes up names or arguments has one kind for each error code
 * above them, up to as many kinds again. What comes above both is a row of its own, which takes room among the records
 * that wait: where that is used up the gate refuses calls.
 */
export const MOST_KINDS = 100;

const SCHEMA = 'CREATE TABLE IF NOT EXISTS repeats (kind TEXT PRIMARY KEY, until INTEGER NOT NULL, record TEXT)';

/** Codes whose refusals have nothing to do with the arguments. */
const BLIND: ReadonlySet<string | null> = new Set(['rate_limited', 'too_many_concurrent_calls']);

interface Repeat {
  readonly until: number;
  /** What the repeats have in common so far; absent while there was none. */
  readonly record?: ClosedRecord;
}

export class Repeats {
  readonly #storage: DurableObjectStorage;
  readonly #kinds: Map<string, Repeat>;

  /** Makes its table and reads what is in it. */
  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(SCHEMA);
    const rows = storage.sql.exec<{ kind: string; until: number; record: string | null }>('SELECT * FROM repeats');
    this.#kinds = new Map(
      rows
        .toArray()
        .map(({ kind, until, record }) => [
          kind,
          { until, ...(record !== null && { record: JSON.parse(record) as ClosedRecord }) },
        ]),
    );
  }

  /** Kinds that are known now: at most twice MOST_KINDS. */
  get size(): number {
    return this.#kinds.size;
  }

  /** In: a refusal. Out: whether it is gathered; otherwise it is to be a row of its own. */
  takes(refusal: ClosedRecord, now: number): boolean {
    let [kind, record] = [kindOf(refusal), refusal];
    if (!this.#kinds.has(kind) && this.#kinds.size >= MOST_KINDS) {
      record = { ...refusal, tool_name: null, arguments: null };
      kind = hash(['others', record.client_id, record.error_code]);
      if (!this.#kinds.has(kind) && this.#kinds.size >= 2 * MOST_KINDS) return false;
    }
    const known = this.#kinds.get(kind);
    if (known === undefined || (known.record === undefined && known.until <= now)) {
      this.#keep(kind, { until: now + REPEAT_MS });
      return false;
    }
    const count = (known.record?.repeat_count ?? 0) + record.repeat_count;
    this.#keep(kind, { until: known.until, record: { ...(known.record ?? record), repeat_count: count } });
    return true;
  }

  /** Takes out the records whose minute is over; of those kinds the next minute begins. Forgets kinds that did not repeat. */
  due(now: number): ClosedRecord[] {
    const over = [...this.#kinds].filter(([, { until }]) => until <= now);
    for (const [kind, { record }] of over) {
      if (record !== undefined) this.#keep(kind, { until: now + REPEAT_MS });
      else {
        this.#storage.sql.exec('DELETE FROM repeats WHERE kind = ?', kind);
        this.#kinds.delete(kind);
      }
    }
    return over.flatMap(([, { record }]) => record ?? []);
  }

  /** When the next record is due; Infinity where none is gathered. */
  next(): number {
    return Math.min(
      ...[...this.#kinds.values()].filter(({ record }) => record !== undefined).map(({ until }) => until),
    );
  }

  #keep(kind: string, repeat: Repeat): void {
    const record = repeat.record === undefined ? null : JSON.stringify(repeat.record);
    this.#storage.sql.exec(
      'INSERT OR REPLACE INTO repeats (kind, until, record) VALUES (?, ?, ?)',
      kind,
      repeat.until,
      record,
    );
    this.#kinds.set(kind, repeat);
  }
}

/** Two refusals with the same kind differ in nothing that a reader of the log would miss. */
function kindOf(record: ClosedRecord): string {
  return hash([
    record.client_id,
    record.session_id,
    record.grant_id,
    record.method,
    record.tool_name,
    record.error_code,
    // The number of running calls stands in the message.
    record.error_code === 'too_many_concurrent_calls' ? null : record.error_message,
    BLIND.has(record.error_code) ? null : record.arguments,
    record.call_id === record.id ? null : record.call_id,
  ]);
}

/** As short for long arguments as for none. */
function hash(parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
