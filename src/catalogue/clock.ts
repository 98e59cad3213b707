/** Time, passed in wherever a tool waits, so that a test can let it pass at once. */
import { pause } from '../github/watch.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds. After an abort it rejects with the signal's reason, at once. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const clock: Clock = { now: Date.now, wait: pause };
