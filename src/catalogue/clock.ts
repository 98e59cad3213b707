/** Time, passed in wherever a tool waits, so that a test can let it pass at once. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds. After an abort it rejects with the signal's reason, at once. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const clock: Clock = {
  now: Date.now,
  wait: async (ms, signal) => {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal.addEventListener('abort', stop, { once: true });
    });
  },
};
