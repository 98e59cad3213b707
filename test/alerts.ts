/**
 * `npm run test:alerts`: the alert rules and what `/metrics` really prints, by Prometheus' own promtool. Where it is
 * missing this says so and ends well; with PROMTOOL set to its path, as in CI, it has to be there.
 */
import { spawn } from 'node:child_process';
import { connectModern, connectSession, Person } from '../src/cli/clients.ts';
import { startStack } from '../src/cli/stack.ts';
import { callTool } from './support/rpc.ts';

const given = process.env.PROMTOOL ?? '';
const promtool = given === '' ? 'promtool' : given;
const METRICS_TOKEN = 'a-secret-of-the-tests-only';

/** Runs promtool with its output on ours. Out: its exit code, or undefined where there is no such program. */
function run(args: readonly string[], input?: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn(promtool, args, { stdio: ['pipe', 'inherit', 'inherit'] });
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code ?? 1));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input ?? '');
  });
}

/** The metrics of a gate that was used in both eras, well and badly. */
async function scrape(): Promise<string> {
  const stack = await startStack({ settings: { METRICS_TOKEN } });
  try {
    const person = new Person();
    const modern = await connectModern(stack.mcpUrl, { person });
    const token = person.accessToken as string;
    for (const name of ['get_me', 'list_gists', 'no_such_tool']) await callTool(stack, token, name, {});
    await modern.close();
    const session = await connectSession(stack.mcpUrl, { person: new Person() });
    await session.client.ping();
    await session.close();
    await fetch(stack.mcpUrl, { method: 'POST', headers: { authorization: 'Bearer made:up:token' } });
    // What is counted in memory is handed over after two seconds.
    for (let i = 0; i < 100; i++) {
      const answer = await fetch(`${stack.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
      const text = await answer.text();
      if (/auth_failures_total\{.*invalid_token/.test(text) && text.includes('tool="get_me"')) return text;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the metrics lack what was done');
  } finally {
    await stack.stop();
  }
}

if ((await run(['--version'])) === undefined) {
  const where = given === '' ? 'promtool is not in the PATH' : `there is no ${given}`;
  console.log(`Alert rules were not tested: ${where}. It comes with Prometheus (Debian: apt-get install prometheus).`);
  process.exitCode = given === '' ? 0 : 1;
} else {
  const codes = [
    await run(['check', 'rules', 'docs/alerts/rules.yml']),
    await run(['test', 'rules', 'docs/alerts/rules.test.yml']),
    await run(['check', 'metrics'], await scrape()),
  ];
  console.log(`promtool: check rules ${codes[0]}, test rules ${codes[1]}, check metrics ${codes[2]} (0 is clean)`);
  process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
}
