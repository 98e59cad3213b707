/** What docs/queries.md prints: each query, as it stands there, against rows whose answers are known. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import doc from '../../docs/queries.md?raw';
import { enterTools } from '../../src/audit/counts-sql.ts';
import type { ClosedRecord } from '../../src/core/record.ts';
import { TOOL_NAMES } from '../../src/core/tool-names.ts';
import { chained, recordAt, writeLog } from '../support/log-rows.ts';
import { migrate } from './migrate.ts';

const now = Date.now();
const HOUR = 3_600_000;
const at = (hours: number) => new Date(now - hours * HOUR).toISOString();
const WEB = { owner: 'acme', repo: 'web' };
const CALL = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const STOLEN = 'The refresh token was replaced, and came back.';
const LIMIT = 'The limit of 100 in 60 seconds per client is reached.';

type More = Partial<Omit<ClosedRecord, 'arguments'>> & { args?: object };
const person = (user_id: string, user_login: string, client_id: string, client_name: string, grant_id: string | null) =>
  ({ user_id, user_login, client_id, client_name, grant_id }) as const;
const octocat = person('gh_583231', 'octocat', 'client-a', 'Claude Code', 'grant-7');
const lisa = person('gh_2', 'lisa', 'client-b', 'Cursor', 'grant-8');
const mona = { ...lisa, user_login: 'mona' };
const hubot = person('gh_3', 'hubot', 'client-a', 'Claude Code', 'grant-9');
const agent = { ...hubot, client_id: 'client-n', client_name: 'New Agent' };
const eve = person('gh_4', 'eve', 'gatehouse:account', 'Account page', null);

function row(hours: number, who: Partial<ClosedRecord>, { args, ...more }: More): ClosedRecord {
  return recordAt(now - hours * HOUR, { ...who, arguments: args === undefined ? null : JSON.stringify(args), ...more });
}
const event = (hours: number, who: Partial<ClosedRecord>, method: string, args: object, more: More = {}) =>
  row(hours, who, { method, tool_name: null, duration_ms: null, args, ...more });
const call = (hours: number, who: Partial<ClosedRecord>, tool_name: string, args: object, more: More = {}) =>
  row(hours, who, { tool_name, args, ...more });

const BASIC = ['tools:list', 'tools:execute:read_only'];
const WIDER = [...BASIC, 'tools:execute:issues:write'];
const refused = (error_code: string, more: More = {}): More => ({
  result_status: 'denied',
  error_code,
  duration_ms: 0,
  ...more,
});

const scenario: ClosedRecord[] = [
  event(200, octocat, 'auth/sign_in', { redirect_host: '127.0.0.1' }),
  event(199.9, octocat, 'auth/consent', { granted: BASIC }),
  call(20, octocat, 'issue_read', WEB),
  call(19, octocat, 'issue_write', WEB, refused('insufficient_scope')),
  event(18, octocat, 'auth/step_up', { granted: WIDER, added: ['tools:execute:issues:write'] }),
  call(17, octocat, 'issue_write', WEB),
  call(16, octocat, 'push_files', {
    owner: 'acme',
    repo: 'api',
    branch: 'main',
    files: [{ path: 'a.ts' }, { path: 'b.ts' }],
  }),
  call(15, octocat, 'merge_pull_request', { ...WEB, pullNumber: 7 }, { id: CALL, result_status: 'input_required' }),
  call(14.9, octocat, 'merge_pull_request', { ...WEB, pullNumber: 7 }, { call_id: CALL, duration_ms: 900 }),
  call(
    14,
    octocat,
    'search_issues',
    { query: 'x' },
    {
      result_status: 'error',
      error_code: 'upstream_unavailable',
      error_message: 'GitHub failed.',
      duration_ms: 12_000,
      request_id: 'req_abcdefghijklmnop',
    },
  ),
  call(13, octocat, 'get_file_contents', WEB, { redacted_count: 2, session_id: 'session-1', duration_ms: 1500 }),
  call(
    12,
    octocat,
    'create_or_update_file',
    { ...WEB, path: 'README.md', branch: 'docs' },
    { result_status: 'unknown', duration_ms: null, session_id: 'session-1' },
  ),
  call(50 * 24, lisa, 'issue_read', WEB),
  event(30, mona, 'auth/sign_in', {}),
  event(29.9, mona, 'auth/consent', { granted: ['tools:execute'], repositories: ['acme/*'] }),
  call(10, mona, 'issue_read', { owner: 'Acme', repo: 'Web' }, { session_id: 'session-2' }),
  call(9, mona, 'issue_read', WEB, refused('rate_limited', { repeat_count: 12, error_message: LIMIT })),
  call(8, mona, 'delete_file', { ...WEB, path: 'x' }, refused('declined')),
  event(7, mona, 'auth/revoke', { reason: 'requested_by_person' }),
  event(6, mona, 'auth/token', {}, refused('invalid_grant', { error_message: STOLEN })),
  ...Array.from({ length: 10 }, (_, i) => call(72 + i / 100, hubot, 'list_commits', WEB)),
  ...Array.from({ length: 60 }, (_, i) =>
    call(5 + i / 1000, agent, 'issue_read', { owner: 'acme', repo: 'api' }, { duration_ms: 20 }),
  ),
  event(4, eve, 'auth/sign_in', {}, refused('forbidden_by_policy', { error_message: 'eve is not on the list.' })),
  event(3, { ...octocat, client_id: 'gatehouse:console', client_name: 'Console', grant_id: null }, 'audit/read', {
    view: 'rows',
  }),
  call(2, octocat, 'query_audit_log', { user: 'mona' }),
];
const OLD = 100 * 24;
/** The same long ago, and at another tenant: neither belongs into an answer. */
const longAgo = scenario.map((one) =>
  recordAt(Date.parse(one.timestamp) - OLD * HOUR, {
    ...one,
    id: `2${one.id.slice(1)}`,
    timestamp: new Date(Date.parse(one.timestamp) - OLD * HOUR).toISOString(),
  }),
);
const elsewhere = scenario.map((one) => ({
  ...one,
  id: `1${one.id.slice(1)}`,
  tenant_id: 'acme',
  user_id: `${one.user_id}99`,
}));

const calls = scenario.filter((one) => one.method === 'tools/call');
const within = (hours: number) => (one: ClosedRecord) => one.timestamp > at(hours);
const pick = <Key extends keyof ClosedRecord>(one: ClosedRecord, ...names: Key[]) =>
  Object.fromEntries(names.map((name) => [name, one[name]])) as Pick<ClosedRecord, Key>;
const argument = (one: ClosedRecord, name: string) =>
  (JSON.parse(one.arguments ?? '{}') as Record<string, unknown>)[name];
const newest = (some: readonly ClosedRecord[]) => [...some].sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1));
const sum = (some: readonly ClosedRecord[]) => some.reduce((all, one) => all + one.repeat_count, 0);
const last = (some: readonly ClosedRecord[]) => newest(some)[0]?.timestamp;
const first = (some: readonly ClosedRecord[]) => newest(some).at(-1)?.timestamp;
function grouped(some: readonly ClosedRecord[], keyOf: (one: ClosedRecord) => string): ClosedRecord[][] {
  return [...Map.groupBy(some, keyOf).values()];
}
const timeOf = (index: number) => (scenario[index] as ClosedRecord).timestamp;

/** By the title above the query. */
const ANSWERS: Record<string, () => object[]> = {
  'What did somebody do in the last day?': () =>
    newest(scenario.filter((one) => one.user_login === 'octocat' && within(24)(one))).map((one) =>
      pick(one, 'timestamp', 'client_name', 'method', 'tool_name', 'arguments', 'result_status', 'error_code'),
    ),
  'Who is behind a login, and what else were they called?': () => [
    { user_id: 'gh_2', user_login: 'lisa', first: at(1200), last: at(1200), calls: 1 },
    { user_id: 'gh_2', user_login: 'mona', first: at(30), last: at(6), calls: 18 },
  ],
  'Who signed in, and who was turned away?': () => [
    { user_login: 'eve', result_status: 'denied', times: 1, last: at(4), why: 'eve is not on the list.' },
    { user_login: 'mona', result_status: 'success', times: 1, last: at(30), why: null },
  ],
  'Who works outside working hours?': () =>
    grouped(
      calls.filter(within(30 * 24)).filter((one) => {
        const time = new Date(one.timestamp);
        return time.getUTCHours() < 6 || time.getUTCHours() >= 20 || time.getUTCDay() % 6 === 0;
      }),
      (one) => one.user_id,
    )
      .map((some) => ({ user_login: some[0]?.user_login, calls: sum(some), first: first(some), last: last(some) }))
      .sort((a, b) => b.calls - a.calls || (String(a.user_login) < String(b.user_login) ? -1 : 1)),
  'Who calls far more than they usually do?': () => [{ user_login: 'hubot', today: 60, usual: 1.4 }],
  'Who read the audit log?': () =>
    newest(scenario.slice(-2)).map((one) =>
      pick(one, 'timestamp', 'user_login', 'client_name', 'method', 'arguments', 'result_status'),
    ),
  'What may which client do, in whose name?': () => [
    {
      user_login: 'octocat',
      client_name: 'Claude Code',
      given: at(18),
      granted: JSON.stringify(WIDER),
      repositories: null,
    },
    {
      user_login: 'mona',
      client_name: 'Cursor',
      given: timeOf(14),
      granted: '["tools:execute"]',
      repositories: '["acme/*"]',
    },
  ],
  'Which consents were widened?': () => [
    { timestamp: at(18), user_login: 'octocat', client_name: 'Claude Code', added: '["tools:execute:issues:write"]' },
  ],
  'Who was given write access to everything?': () => [
    { timestamp: timeOf(14), user_login: 'mona', client_name: 'Cursor', method: 'auth/consent' },
  ],
  'Which access was taken back, and why?': () => [
    { timestamp: at(7), user_login: 'mona', client_name: 'Cursor', grant_id: 'grant-8', reason: 'requested_by_person' },
  ],
  'What happened under one grant?': () =>
    newest(scenario.filter((one) => one.grant_id === 'grant-7'))
      .reverse()
      .map((one) => pick(one, 'timestamp', 'method', 'tool_name', 'result_status', 'error_code')),
  'Which token requests were refused?': () => [
    {
      timestamp: at(6),
      user_login: 'mona',
      client_name: 'Cursor',
      grant_id: 'grant-8',
      error_code: 'invalid_grant',
      error_message: STOLEN,
      repeat_count: 1,
    },
  ],
  'Who knocks without getting in?': () => [
    {
      address: '203.0.113.0/24',
      reason: 'invalid_token',
      failures: 60,
      first: at(2).slice(0, 16),
      last: at(1).slice(0, 16),
    },
    {
      address: '2001:db8:7::/48',
      reason: 'invalid_client',
      failures: 1,
      first: at(1).slice(0, 16),
      last: at(1).slice(0, 16),
    },
  ],
  'Which clients are used, by how many people?': () =>
    grouped(calls.filter(within(30 * 24)), (one) => one.client_name)
      .map((some) => ({
        client_name: some[0]?.client_name,
        clients: 1,
        people: new Set(some.map((one) => one.user_id)).size,
        calls: sum(some),
        last: last(some),
      }))
      .sort((a, b) => b.calls - a.calls),
  'Which clients are new this week?': () => [
    { client_name: 'Console', first: at(3), people: 1 },
    { client_name: 'Account page', first: at(4), people: 1 },
    { client_name: 'New Agent', first: first(scenario.filter((one) => one.client_name === 'New Agent')), people: 1 },
  ],
  'What was refused, to whom, and why?': () =>
    newest(scenario.filter((one) => one.result_status === 'denied'))
      .sort((a, b) => b.repeat_count - a.repeat_count)
      .map((one) => ({
        ...pick(one, 'user_login', 'client_name', 'tool_name', 'error_code'),
        times: one.repeat_count,
        last: one.timestamp,
      })),
  'Who runs into limits?': () => [{ user_login: 'mona', client_name: 'Cursor', which: LIMIT, times: 12 }],
  'Who changed something at GitHub?': () =>
    [
      [12, 'create_or_update_file', 'web', 'unknown'],
      [14.9, 'merge_pull_request', 'web', 'success'],
      [16, 'push_files', 'api', 'success'],
      [17, 'issue_write', 'web', 'success'],
    ].map(([hours, tool_name, repo, result_status]) => ({
      timestamp: at(Number(hours)),
      user_login: 'octocat',
      client_name: 'Claude Code',
      tool_name,
      owner: 'acme',
      repo,
      result_status,
    })),
  'Which repositories are touched, and by how many people?': () =>
    grouped(
      calls.filter(
        (one) => within(7 * 24)(one) && one.result_status === 'success' && argument(one, 'repo') !== undefined,
      ),
      (one) => `${argument(one, 'owner')}/${argument(one, 'repo')}`.toLowerCase(),
    )
      .map((some) => ({
        repository: `acme/${String(argument(some[0] as ClosedRecord, 'repo')).toLowerCase()}`,
        calls: sum(some),
        people: new Set(some.map((one) => one.user_id)).size,
        last: last(some),
      }))
      .sort((a, b) => b.calls - a.calls),
  'Who touched one repository?': () =>
    grouped(
      scenario.filter((one) => within(30 * 24)(one) && String(argument(one, 'repo')).toLowerCase() === 'web'),
      (one) => `${one.user_id} ${one.client_id} ${one.tool_name}`,
    )
      .map((some) => ({
        ...pick(some[0] as ClosedRecord, 'user_login', 'client_name', 'tool_name'),
        calls: sum(some),
        last: last(some),
      }))
      .sort((a, b) => b.calls - a.calls || ((a.last ?? '') < (b.last ?? '') ? 1 : -1)),
  'Which files were written, on which branch?': () => [
    {
      timestamp: at(12),
      user_login: 'octocat',
      tool_name: 'create_or_update_file',
      branch: 'docs',
      files: 'README.md',
    },
    { timestamp: at(16), user_login: 'octocat', tool_name: 'push_files', branch: 'main', files: 'a.ts, b.ts' },
  ],
  'Which pull requests were merged, and was the person asked?': () => [
    { timestamp: at(14.9), user_login: 'octocat', client_name: 'Claude Code', repo: 'web', pull: 7, asked: 1 },
  ],
  'What did people decline?': () => [
    {
      timestamp: at(8),
      user_login: 'mona',
      client_name: 'Cursor',
      tool: 'delete_file',
      arguments: JSON.stringify({ ...WEB, path: 'x' }),
    },
  ],
  'Which calls may have happened though nobody knows how they ended?': () =>
    scenario
      .filter((one) => one.result_status === 'unknown')
      .map((one) => pick(one, 'timestamp', 'user_login', 'client_name', 'tool_name', 'arguments', 'call_id')),
  'What happened in one call, round by round?': () =>
    scenario
      .filter((one) => one.call_id === CALL)
      .map((one) => pick(one, 'timestamp', 'result_status', 'error_code', 'duration_ms', 'request_id')),
  'What was behind a request id?': () => [
    {
      timestamp: at(14),
      user_login: 'octocat',
      client_name: 'Claude Code',
      method: 'tools/call',
      tool_name: 'search_issues',
      result_status: 'error',
      error_code: 'upstream_unavailable',
      error_message: 'GitHub failed.',
    },
  ],
  'What did one session do?': () => [
    {
      session_id: 'session-1',
      user_login: 'octocat',
      client_name: 'Claude Code',
      calls: 2,
      first: at(13),
      last: at(12),
      failed: 1,
    },
    {
      session_id: 'session-2',
      user_login: 'mona',
      client_name: 'Cursor',
      calls: 1,
      first: at(10),
      last: at(10),
      failed: 0,
    },
  ],
  'Where were secrets in what GitHub answered?': () => [
    { owner: 'acme', repo: 'web', tool_name: 'get_file_contents', secrets: 2, last: at(13) },
  ],
  'How many calls are there by day, and how do they end?': () =>
    grouped(calls.filter(within(30 * 24)), (one) => one.timestamp.slice(0, 10))
      .map((some) => ({
        day: some[0]?.timestamp.slice(0, 10),
        calls: sum(some),
        success: sum(some.filter((one) => one.result_status === 'success')),
        failed: sum(some.filter((one) => ['error', 'unknown'].includes(one.result_status))),
        denied: sum(some.filter((one) => one.result_status === 'denied')),
      }))
      .sort((a, b) => ((a.day ?? '') < (b.day ?? '') ? 1 : -1)),
  'Which tools fail most?': () => [{ tool_name: 'issue_read', calls: 74, failed_percent: 0 }],
  'Which tools are slow?': () =>
    grouped(
      scenario.filter(
        (one) => within(7 * 24)(one) && ['success', 'error'].includes(one.result_status) && one.duration_ms !== null,
      ),
      (one) => one.tool_name ?? '',
    )
      .map((some) => {
        const above = (bound: number) =>
          Math.round((1000 * some.filter((one) => Number(one.duration_ms) > bound).length) / some.length) / 10;
        const total = some.reduce((all, one) => all + Number(one.duration_ms), 0);
        return {
          tool_name: some[0]?.tool_name,
          calls: some.length,
          average_ms: Math.round(total / some.length),
          above_1_s_percent: above(1000),
          above_10_s_percent: above(10_000),
        };
      })
      .sort((a, b) => b.average_ms - a.average_ms || ((a.tool_name ?? '') < (b.tool_name ?? '') ? -1 : 1)),
  'Why are calls refused or failing, since the beginning?': () =>
    newest(scenario.filter((one) => one.error_code !== null)).map((one) => ({
      error_code: one.error_code,
      method: one.method,
      calls: 2 * one.repeat_count,
    })),
  'Does a number of a chain miss?': () => [
    {
      chain_id: 'default-0',
      first: 1,
      last: scenario.length * 2 + 1,
      rows: scenario.length * 2 + 1,
      missing: 0,
      archived: null,
    },
    { chain_id: 'default-1', first: 3, last: 6, rows: 3, missing: 1, archived: 2 },
  ],
  'Where does a row not follow the one before it?': () => [
    { chain_id: 'default-0', seq: scenario.length * 2 + 1, id: 'odd', timestamp: at(24 * 40) },
  ],
};

const QUERIES = [...doc.matchAll(/^### (.+)\n[\s\S]*?```sql\n([\s\S]+?)```/gm)].map(
  ([, title = '', sql = '']) => [title, sql] as const,
);
/** Answers whose order is only partly said by the query. */
const UNORDERED = new Set(['Why are calls refused or failing, since the beginning?', 'Which tools are slow?']);

const run = (sql: string, ...values: unknown[]) =>
  env.AUDIT_DB.prepare(sql)
    .bind(...values)
    .run();

beforeAll(async () => {
  await migrate(env.AUDIT_DB);
  await enterTools(env.AUDIT_DB, [...TOOL_NAMES]);
  const byTime = (some: readonly ClosedRecord[]) => newest(some).reverse();
  const chain = chained([...byTime(longAgo), ...byTime(scenario)]);
  const odd = {
    ...recordAt(now - 40 * 24 * HOUR, { id: 'odd', tenant_id: 'other', user_id: 'gh_0' }),
    chain_id: 'default-0',
    seq: chain.length + 1,
    prev_hash: 'not the hash before',
    hash: 'h',
  };
  await writeLog(run, [...chain, odd]);
  await writeLog(run, chained(elsewhere, 'acme-0'));
  const gap = chained(
    Array.from({ length: 6 }, () => recordAt(0, { tenant_id: 'other', user_id: 'gh_0' })),
    'default-1',
  );
  await writeLog(
    run,
    gap.filter(({ seq }) => seq > 2 && seq !== 5),
  );
  await run("INSERT INTO mcp_audit_archived (chain_id, seq, hash) VALUES ('default-1', 2, 'h2')");
  const knock = 'INSERT INTO mcp_auth_failures (tenant_id, minute, address, reason, failures) VALUES (?, ?, ?, ?, ?)';
  for (const [hours, address, reason, failures] of [
    [2, '203.0.113.0/24', 'invalid_token', 20],
    [1, '203.0.113.0/24', 'invalid_token', 40],
    [1, '2001:db8:7::/48', 'invalid_client', 1],
    [30, '198.51.100.0/24', 'invalid_token', 99],
  ] as const)
    await run(knock, 'default', at(hours).slice(0, 16), address, reason, failures);
});

it('has at least twenty questions, each with an answer here', () => {
  expect(QUERIES.length).toBeGreaterThanOrEqual(20);
  expect(QUERIES.map(([title]) => title)).toEqual(Object.keys(ANSWERS));
  expect(doc.match(/```sql/g)).toHaveLength(QUERIES.length);
});

describe.each(QUERIES)('%s', (title, sql) => {
  it('is answered', async () => {
    const { results } = await env.AUDIT_DB.prepare(sql).all<Record<string, unknown>>();
    const expected = ANSWERS[title]?.() ?? [];
    expect(expected.length).toBeGreaterThan(title === 'Who works outside working hours?' ? -1 : 0);
    if (UNORDERED.has(title)) {
      expect(results).toHaveLength(expected.length);
      expect(results).toEqual(expect.arrayContaining(expected));
    } else expect(results).toEqual(expected);
  });

  it('walks an index of the log, if it reads the log at all', async () => {
    const { results } = await env.AUDIT_DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).all<{ detail: string }>();
    const details = results.map(({ detail }) => detail);
    const names = [...sql.matchAll(/\bmcp_audit_log(?: AS (\w+))?/g)].map((match) => match[1] ?? 'mcp_audit_log');
    const reads = details.filter((detail) =>
      names.some((name) => new RegExp(`^(?:SCAN|SEARCH) ${name}\\b`).test(detail)),
    );
    if (names.length > 0) expect(reads.length).toBeGreaterThanOrEqual(1);
    for (const detail of reads) expect(detail).toMatch(/^SEARCH \w+ USING (?:COVERING )?INDEX \w+ \(/);
    // What did not succeed has an index of its own, which a query gets by naming the one status.
    if (/AND result_status = '(?!success)/.test(sql)) {
      expect(details.join('\n')).toMatch(
        /USING INDEX mcp_audit_log_status \(tenant_id=\? AND result_status=\? AND times/,
      );
    }
    // A span of time, or a place in the chain, keeps what is read short.
    const spans = /timestamp|minute|hour|seq/;
    if (sql.includes("'-"))
      expect(
        details.some((detail) => /^SEARCH/.test(detail) && spans.test(detail)),
        details.join('\n'),
      ).toBe(true);
  });
});
