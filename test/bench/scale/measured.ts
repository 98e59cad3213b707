/** A small case for real: the production source with its index replaced, so that it says what it does. */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildWorker } from '../../../src/cli/bundle.ts';
import { ROOT } from '../../../src/cli/project.ts';
import type { LogLine } from '../../../src/cli/stack.ts';
import { startStack } from '../../../src/cli/stack.ts';
import { FUZZ_LIMITS } from '../../fuzz/settings.ts';
import { PEOPLE, startStormUpstream } from '../../storm/upstream.ts';
import { callTool, tokenOf } from '../../support/rpc.ts';
import type { Call } from './flow.ts';

export interface Measured {
  readonly calls: readonly Call[];
  /** How often each thing was counted, by the names of counting-index.ts, and `worker.requests`. */
  readonly counts: Readonly<Record<string, number>>;
  readonly logRows: number;
}

export interface SmallCase {
  readonly people: number;
  readonly callsEach: number;
  /** Milliseconds between two calls of one person. */
  readonly pause: number;
}

/** Runs it. Sign-ins are not counted: they happen before. */
export async function measure({ people, callsEach, pause }: SmallCase): Promise<Measured> {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-scale-'));
  const upstream = await startStormUpstream();
  const lines: LogLine[] = [];
  try {
    const bundle = await countingWorker(dir);
    const stack = await startStack({
      bundleDir: bundle.dir,
      onLog: (line) => void lines.push(line),
      settings: {
        ...FUZZ_LIMITS,
        GITHUB_URL: upstream.url,
        GITHUB_API_URL: upstream.url,
        GITHUB_CLIENT_ID: 'scale',
        GITHUB_CLIENT_SECRET: 'scale',
        ALLOWED_USERS: PEOPLE.join(','),
      },
    });
    try {
      const logins = PEOPLE.slice(0, people);
      const tokens = await Promise.all(logins.map(async (login) => (await tokenOf(stack, { login })).token));
      // Consent, sign-in and token of each person have a row.
      while ((await countRows("method LIKE 'auth/%'")) < 3 * people) await sleep(100);
      await quiet(lines);
      lines.length = 0;
      const calls: Call[] = [];
      await Promise.all(
        tokens.map(async (token, person) => {
          for (let i = 0; i < callsEach; i += 1) {
            const admittedAt = performance.now();
            const args = { method: 'get', owner: 'acme', repo: 'web', issue_number: 1 };
            const answer = await callTool(stack, token, 'issue_read', args);
            if (answer.json?.result?.isError === true) throw new Error(answer.text);
            calls.push({ person, admittedAt, settledAt: performance.now() });
            await sleep(pause);
          }
        }),
      );
      // A batch may be a second behind the one before: silence alone does not say that all rows are there.
      for (let looks = 0; looks < 100 && (await countRows("method = 'tools/call'")) < calls.length; looks += 1) {
        await sleep(100);
      }
      await quiet(lines);
      return { calls, counts: countsIn(lines), logRows: await countRows("method = 'tools/call'") };

      async function countRows(where: string): Promise<number> {
        const [row] = await stack.query<{ n: number }>(`SELECT count(*) AS n FROM mcp_audit_log WHERE ${where}`);
        return row?.n ?? 0;
      }
    } finally {
      await stack.stop();
    }
  } finally {
    await upstream.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Until nothing was logged for a second and a half: alarms ring within 300 ms of what sets them. */
async function quiet(lines: readonly LogLine[]): Promise<void> {
  for (let seen = -1; seen !== lines.length; ) {
    seen = lines.length;
    await sleep(1500);
  }
}

async function countingWorker(dir: string) {
  const tree = join(dir, 'tree');
  await mkdir(tree, { recursive: true });
  for (const path of [
    'src',
    'test/bench/workers/counting-index.ts',
    'wrangler.toml',
    'tsconfig.json',
    'package.json',
  ]) {
    await cp(join(ROOT, path), join(tree, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  await writeFile(
    join(tree, 'src/index.ts'),
    "export { default, Gate, Registry, Session, Writer } from '../test/bench/workers/counting-index.ts';\n",
  );
  return await buildWorker(join(dir, 'bundle'), join(tree, 'wrangler.toml'));
}

function countsIn(lines: readonly LogLine[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const add = (what: string, times: number) => {
    counts[what] = (counts[what] ?? 0) + times;
  };
  for (const { message } of lines) {
    if (!message.startsWith('{')) continue;
    const line = JSON.parse(message) as { counted?: string; times?: number; path?: string };
    if (line.counted !== undefined) add(line.counted, line.times ?? 0);
    else if (line.path === '/mcp') add('worker.requests', 1);
  }
  return counts;
}
