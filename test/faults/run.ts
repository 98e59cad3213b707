/** `npm run faults`: what `npm test` does a little of, for as long as one likes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../../src/cli/command.ts';
import { UserError } from '../../src/cli/errors.ts';
import type { Verdict } from './rig.ts';
import { Rig } from './rig.ts';
import { SCENARIOS } from './scenarios.ts';

/** Statements for a call that many people's calls may cost D1. */
const MOST_STATEMENTS = 0.1;
const PEOPLE = 100;

await runCommand({
  usage: 'npm run faults',
  summary:
    'Runs the gate in workerd while everything around it fails, and kills it under load. Then every call that was answered\n' +
    'must have its row, every row must be in D1 once, the chains must verify and the counters agree with the rows.',
  flags: {
    kills: { type: 'string', help: 'SIGKILLs of workerd under load, 20 unless said' },
    seconds: { type: 'string', help: 'Seconds of load in each scenario, 10 unless said' },
  },
  run: async (flags, signal) => {
    const [kills, seconds] = [number('kills', flags.kills, 20), number('seconds', flags.seconds, 10)];
    const rig = await Rig.start();
    try {
      let isWhole = true;
      for (const { title, run } of SCENARIOS) {
        signal.throwIfAborted();
        await rig.call();
        await run(rig, seconds);
        await rig.rest();
        isWhole = say(title, await rig.judge()) && isWhole;
      }
      for (let i = 0; i < kills; i++) {
        signal.throwIfAborted();
        await rig.call();
        await sleep(500 + Math.random() * 2000);
        await rig.kill();
        await rig.rest();
      }
      isWhole = say(`${kills} SIGKILLs`, await rig.judge()) && isWhole;
      const crowd = await rig.crowd(PEOPLE, seconds);
      // By the time it took: a machine that cannot keep up has fewer calls a second, and as many batches.
      const each = crowd.statements / (PEOPLE * crowd.seconds);
      console.log(
        `${PEOPLE} people with a call a second each: ${crowd.calls} calls and rows in ${crowd.seconds.toFixed(1)} s, ${each.toFixed(3)} statements a call`,
      );
      return isWhole && each <= MOST_STATEMENTS ? 0 : 1;
    } finally {
      await rig.stop();
    }
  },
});

function say(title: string, { acknowledged, rows, refused, unknown, newlyUnknown, problems }: Verdict): boolean {
  console.log(
    `${title}: ${acknowledged} answered calls so far, ${rows} rows, ${unknown} of unknown outcome (${newlyUnknown[0]} new, ${newlyUnknown[1]} could be); ${refused[0]} answered refusals, ${refused[1]} in rows`,
  );
  for (const problem of problems.slice(0, 20)) console.log(`  WRONG: ${problem}`);
  return problems.length === 0;
}

function number(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d{1,4}$/.test(text)) throw new UserError(`--${flag} takes a number.`);
  return Number(text);
}
