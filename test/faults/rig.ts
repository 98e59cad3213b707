/** A gate behind faults, people who call it all the time, and what must be true of its log when all is over. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { auditLog } from '../../src/audit/audit-log.ts';
import { gateSources } from '../../src/cli/audit/gate.ts';
import { isWhole, lineOf } from '../../src/cli/audit/report.ts';
import { buildWorker } from '../../src/cli/bundle.ts';
import { connectModern, Person } from '../../src/cli/clients.ts';
import type { EmbeddedGitHub } from '../../src/cli/github/index.ts';
import { startGitHub } from '../../src/cli/github/index.ts';
import { freePort } from '../../src/cli/ports.ts';
import { ROOT, WRANGLER_CONFIG } from '../../src/cli/project.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { startStack } from '../../src/cli/stack.ts';
import { workerdProcesses } from '../bench/proc.ts';
import type { CountedRow } from '../support/metrics.ts';
import { differences, UNEQUAL_COUNTS } from '../support/metrics.ts';
import { callTool } from '../support/rpc.ts';
import { type Faults, NO_FAULTS, type Observed } from './faults.ts';

/** A call that was answered: it has to have its row. */
interface Acknowledged {
  readonly requestId: string;
  readonly status: 'success' | 'error';
}

/** What many people's calls came to. */
export interface Crowd {
  readonly calls: number;
  /** Until the last row was seen: a slow machine takes longer than it was asked to. */
  readonly seconds: number;
  /** Statements that Writers sent to D1 for them. */
  readonly statements: number;
  /** The longest time from a call until its row was seen in D1, by clocks that were not set. */
  readonly slowestMs: number;
}

/** What was found when all was over. */
export interface Verdict {
  readonly acknowledged: number;
  readonly rows: number;
  /** Calls that were answered with a refusal, and those that the rows say were refused. */
  readonly refused: readonly [answered: number, written: number];
  /** Rows of unknown outcome. */
  readonly unknown: number;
  /** Of those, what came since the judgement before, and how many of that kills, jumps and answers that failed explain. */
  readonly newlyUnknown: readonly [found: number, explained: number];
  /** What is not as it must be, in sentences; empty where all is well. */
  readonly problems: readonly string[];
}

/** A tool that is refused nearly always: its refusals share rows. */
const REFUSED = 'list_gists';
const UNLIMITED = ['LIMIT_CLIENT', 'LIMIT_USER', 'LIMIT_WRITE', 'LIMIT_SEARCH', 'LIMIT_OTHER', 'LIMIT_SIGN_IN'];
const LIMITS = {
  ...Object.fromEntries(UNLIMITED.map((name) => [name, '10000/1'])),
  LIMIT_TOOLS: `${REFUSED}=1/3600`,
};
const LOGINS = ['octocat', 'hubot'];
/** Calls of each of them at a time. */
const AT_A_TIME = 4;
/**
 * Records that a kill, or a clock that jumps past their deadline, can leave without an outcome: a call under way and one
 * that was just answered, whose outcome is on its way to the gate, for each that is made at a time.
 */
const CUT_OFF = 2 * AT_A_TIME * LOGINS.length;
const METRICS_TOKEN = 'metrics-of-the-fault-tests';
/** A tool's time limit and the grace after it: then an open record closes as unknown. */
const DEADLINE_MS = 95_000;
/** An answer that does not come in this time comes no more: its Worker was killed. */
const ANSWER_MS = 5000;

export class Rig {
  readonly #dir: string;
  readonly #github: EmbeddedGitHub;
  readonly #port: number;
  #stack: Stack;
  #pid: number | undefined;
  #tokens: readonly string[] = [];
  readonly #acknowledged: Acknowledged[] = [];
  /** Calls of the tool that is refused: all, those that were, and those that were answered otherwise. */
  readonly #refusals = { asked: 0, refused: 0, passed: 0 };
  /** Rows of unknown outcome up to the last judgement; how many more the next may find. */
  #unknown = 0;
  #explained = 0;
  #clockMs = 0;
  #calling = false;
  #loops: Promise<void>[] = [];

  private constructor(dir: string, github: EmbeddedGitHub, port: number, stack: Stack) {
    this.#dir = dir;
    this.#github = github;
    this.#port = port;
    this.#stack = stack;
  }

  /** Builds the gate behind faults and starts it. */
  static async start(): Promise<Rig> {
    const dir = await mkdtemp(join(tmpdir(), 'gatehouse-faults-'));
    const port = await freePort();
    await mkdir(join(dir, 'build'));
    const config = (await readFile(WRANGLER_CONFIG, 'utf8')).replaceAll('"./src/', `"${ROOT}/src/`);
    const entry = join(import.meta.dirname, 'worker.ts');
    await writeFile(join(dir, 'wrangler.toml'), config.replace(/^main = .*$/m, `main = ${JSON.stringify(entry)}`));
    await buildWorker(join(dir, 'build'), join(dir, 'wrangler.toml'));
    const github = await startGitHub({ redirectUris: [`http://localhost:${port}/callback`] });
    const stack = await startOn(dir, port, github);
    const rig = new Rig(dir, github, port, stack);
    await rig.#findProcess();
    return rig;
  }

  /** Sets what fails from now on, and lets the clock jump by so many milliseconds. */
  async set(faults: Partial<Omit<Faults, 'clockMs'>>, jumpMs = 0): Promise<void> {
    this.#clockMs += jumpMs;
    if (jumpMs > 0) this.#explained += CUT_OFF;
    await this.#faults({ ...NO_FAULTS, ...faults, clockMs: this.#clockMs });
  }

  /** Everybody calls, AT_A_TIME calls each, until `rest`. They sign in anew: tokens do not outlive a jump of the clock. */
  async call(): Promise<void> {
    this.#tokens = await Promise.all(LOGINS.map((login) => this.#signIn(login)));
    this.#calling = true;
    const loop = async (token: string, i: number) => {
      for (let n = i; this.#calling; n++) await this.#one(token, n);
    };
    this.#loops = this.#tokens.flatMap((token) => Array.from({ length: AT_A_TIME }, (_, i) => loop(token, i)));
  }

  async rest(): Promise<void> {
    this.#calling = false;
    await Promise.all(this.#loops);
  }

  /** Ends workerd with SIGKILL and starts it again on what it left behind. */
  async kill(): Promise<void> {
    this.#explained += CUT_OFF;
    if (this.#pid !== undefined) process.kill(this.#pid, 'SIGKILL');
    await this.#stack.stop();
    this.#stack = await startOn(this.#dir, this.#port, this.#github);
    await this.#findProcess();
    await this.#faults({ ...NO_FAULTS, clockMs: this.#clockMs });
  }

  /** Lets every open record come to its deadline, waits until all was sent, and looks at the log. */
  async judge(): Promise<Verdict> {
    await this.set({}, DEADLINE_MS);
    // A gate looks at its deadlines when it wakes: the next call wakes it.
    const tokens = await Promise.all(LOGINS.map((login) => this.#signIn(login)));
    for (const token of tokens) await this.#one(token, 0);
    const people = await this.#stack.query<{ user_id: string }>('SELECT DISTINCT user_id FROM mcp_audit_log');
    const problems: string[] = [];
    const waiting = await this.#settled(
      people.map(({ user_id }) => user_id),
      tokens,
    );
    if (waiting > 0) problems.push(`${waiting} records were never sent`);
    const reports = await auditLog(this.#sources());
    for (const report of reports) if (!isWhole(report)) problems.push(lineOf(report));
    const unsent = reports.reduce((sum, { proof, rows }) => sum + proof.head.seq - proof.cut.seq - rows, 0);
    if (unsent > 0) problems.push(`${unsent} rows are not in D1`);

    const rows = await this.#stack.query<{ request_id: string; result_status: string }>(
      "SELECT request_id, result_status FROM mcp_audit_log WHERE method = 'tools/call'",
    );
    const byRequest = Map.groupBy(rows, (row) => row.request_id);
    for (const [requestId, mine] of byRequest) {
      if (mine.length > 1) problems.push(`${requestId} has ${mine.length} rows`);
    }
    for (const { requestId, status } of this.#acknowledged) {
      const row = byRequest.get(requestId)?.[0];
      if (row === undefined) problems.push(`${requestId} was answered and has no row`);
      // An outcome can be lost with its Worker after the answer was sent: then the row says that it is not known.
      else if (row.result_status !== status && row.result_status !== 'unknown')
        problems.push(`${requestId} was answered with ${status}, its row says ${row.result_status}`);
    }
    const [{ written } = { written: 0 }] = await this.#stack.query<{ written: number }>(
      "SELECT total(repeat_count) AS written FROM mcp_audit_log WHERE result_status = 'denied' AND tool_name = ?",
      REFUSED,
    );
    const { asked, refused, passed } = this.#refusals;
    if (written < refused) problems.push(`${refused} calls were answered with a refusal, the rows say ${written}`);
    if (written > asked - passed) problems.push(`${written} refusals are in the rows, of ${asked - passed} calls`);
    problems.push(...(await this.#miscounted()));
    const unknown = rows.filter(({ result_status }) => result_status === 'unknown').length;
    const newlyUnknown = [unknown - this.#unknown, this.#explained] as const;
    if (newlyUnknown[0] > newlyUnknown[1]) {
      problems.push(`${newlyUnknown[0]} more rows are of unknown outcome, ${newlyUnknown[1]} could be`);
    }
    this.#unknown = unknown;
    this.#explained = 0;
    return {
      acknowledged: this.#acknowledged.length,
      rows: rows.length,
      refused: [refused, written],
      unknown,
      newlyUnknown,
      problems,
    };
  }

  /** Every total of /metrics that does not agree with the rows. */
  async #miscounted(): Promise<string[]> {
    const { directPort, url } = this.#stack;
    const headers = { authorization: `Bearer ${METRICS_TOKEN}`, host: new URL(url).host };
    const text = await new Promise<string>((resolve, reject) => {
      const asked = get(`http://127.0.0.1:${directPort}/metrics`, { headers }, (answer) => {
        resolve(readText(answer));
      });
      asked.on('error', reject);
    });
    const hours = await this.#stack.query(UNEQUAL_COUNTS);
    return [
      ...differences(text, await this.#stack.query<CountedRow>('SELECT * FROM mcp_audit_log')),
      ...hours.map((row) => `the counts by hour are not the total: ${JSON.stringify(row)}`),
    ];
  }

  /** Statements that Writers sent to D1 since the gate was started. */
  async statements(): Promise<number> {
    return (await this.#faults()).statements;
  }

  /**
   * Many people, each with a call a second. Throws where a call has no row, or totals and rows do not agree.
   */
  async crowd(people: number, seconds: number): Promise<Crowd> {
    const before = await this.statements();
    const called: Promise<unknown>[] = [];
    let slowestMs = 0;
    let seen = 0;
    const look = async () => {
      const rows = await this.#stack.query<{ timestamp: string }>(
        "SELECT timestamp FROM mcp_audit_log WHERE user_id LIKE 'crowd%' ORDER BY rowid LIMIT -1 OFFSET ?",
        seen,
      );
      seen += rows.length;
      for (const { timestamp } of rows) slowestMs = Math.max(slowestMs, Date.now() - Date.parse(timestamp));
    };
    const began = performance.now();
    for (let n = 0; n < people * seconds; n++) {
      await sleep(Math.max(0, began + (n * 1000) / people - performance.now()));
      called.push(fetch(`${this.#stack.url}/__call?user=crowd${n % people}`).then((answer) => answer.text()));
      if (n % people === 0) await look();
    }
    await Promise.all(called);
    for (let round = 0; seen < called.length && round < 200; round++, await sleep(100)) await look();
    if (seen !== called.length) throw new Error(`${seen} rows of ${called.length} calls`);
    const took = (performance.now() - began) / 1000;
    const statements = (await this.statements()) - before;
    const miscounted = await this.#miscounted();
    if (miscounted.length > 0) throw new Error(miscounted.join('\n'));
    return { calls: called.length, seconds: took, statements, slowestMs };
  }

  async stop(): Promise<void> {
    await this.rest();
    await this.#stack.stop();
    await this.#github.stop();
    await rm(this.#dir, { recursive: true, force: true, maxRetries: 3 });
  }

  async #signIn(login: string): Promise<string> {
    const person = new Person({ clientName: 'Faults', login });
    await (await connectModern(this.#stack.mcpUrl, { person })).close();
    if (person.accessToken === undefined) throw new Error('the sign-in gave no token');
    return person.accessToken;
  }

  async #one(token: string, n: number): Promise<void> {
    // One in five is refused by its arguments, one by a limit.
    const [name, args] = n % 5 === 4 ? ['issue_read', { issue_number: 'x' }] : [n % 5 === 3 ? REFUSED : 'get_me', {}];
    if (name === REFUSED) this.#refusals.asked += 1;
    try {
      const answer = await callTool(this.#stack, token, name as string, args as object, {
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (answer.status === 401) throw new Error('the token is not good any more');
      const requestId = answer.headers.get('x-request-id');
      // What was refused before it was admitted has no row, and says so; it may have been admitted and not heard so.
      if (answer.status !== 200 || requestId === null) {
        this.#explained += 1;
        return await sleep(20);
      }
      const { isError, _meta } = answer.json.result ?? {};
      if (_meta?.['gatehouse/error']?.code === 'rate_limited') {
        this.#refusals.refused += 1;
        return;
      }
      if (name === REFUSED) this.#refusals.passed += 1;
      this.#acknowledged.push({ requestId, status: isError === true ? 'error' : 'success' });
    } catch (error) {
      // No answer, no promise.
      if (error instanceof DOMException && error.name === 'TimeoutError') this.#explained += 1;
      await sleep(20);
    }
  }

  /**
   * Waits until nothing waits any more, or a minute. People call now and then meanwhile: an alarm that failed too often
   * is set again by the next call. Out: what still waits.
   */
  async #settled(users: readonly string[], tokens: readonly string[]): Promise<number> {
    const query = new URLSearchParams(users.map((user) => ['user', user]));
    for (let round = 0; ; round++) {
      const { waiting } = await this.#faults(undefined, `?${query}`);
      const chains = await this.#sources().chains();
      const unsent = chains.reduce((sum, { head, confirmed }) => sum + head.seq - confirmed, 0);
      if (waiting + unsent === 0 || round > 300) return waiting;
      if (round % 50 === 49) for (const token of tokens) await this.#one(token, 0);
      await sleep(200);
    }
  }

  #sources() {
    const { directPort, settings } = this.#stack;
    const address = { origin: `http://127.0.0.1:${directPort}`, token: settings.AUDIT_TOKEN ?? '' };
    return {
      ...gateSources({ ...address, host: `localhost:${this.#port}` }),
      query: async <Row>(sql: string) => await this.#stack.query<Row>(sql),
    };
  }

  async #faults(faults?: Faults, query = ''): Promise<Observed> {
    const init = faults === undefined ? {} : { method: 'POST', body: JSON.stringify(faults) };
    return (await (await fetch(`${this.#stack.url}/__faults${query}`, init)).json()) as Observed;
  }

  async #findProcess(): Promise<void> {
    this.#pid = [...(await workerdProcesses())].at(-1);
  }
}

async function startOn(dir: string, port: number, github: EmbeddedGitHub): Promise<Stack> {
  return await startStack({
    port,
    dataDir: join(dir, 'data'),
    bundleDir: join(dir, 'build'),
    config: join(dir, 'wrangler.toml'),
    settings: {
      ...LIMITS,
      METRICS_TOKEN,
      LIMIT_CONCURRENT: '1000',
      GITHUB_URL: github.url,
      GITHUB_API_URL: github.url,
      GITHUB_CLIENT_ID: github.clientId,
      GITHUB_CLIENT_SECRET: github.clientSecret,
      ALLOWED_USERS: 'octocat,hubot',
    },
  });
}
