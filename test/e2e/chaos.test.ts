/** A GitHub that misbehaves in every way there is: a structured error for each call, one row, and the gate goes on. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { EmbeddedGitHub } from '../../src/cli/github/index.ts';
import { startGitHub } from '../../src/cli/github/index.ts';
import { freePort } from '../../src/cli/ports.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { startStack } from '../../src/cli/stack.ts';
import { LogWatch } from '../fuzz/judge.ts';
import { FUZZ_LIMITS } from '../fuzz/settings.ts';
import type { HostileUpstream } from '../support/hostile-upstream.ts';
import {
  ENDING_NAMES,
  ENDLESS_NAMES,
  GOOD,
  numberOf,
  startHostileUpstream,
  statusNumber,
} from '../support/hostile-upstream.ts';
import { callTool, tokenOf } from '../support/rpc.ts';
import { rowsOf } from '../support/stack.ts';

/** The time limit of a tool, with what the machine may need besides. */
const LONGEST_MS = 33_000;
const CODES = /^(upstream_\w+|too_large|timeout)$/;

const log = new LogWatch();
let upstream: HostileUpstream;
let github: EmbeddedGitHub;
let stack: Stack;
let token: string;

beforeAll(async () => {
  const port = await freePort();
  upstream = await startHostileUpstream();
  // For signing in, where nothing misbehaves.
  github = await startGitHub({ redirectUris: [`http://localhost:${port}/callback`] });
  stack = await startStack({
    port,
    bundleDir: inject('bundleDir'),
    onLog: log.see,
    settings: {
      ...FUZZ_LIMITS,
      GITHUB_URL: github.url,
      GITHUB_API_URL: upstream.url,
      GITHUB_CLIENT_ID: github.clientId,
      GITHUB_CLIENT_SECRET: github.clientSecret,
      ALLOWED_USERS: 'octocat',
    },
  });
  ({ token } = await tokenOf(stack));
});
afterAll(async () => {
  await stack?.stop();
  await github?.stop();
  await upstream?.stop();
});

interface Outcome {
  readonly what: string;
  readonly requestId: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly milliseconds: number;
}

async function ask(what: string, number: number, by = token): Promise<Outcome> {
  const began = performance.now();
  const args = { method: 'get', owner: 'acme', repo: 'web', issue_number: number };
  const { status, json, headers } = await callTool(stack, by, 'issue_read', args);
  const code = json?.result?._meta?.['gatehouse/error']?.code;
  const requestId = headers.get('x-request-id') ?? '';
  return { what, requestId, status, code, milliseconds: performance.now() - began };
}

/** Each is a structured error, within its time, with one row that says the same. */
async function expectStructured(outcomes: readonly Outcome[]): Promise<void> {
  for (const { what, status, code, milliseconds } of outcomes) {
    expect(status, what).toBe(200);
    expect(code, what).toMatch(CODES);
    expect(milliseconds, what).toBeLessThan(LONGEST_MS);
  }
  const ids = JSON.stringify(outcomes.map(({ requestId }) => requestId));
  const rows = await rowsOf(stack, outcomes.length, 'request_id IN (SELECT value FROM json_each(?))', ids);
  const said = new Map(rows.map((row) => [row.request_id, `${row.result_status} ${row.error_code}`]));
  for (const { what, requestId, code } of outcomes) expect(said.get(requestId), what).toBe(`error ${code}`);
}

async function expectGoingOn(): Promise<void> {
  expect(await ask('good', GOOD)).toMatchObject({ status: 200, code: undefined });
  expect(log.faults).toEqual([]);
}

describe('GitHub', () => {
  it('whatever it sends: a structured error and one row for each, and the gate goes on', async () => {
    const outcomes: Outcome[] = [];
    for (const name of ENDING_NAMES) outcomes.push(await ask(name, numberOf(name)));
    await expectStructured(outcomes);
    await expectGoingOn();
  });

  it('every status there is: an answer, one row for each, and the gate goes on', async () => {
    const outcomes: Outcome[] = [];
    for (let first = 200; first < 600; first += 20) {
      const statuses = Array.from({ length: 20 }, (_, i) => first + i);
      // A limit is remembered for as long as it lasts, for the sign-in that met it.
      const by = statuses.includes(429) ? (await tokenOf(stack)).token : token;
      outcomes.push(...(await Promise.all(statuses.map((status) => ask(String(status), statusNumber(status), by)))));
    }
    await expectStructured(outcomes);
    await expectGoingOn();
  });

  it('what never ends is ended at the time limit, with the connection to GitHub', async () => {
    const outcomes = await Promise.all(ENDLESS_NAMES.map((name) => ask(name, numberOf(name))));
    await expectStructured(outcomes);
    for (const { what, code, milliseconds } of outcomes) {
      expect(code, what).toBe('timeout');
      expect(milliseconds, what).toBeGreaterThan(29_000);
    }
    await expect.poll(() => upstream.open).toBe(0);
    await expectGoingOn();
  });
});
