/** Whether a request may pass, by what the gate knows. Pure. */
import type { AdmitRequest, Refusal } from './admission.ts';
import type { Memory, Open } from './memory.ts';
import { checkWindows } from './windows.ts';

/** Records that may wait, open or closed, before the gate refuses calls it could not keep. */
export const MAX_WAITING = 10_000;

export type Decision = { readonly ok: true } | Refusal;
/** What counts of a request: who brings it was checked before. */
export type Request = Omit<AdmitRequest, 'token' | 'proof' | 'tenant' | 'settled'>;

/** In: a request, and milliseconds since the epoch. Out: what is full for it, in the order: the log, a window, its person. */
export function decide(request: Request, memory: Memory, now: number): Decision {
  const waiting = memory.open.size + memory.outbox.size + memory.repeats.size;
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

/**
 * Open records are the count: a call whose Worker died counts until its deadline. The retry time is when one of them
 * has ended for certain; it may be sooner.
 */
export function decideConcurrency(
  { record, concurrent }: Request,
  open: ReadonlyMap<string, Open>,
  now: number,
): Decision {
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
