/**
 * `npm run storm`: everybody at once against the built Worker, for 10 minutes. `--seconds N` for another time, `--seed N`
 * for other garbage, `--json` for the report as JSON. Ends with 1 when anything failed, a row is lost or memory grew.
 */
import { parseArgs } from 'node:util';
import { faultsOf } from './faults.ts';
import { storm } from './storm.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
if (!(Number.isSafeInteger(seconds) && seconds > 0) || !(Number.isSafeInteger(seed) && seed >= 0)) {
  console.error('--seconds takes a whole number from 1, --seed one from 0.');
  process.exit(1);
}
// Access tokens live 15 minutes, and the callers keep theirs.
if (seconds > 800) {
  console.error('A storm lasts at most 800 seconds: its callers do not renew their access tokens.');
  process.exit(1);
}

const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
const report = await storm({
  seconds,
  seed,
  onProgress: (passed, ledger, memory) => {
    if (values.json) return;
    const resident = memory.at(-1);
    const held = resident === undefined ? '' : `, workerd holds ${megabytes(resident)}`;
    console.log(`${passed} s: ${ledger.requests} requests, ${ledger.failures.length} failures${held}`);
  },
});
const faults = faultsOf(report);
if (values.json) {
  console.log(JSON.stringify({ ...report, faults }, null, 2));
} else {
  console.log(
    `\n${report.requests} requests in ${report.seconds.toFixed(1)} s, ${Math.round(report.requests / report.seconds)} a second`,
  );
  for (const [kind, { requests, p50, p99, longest }] of Object.entries(report.timings)) {
    const times = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${longest.toFixed(0)} ms`;
    console.log(`  ${kind.padEnd(14)} ${String(requests).padStart(7)}   ${times}`);
  }
  console.log(
    `answers: ${Object.entries(report.statuses)
      .map(([status, times]) => `${times} × ${status}`)
      .join(', ')}`,
  );
  console.log(`${report.acknowledged} calls were acknowledged; the log has ${report.rows.rows} rows of calls`);
  if (report.memory !== undefined) {
    const { middle, end } = report.memory;
    console.log(
      `workerd held ${megabytes(middle)} at the middle and ${megabytes(end)} at the end (least resident set of a fifth of the run)`,
    );
  }
  for (const fault of faults) console.log(`FAILED ${fault}`);
  console.log(faults.length === 0 ? 'No 5xx of ours, no lost row, memory flat.' : `${faults.length} faults`);
}
process.exitCode = faults.length === 0 ? 0 : 1;
