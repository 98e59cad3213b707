/**
 * `npm run fuzz -- --count 20000 --seed 7`: inputs of every kind against the built Worker. `--only N` sends the one input
 * with that number again and prints it. Ends with 1 when one of them met a failure of ours.
 */
import { parseArgs } from 'node:util';
import { startStack } from '../../src/cli/stack.ts';
import { fuzz, inputOf } from './fuzz.ts';
import { LogWatch } from './judge.ts';
import { FUZZ_SETTINGS } from './settings.ts';
import { shoot } from './shot.ts';
import { openTarget } from './target.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string' },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (![count, seed, Number(values.only ?? 0)].every((value) => Number.isSafeInteger(value) && value >= 0)) {
  console.error('--count, --seed and --only take whole numbers from 0.');
  process.exit(1);
}

const log = new LogWatch();
const stack = await startStack({ settings: FUZZ_SETTINGS, onLog: log.see });
try {
  const target = await openTarget(stack);
  if (values.only !== undefined) {
    const { kind, shot } = await inputOf(seed, Number(values.only), target);
    console.log(kind, shot);
    console.log(await shoot(target.port, shot));
    for (const fault of log.faults) console.log(fault);
  } else {
    console.log(`${count} inputs, seed ${seed}`);
    const report = await fuzz(target, log, { seed, count });
    for (const [kind, statuses] of Object.entries(report.answers)) {
      console.log(`  ${kind.padEnd(10)} ${listed(statuses)}`);
    }
    for (const { index, kind, fault } of report.failures.slice(0, 50)) {
      console.log(`FAILED ${index === undefined ? '' : `${kind}, --seed ${seed} --only ${index}: `}${fault}`);
    }
    const seconds = report.milliseconds / 1000;
    console.log(
      `${report.failures.length} failures in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} inputs a second`,
    );
    process.exitCode = report.failures.length === 0 ? 0 : 1;
  }
  await target.stop();
} finally {
  await stack.stop();
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, times]) => `${times} × ${name}`)
    .join(', ');
}
