/** What goes wrong, one thing at a time, and then all at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults } from './faults.ts';
import type { Rig } from './rig.ts';

export interface Scenario {
  readonly title: string;
  /** Seconds that people call while it lasts. */
  run(rig: Rig, seconds: number): Promise<void>;
}

function lasting(title: string, faults: Partial<Omit<Faults, 'clockMs'>>): Scenario {
  return {
    title,
    run: async (rig, seconds) => {
      await rig.set(faults);
      await sleep(seconds * 1000);
      await rig.set({});
    },
  };
}

const TEN_MINUTES = 600_000;

export const SCENARIOS: readonly Scenario[] = [
  lasting('D1 fails one time in three', { d1Fails: 1 / 3 }),
  {
    title: 'D1 is down for ten minutes of the clock',
    run: async (rig, seconds) => {
      for (let i = 0; i < 4; i++) {
        await rig.set({ d1Fails: 1 }, TEN_MINUTES / 4);
        await sleep(seconds * 250);
      }
      await rig.set({});
    },
  },
  lasting('D1 is slow, and fails one time in five', { d1SlowMs: 1500, d1Fails: 0.2 }),
  lasting('answers are lost after their commit', { d1Loses: 1 / 3, losesAnswers: 0.1 }),
  lasting('alarms fail', { alarmsFail: 0.5 }),
  lasting('objects end at any moment', { aborts: 0.02 }),
  {
    title: 'the clock jumps back and forth',
    run: async (rig, seconds) => {
      for (const jump of [60_000, -60_000, TEN_MINUTES, -TEN_MINUTES]) {
        await rig.set({}, jump);
        await sleep(seconds * 250);
      }
      // A gate's time never goes back: deadlines of the time ahead are waited for.
      await rig.set({}, TEN_MINUTES);
    },
  },
  lasting('everything at once', {
    d1Fails: 0.2,
    d1Loses: 0.2,
    alarmsFail: 0.2,
    losesAnswers: 0.05,
    aborts: 0.01,
  }),
];
