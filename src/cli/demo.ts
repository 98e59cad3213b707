/** `npm run demo`: the whole path without a hand on it, on free ports, with nothing left behind. */
import { connectModern, connectSession, Person } from './clients.ts';
import { runCommand } from './command.ts';
import { UserError } from './errors.ts';
import { DATABASE_NAME, runNode, WRANGLER, WRANGLER_ENV } from './project.ts';
import { expect, Report } from './report.ts';
import type { Stack } from './stack.ts';
import type { Walked } from './walk.ts';
import { modernWalker, sessionWalker, walk } from './walk.ts';

const LONGEST_MS = 60_000;
/** How soon a row has to be in the audit log after its call (seconds). */
const VISIBLE_WITHIN = 5;

async function demo(report: Report, starting: Promise<Stack>, signal: AbortSignal): Promise<void> {
  report.heading('The gate and an embedded GitHub');
  const stack = await report.step(
    'Build the Worker as it is deployed and start it in workerd',
    () => starting,
    ({ mcpUrl, bundle }) => `${mcpUrl}, ${Math.round(bundle.gzipBytes / 1024)} KB gzipped`,
  );

  report.heading('Client A: @modelcontextprotocol/client, revision 2026-07-28, stateless');
  const a = new Person({ clientName: 'Demo A (modern)' });
  const modern = await signedIn(report, a, () => connectModern(stack.mcpUrl, { person: a }));
  const first = await walk(modernWalker(modern), 'Opened by the demo, client A', report);
  await modern.close();

  report.heading('Client B: @modelcontextprotocol/sdk 1.x, a 2025-era session');
  const b = new Person({ clientName: 'Demo B (session)', login: 'hubot' });
  const session = await signedIn(report, b, () => connectSession(stack.mcpUrl, { person: b }));
  const second = await walk(sessionWalker(session), 'Opened by the demo, client B', report);
  await report.step('End the session', () => session.close());

  report.heading('Somebody who is not on the list');
  await report.step('mallory signs in at GitHub and is refused by the gate', async () => {
    const person = new Person({ clientName: 'Demo C', login: 'mallory' });
    const refused = await connectModern(stack.mcpUrl, { person }).catch((error: unknown) => String(error));
    expect(typeof refused === 'string' && refused.includes('access_denied'), `access_denied, got ${refused}`);
  });

  report.heading('What GitHub and the audit log know of it');
  await report.step('Both issues are at GitHub', () => issuesExist(stack, [first, second]));
  const rows = await report.step(
    `Every call is a row, within ${VISIBLE_WITHIN} s`,
    () => waitForRows(stack, [a, b]),
    (found) => `${found.length} rows`,
  );
  await report.step('The same rows from a shell, while the gate runs', () =>
    countFromShell(stack, rows.length, signal),
  );
  report.line();
  report.table(rows);
}

async function signedIn<T>(report: Report, person: Person, connect: () => Promise<T>): Promise<T> {
  const connected = await report.step(
    'Discovery, registration, PKCE, consent page, GitHub’s account page, and back',
    connect,
    () => `${person.options.login ?? 'octocat'} as client ${person.clientId}`,
  );
  const offered = person.signIns[0]?.boxes ?? [];
  report.line(`      granted: ${person.scopes.join(' ')}`);
  report.line(
    `      ${offered.length} scopes offered on the consent page, ${offered.filter((box) => box.ticked).length} ticked`,
  );
  return connected;
}

async function issuesExist(stack: Stack, walked: readonly Walked[]): Promise<void> {
  for (const { issue } of walked) {
    const { status } = await stack.github.as('octocat')('GET', `/repos/acme/web/issues/${issue}`);
    expect(status === 200, `issue ${issue} at GitHub, got ${status}`);
  }
}

/** One of each for every client, in the words of the audit log. */
const EXPECTED = [
  'auth/sign_in success',
  'auth/consent success',
  'auth/token success',
  'tools/call search_issues success',
  'tools/call get_file_contents success',
  'tools/call issue_read success',
  'tools/call issue_write denied',
  'auth/step_up success',
  'tools/call issue_write success',
  'resources/read success',
  'prompts/get success',
];

async function waitForRows(stack: Stack, people: readonly Person[]): Promise<Record<string, unknown>[]> {
  const deadline = Date.now() + VISIBLE_WITHIN * 1000;
  for (;;) {
    const rows = await stack.query(
      `SELECT substr(timestamp, 12, 12) AS time, user_login AS user, client_id, client_name AS client, method,
              tool_name AS tool, result_status AS status, error_code AS code, duration_ms AS ms
       FROM mcp_audit_log ORDER BY timestamp, id`,
    );
    const missing = people.flatMap((person) => missingOf(person, rows));
    const refused = rows.some(
      (row) => row.user === 'mallory' && row.method === 'auth/sign_in' && row.status === 'denied',
    );
    if (missing.length === 0 && refused) return rows.map(({ client_id: _id, ...row }) => row);
    if (Date.now() > deadline) {
      throw new Error(`missing: ${[...missing, ...(refused ? [] : ['auth/sign_in denied for mallory'])].join('; ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function missingOf(person: Person, rows: readonly Record<string, unknown>[]): string[] {
  const mine = rows.filter((row) => row.client_id === person.clientId);
  const known = mine.map(({ method, tool, status }) =>
    [method, tool, status].filter((part) => part !== null).join(' '),
  );
  return EXPECTED.filter((row) => !known.includes(row)).map((row) => `${row} of ${person.options.clientName}`);
}

async function countFromShell(stack: Stack, atLeast: number, signal: AbortSignal): Promise<void> {
  const sql = 'SELECT count(*) AS n FROM mcp_audit_log';
  const args = ['d1', 'execute', DATABASE_NAME, '--local', '--persist-to', stack.dataDir, '--json', '--command', sql];
  const ran = await runNode(WRANGLER, args, { env: WRANGLER_ENV, signal });
  expect(ran.status === 0, `wrangler d1 execute to work: ${ran.stderr}`);
  const [answer] = JSON.parse(ran.stdout) as { results: { n: number }[] }[];
  expect((answer?.results[0]?.n ?? 0) >= atLeast, `${atLeast} rows or more`);
}

function failWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        const slow = signal.reason instanceof DOMException;
        reject(slow ? new UserError(`The demo took longer than ${LONGEST_MS / 1000} s.`) : signal.reason);
      },
      { once: true },
    );
  });
}

await runCommand({
  usage: 'npm run demo',
  summary:
    'Starts the gate and an embedded GitHub on free ports, lets two MCP clients sign in and work, and prints the audit log.\n' +
    'Ends with status 0 only if every step held.',
  flags: {},
  run: async (_flags, interrupted) => {
    const report = new Report();
    const signal = AbortSignal.any([interrupted, AbortSignal.timeout(LONGEST_MS)]);
    const began = performance.now();
    // Not before it is needed: wrangler takes a second to load, which a mistyped flag need not wait for.
    const starting = import('./stack.ts').then(({ startStack }) => startStack({ signal }));
    try {
      await Promise.race([demo(report, starting, signal), failWhenAborted(signal)]);
    } catch (error) {
      if (report.failed === 0 || signal.aborted) throw error;
      const logs = await starting.then((stack) => stack.logs).catch(() => []);
      report.line();
      report.line(`The demo failed at the step above.${logs.length > 0 ? ' What the gate logged last:' : ''}`);
      for (const { message } of logs.slice(-10)) report.line(`  ${message}`);
      return 1;
    } finally {
      // Also when it was still starting: it cleans up by itself unless it got as far as running.
      await starting.then((stack) => stack.stop()).catch(() => undefined);
    }
    report.line();
    report.line(`All ${report.passed} steps held, in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    return 0;
  },
});
