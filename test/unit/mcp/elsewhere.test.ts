/** What a session's object knows of calls that run in a Worker. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallsElsewhere } from '../../../src/mcp/elsewhere.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LOST_MS = 40_000;
let now = 0;
const made = () => new CallsElsewhere(() => now, LOST_MS);
const nobody = () => {};

describe('a call elsewhere', () => {
  it.each([
    ['cancelled', (calls: CallsElsewhere) => calls.cancel(7), true],
    ['answered', (calls: CallsElsewhere) => calls.over(7), false],
    ['ended with its session', (calls: CallsElsewhere) => calls.end(), true],
  ])('that is %s is told so, before it asks and after', async (_, happen, cancelled) => {
    const before = made();
    before.begin(7, nobody);
    happen(before);
    expect(await before.cancelled(7)).toBe(cancelled);
    const after = made();
    after.begin(7, nobody);
    const asked = after.cancelled(7);
    happen(after);
    expect(await asked).toBe(cancelled);
    expect(after.has(7)).toBe(false);
  });

  it('whose Worker does not answer is lost after its time, and one that is over is not', async () => {
    const calls = made();
    const lost: number[] = [];
    for (const id of [1, 2, 3]) calls.begin(id, () => lost.push(id));
    const asked = calls.cancelled(3);
    calls.over(1);
    calls.cancel(2);
    vi.advanceTimersByTime(LOST_MS - 1);
    expect(lost).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(lost).toEqual([3]);
    expect(calls.has(3)).toBe(false);
    // One that is only slow is not left waiting for a word.
    expect(await asked).toBe(true);
  });
});

describe('a cancellation that comes first', () => {
  it('counts for a call that comes within five seconds, once', () => {
    const calls = made();
    calls.cancelEarly(7);
    now += 4999;
    expect(calls.begin(7, nobody)).toBe(true);
    expect(calls.begin(7, nobody)).toBe(false);
    calls.cancelEarly(8);
    now += 5000;
    expect(calls.begin(8, nobody)).toBe(false);
  });

  it('is kept of a hundred calls at most, and of none with a long id', () => {
    const calls = made();
    for (let id = 0; id <= 100; id++) calls.cancelEarly(id);
    calls.cancelEarly('x'.repeat(201));
    expect(calls.begin(0, nobody)).toBe(false);
    expect(calls.begin(1, nobody)).toBe(true);
    expect(calls.begin('x'.repeat(201), nobody)).toBe(false);
  });
});
