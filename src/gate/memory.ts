/** What a Gate knows without looking: its journal, read once when the object wakes, and kept up with from then on. */
import type { ClosedRecord, OpenRecord } from '../core/record.ts';
import { closeRecord } from '../core/record.ts';
import type { Decision } from './decide.ts';
import { Journal } from './journal.ts';
import type { Waiting } from './outbox.ts';
import { Outbox } from './outbox.ts';
import { Repeats } from './repeats.ts';
import type { WindowRule } from './windows.ts';
import { monotonic } from './windows.ts';

/** No window is longer (src/config.ts): what is older counts nowhere. */
const LONGEST_WINDOW_MS = 3_600_000;
/**
 * Refusals that are remembered, at most: no limit holds them back. A client asks again at once (client.ts), so half of
 * them, which a gate at its fastest gives in seconds, is long enough.
 */
export const MAX_REFUSALS = 10_000;

/** A record that has no outcome yet. */
export interface Open {
  /** Number of its row in the journal. */
  readonly n: number;
  readonly deadline: number;
  readonly record: OpenRecord;
}

/** What was refused. */
export interface Refused {
  /** Number of its row in the journal. */
  readonly n: number;
  readonly answer: Decision;
  readonly until: number;
}

/** What is in the tables, as far as it is looked for. */
export interface Memory {
  readonly journal: Journal;
  /** Admission times by window key, ascending. */
  readonly times: Map<string, number[]>;
  /** Calls that were admitted, and until when that is remembered. */
  readonly admitted: Map<string, number>;
  /** Calls that were refused, in their order. */
  readonly refused: Map<string, Refused>;
  /** When the whole journal may be forgotten; 0 where it is empty. */
  until: number;
  /** The person's calls that run now. */
  readonly open: Map<string, Open>;
  readonly outbox: Outbox;
  /** Refusals that are gathered. */
  readonly repeats: Repeats;
  latest: number | undefined;
}

/** Reads back what an eviction took from memory. */
export function readMemory(storage: DurableObjectStorage, now: number): Memory {
  const journal = new Journal(storage);
  const times: Memory['times'] = new Map();
  const admitted: Memory['admitted'] = new Map();
  const refused: Memory['refused'] = new Map();
  const open: Memory['open'] = new Map();
  const waiting: Waiting[] = [];
  const sent = journal.sent();
  let until = 0;
  let latest: number | undefined;
  for (const [n, entry] of journal.entries()) {
    const { id, answer, deadline, record } = entry;
    until = Math.max(until, entry.until);
    for (const [number, closed, outcome] of entry.closed ?? []) {
      const known = open.get(closed);
      open.delete(closed);
      if (outcome === undefined || number <= (sent ?? 0)) continue;
      if (known === undefined) waiting.push({ n: number, record: outcome as ClosedRecord, row: n });
      else waiting.push({ n: number, record: closeRecord(known.record, outcome), row: known.n });
    }
    if (id === undefined) continue;
    latest = monotonic(entry.at, latest);
    if (answer) refused.set(id, { n, answer, until: entry.until });
    else admitted.set(id, entry.until);
    for (const key of entry.keys ?? []) note(times, key, entry.at);
    if (deadline && record) open.set(id, { n, deadline, record });
  }
  // The first number is above all that an earlier layout of the tables can have given out: a Writer ignores known ones.
  const outbox = new Outbox(waiting, sent ?? Math.max(0, now));
  const repeats = new Repeats(storage);
  return { journal, times, admitted, refused, until, open, outbox, repeats, latest };
}

/** Notes an admission under the key of a window. */
export function note(times: Map<string, number[]>, key: string, at: number): void {
  const list = times.get(key);
  if (list === undefined) times.set(key, [at]);
  else list.push(at);
}

/** Drops times that have left every window of the rules. */
export function dropTimes(times: Map<string, number[]>, rules: readonly WindowRule[], now: number): void {
  for (const rule of rules) {
    const list = times.get(rule.key);
    if (list === undefined) continue;
    const first = list.findIndex((at) => at > now - rule.seconds * 1000);
    if (first === -1) times.delete(rule.key);
    else list.splice(0, first);
  }
}

/** The same answer for who asks again. Of refusals it forgets the older half where there are too many. */
export function rememberRefusal({ journal, refused, outbox }: Memory, id: string, refusal: Refused): void {
  refused.set(id, refusal);
  if (refused.size < MAX_REFUSALS) return;
  const older = [...refused].slice(0, MAX_REFUSALS / 2);
  const needed = new Set(outbox.rows);
  journal.remove(older.map(([, { n }]) => n).filter((n) => !needed.has(n)));
  for (const [known] of older) refused.delete(known);
}

/** Forgets what nothing needs at `now`, on disk and in memory. */
export function forget(memory: Memory, now: number): void {
  const { journal, times, admitted, refused, outbox } = memory;
  const open = [...memory.open.values()].map(({ n }) => n);
  journal.forget(now, open, Math.min(...outbox.rows));
  for (const [id, until] of admitted) if (until <= now) admitted.delete(id);
  for (const [id, { until }] of refused) if (until <= now) refused.delete(id);
  if (memory.until <= now && open.length + outbox.size === 0) memory.until = 0;
  for (const [key, list] of times) {
    if ((list.at(-1) ?? 0) <= now - LONGEST_WINDOW_MS) times.delete(key);
  }
}
