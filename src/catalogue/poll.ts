/** Looking again and again until something is finished, without wasting the account's quota. */
import { AppError } from '../core/errors.ts';
import { whole } from './arguments.ts';
import type { Clock } from './clock.ts';
import type { CallContext } from './define.ts';

const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 15_000;
const GROWTH = 1.5;
/** Failures of GitHub in a row that are waited out. */
const MAX_FAILURES = 3;

const MAX_SECONDS = 280;
/** Many clients give a call 60 seconds unless it reports progress. */
const USUAL_SECONDS = 50;
export const timeoutSeconds = whole(1, MAX_SECONDS)
  .optional()
  .describe(`1 to ${MAX_SECONDS}; ${USUAL_SECONDS} unless given`);
/** Time limit of a tool that polls: the longest wait and a last look. */
export const POLL_TIMEOUT_MS = (MAX_SECONDS + 15) * 1000;

export interface Look<State> {
  readonly state: State;
  readonly finished: boolean;
  /** Parts finished, of how many, and what they are doing. */
  readonly done: number;
  readonly total: number;
  readonly message: string;
}

export interface Polled<State> {
  readonly state: State;
  readonly finished: boolean;
  readonly waited_seconds: number;
}

/**
 * In: how to look, given the milliseconds waited so far. Out: the last state seen, finished or not after `seconds`.
 * Reports progress after each look: parts done, and a fraction that grows with time, because a report must be above the
 * one before and clients take silence for a dead call. Stops when the call is aborted.
 */
export async function poll<State>(
  { signal, progress }: CallContext,
  clock: Clock,
  seconds: number = USUAL_SECONDS,
  look: (waitedMs: number) => Promise<Look<State>>,
): Promise<Polled<State>> {
  const start = clock.now();
  const limit = seconds * 1000;
  let pause = FIRST_WAIT_MS;
  let failures = 0;
  let reported = -1;
  for (;;) {
    signal.throwIfAborted();
    let seen: Look<State> | undefined;
    try {
      seen = await look(clock.now() - start);
      failures = 0;
    } catch (error) {
      if (!isPassing(error) || ++failures > MAX_FAILURES) throw error;
    }
    const waited = clock.now() - start;
    if (seen !== undefined) {
      const step = seen.finished ? seen.total : Math.min(seen.done, seen.total - 1) + Math.min(waited / limit, 0.99);
      if (step > reported) {
        reported = step;
        await progress({ done: step, total: Math.max(seen.total, step), message: seen.message });
      }
      if (seen.finished || waited >= limit) {
        return { state: seen.state, finished: seen.finished, waited_seconds: Math.round(waited / 1000) };
      }
    }
    await clock.wait(Math.max(1, Math.min(pause, limit - waited)), signal);
    pause = Math.min(pause * GROWTH, LONGEST_WAIT_MS);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof AppError && error.code === 'upstream_unavailable';
}
