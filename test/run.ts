/**
 * `npm test`: everything that must hold. Runs the steps one after another, so that two cores are enough, and side by side
 * what leaves one idle; prints what each says, and ends with a line that counts: `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
  passed: number;
  failed: number;
}

const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-test-'));
const total: Count = { passed: 0, failed: 0 };

/** Runs a command. In: where its output goes, piece by piece; ours unless said. Out: its exit code. */
function run(command: string, args: readonly string[], onOutput?: (piece: Buffer) => void): Promise<number> {
  return new Promise((resolve) => {
    const to = onOutput === undefined ? 'inherit' : 'pipe';
    const child = spawn(command, args, { stdio: ['ignore', to, to] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => onOutput?.(piece));
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** A command that is one test: it passes or it does not. What it says is printed when it is over, in one piece. */
async function step(name: string, args: readonly string[]): Promise<void> {
  const started = Date.now();
  const output: Buffer[] = [];
  const ok = (await run(process.execPath, args, (piece) => void output.push(piece))) === 0;
  total[ok ? 'passed' : 'failed'] += 1;
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`\n== ${name}\n${Buffer.concat(output)}== ${name}: ${ok ? 'ok' : 'FAILED'} (${seconds} s)`);
}

/** Suites of vitest, counted test by test. A skipped test counts as failed: nothing here may be skipped. */
async function suites(...projects: string[]): Promise<void> {
  console.log(`\n== ${projects.join(', ')}`);
  const report = join(scratch, `${projects.join('-')}.json`);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'];
  for (const project of projects) args.push('--project', project);
  const code = await run(process.execPath, [
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const result = JSON.parse(await readFile(report, 'utf8').catch(() => '{}')) as Partial<Record<string, number>>;
  const passed = result.numPassedTests ?? 0;
  const rest = (result.numTotalTests ?? 0) - passed;
  total.passed += passed;
  // A suite that could not even be read has no test to count.
  total.failed += rest > 0 ? rest : code === 0 && passed > 0 ? 0 : 1;
}

try {
  await step('check: types, lint, import arrows, generated files', ['src/cli/check.ts']);
  await suites('unit', 'contract', 'worker');
  await suites('e2e');
  await Promise.all([
    step('alerts: rules and metrics, by promtool', ['test/alerts.ts']),
    step('conformance: the official suites', ['test/conformance/run.ts']),
  ]);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`\n${total.passed} passed, ${total.failed} failed`);
