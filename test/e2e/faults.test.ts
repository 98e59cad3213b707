/** A few of each fault; `npm run faults` does many. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rig } from '../faults/rig.ts';
import { SCENARIOS } from '../faults/scenarios.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(async () => await rig?.stop());

describe('every answered call has its row, every row comes to D1 once, chains and counters agree, though', () => {
  it.each(SCENARIOS)('$title', async ({ run }) => {
    await rig.call();
    await run(rig, 2);
    await rig.rest();
    const { acknowledged, refused, problems } = await rig.judge();
    expect(problems).toEqual([]);
    expect(acknowledged).toBeGreaterThan(10);
    expect(refused[0]).toBeGreaterThan(1);
  });

  it('workerd is killed under load', async () => {
    for (let i = 0; i < 2; i++) {
      await rig.call();
      await sleep(700);
      await rig.kill();
      await rig.rest();
    }
    expect((await rig.judge()).problems).toEqual([]);
  });

  // The last: its calls have no request of their own to be told apart by.
  it('a hundred people have a call a second each and D1 is slow, with at most one statement for ten calls', async () => {
    await rig.set({ d1SlowMs: 300 });
    const { calls, seconds, statements } = await rig.crowd(100, 5);
    expect(calls).toBe(500);
    // By the time it took: where the machine is slow the calls come more slowly, too.
    expect(statements / (100 * seconds)).toBeLessThanOrEqual(0.1);
  });
});
