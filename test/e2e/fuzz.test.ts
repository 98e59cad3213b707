/** Inputs by seed against the built Worker: whatever comes in, the gate answers, and never with a failure of its own. */
import { expect, it } from 'vitest';
import { fuzz } from '../fuzz/fuzz.ts';
import { LogWatch } from '../fuzz/judge.ts';
import { FUZZ_SETTINGS } from '../fuzz/settings.ts';
import { openTarget } from '../fuzz/target.ts';
import { useStack } from '../support/stack.ts';

const log = new LogWatch();
const stack = useStack(FUZZ_SETTINGS, log.see);
const COUNT = 5000;
const SEED = 1;

it(`${COUNT} inputs of seed ${SEED}: no 5xx, no hang, nothing unhandled, and the gate still works`, async () => {
  const target = await openTarget(stack());
  const { failures, answers } = await fuzz(target, log, { seed: SEED, count: COUNT });
  await target.stop();
  expect(failures.map(({ shot: _, ...failure }) => failure)).toEqual([]);
  const times = (status?: string) =>
    Object.values(answers).flatMap((of) => (status === undefined ? Object.values(of) : (of[status] ?? 0)));
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  expect(sum(times())).toBe(COUNT);
  // A generator that makes nothing but refusals tests the door only: of every kind some must come through.
  expect(Math.min(...times('200'))).toBeGreaterThan(0);
  expect(sum(times('200'))).toBeGreaterThan(COUNT / 10);
});
