import { describe, expect, it } from 'vitest';
import { checkWindows, monotonic, quotaOf } from '../../src/gate/windows.ts';
import { random } from '../support/random.ts';

describe('sliding windows', () => {
  const rule = { name: 'client', key: 'k', count: 3, seconds: 10 };

  it('lets through until the count is reached, then says exactly when the next may come', () => {
    expect(checkWindows([rule], () => [1000, 2000], 3000)).toBeUndefined();
    expect(checkWindows([rule], () => [1000, 2000, 3000], 4000)).toEqual({ rule, retryAfterMs: 7000 });
    expect(checkWindows([rule], () => [1000, 2000, 3000], 10_999)).toEqual({ rule, retryAfterMs: 1 });
    expect(checkWindows([rule], () => [1000, 2000, 3000], 11_000)).toBeUndefined();
  });

  it('says what is left, and in how many seconds there is room for more', () => {
    const left = (times: number[], now: number) => {
      const { remaining, resetSeconds } = quotaOf(rule, times, now);
      return [remaining, resetSeconds];
    };
    expect(left([], 0)).toEqual([3, 0]);
    expect(left([1000, 2000], 3000)).toEqual([1, 8]);
    expect(left([1000, 2000, 3000], 3001)).toEqual([0, 8]);
    // The first has left: room for one again, and for one more when the second leaves.
    expect(left([1000, 2000, 3000], 11_000)).toEqual([1, 1]);
    expect(left([1000, 2000, 3000], 13_000)).toEqual([3, 0]);
    // More than the count, because the limit was lowered: what has to leave is the third from the end.
    expect(left([1000, 2000, 3000, 4000], 4000)).toEqual([0, 8]);
  });

  it('names the rule that takes longest', () => {
    const long = { name: 'user', key: 'u', count: 1, seconds: 60 };
    expect(checkWindows([rule, long], (key) => (key === 'u' ? [0] : [1000, 2000, 3000]), 4000)?.rule).toBe(long);
  });

  it('agrees with counting every window by hand, at any times, also when the clock jumps back', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const next = random(seed);
      const limit = {
        name: 'client',
        key: 'k',
        count: 1 + Math.floor(next() * 5),
        seconds: 1 + Math.floor(next() * 4),
      };
      const admitted: number[] = [];
      let clock = 0;
      for (let i = 0; i < 300; i++) {
        // Mostly forward, sometimes far, sometimes back, often not at all: edges are where mistakes live.
        const step = next();
        if (step < 0.3) clock += Math.floor(next() * 900);
        else if (step < 0.4) clock += limit.seconds * 1000;
        else if (step < 0.45) clock -= Math.floor(next() * 5000);
        const now = monotonic(clock, admitted.at(-1));
        const inWindow = admitted.filter((at) => at > now - limit.seconds * 1000).length;
        const answer = checkWindows([limit], () => admitted, now);
        const quota = quotaOf(limit, admitted, now);
        expect(quota.remaining, `seed ${seed}, step ${i}: remaining`).toBe(Math.max(0, limit.count - inWindow));
        if (answer !== undefined) expect(quota.resetSeconds).toBe(Math.ceil(answer.retryAfterMs / 1000));
        expect(answer === undefined, `seed ${seed}, step ${i}`).toBe(inWindow < limit.count);
        if (answer === undefined) admitted.push(now);
        else {
          const later = now + answer.retryAfterMs;
          expect(
            checkWindows([limit], () => admitted, later),
            `seed ${seed}, step ${i}: true`,
          ).toBeUndefined();
          expect(
            checkWindows([limit], () => admitted, later - 1),
            `seed ${seed}, step ${i}: least`,
          ).toBeDefined();
        }
      }
    }
  });
});
