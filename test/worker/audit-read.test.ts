/** Reading the log of one tenant: what a filter finds, how pages meet, what a statement walks. */
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  countStatement,
  endStatement,
  pageStatement,
  type ResolvedFilter,
  usersStatement,
} from '../../src/audit/query.ts';
import { auditReader, everyRow, readRow } from '../../src/audit/read.ts';
import type { AuditRow } from '../../src/audit/row.ts';
import type { AuditFilter, AuditPlace } from '../../src/core/audit-query.ts';
import type { ClosedRecord } from '../../src/core/record.ts';
import { chained, recordAt, writeLog } from '../support/log-rows.ts';
import { migrate } from './migrate.ts';

const run = (sql: string, ...values: unknown[]) =>
  env.AUDIT_DB.prepare(sql)
    .bind(...values)
    .run();
const START = Date.UTC(2026, 10, 1);
const minute = 60_000;

/** 600 rows, ten each to a millisecond, of three people, two clients, several tools; and 100 of another tenant. */
const records: ClosedRecord[] = Array.from({ length: 600 }, (_, i) =>
  recordAt(START + Math.floor(i / 10) * minute, {
    user_id: `gh_${(i % 3) + 1}`,
    user_login: ['octocat', 'Hubot', 'mona'][i % 3] as string,
    client_id: i % 5 === 0 ? 'client-b' : 'client-a',
    client_name: i % 5 === 0 ? 'Cursor' : 'Claude Code',
    tool_name: i % 7 === 0 ? 'merge_pull_request' : 'issue_read',
    session_id: i % 100 === 0 ? 'session-1' : null,
    ...(i % 11 === 0 && { result_status: 'denied' as const, error_code: 'rate_limited', repeat_count: 3 }),
  }),
);
const elsewhere = Array.from({ length: 100 }, (_, i) =>
  recordAt(START + i * minute, { tenant_id: 'acme', user_login: 'mallory', user_id: 'gh_9' }),
);
const shared = recordAt(START + minute, { tenant_id: 'acme', user_login: 'octocat' });

let rows: AuditRow[];
const reader = auditReader(env.AUDIT_DB, 'default');
const newest = (some: readonly { timestamp: string; id: string }[]) =>
  [...some].sort((a, b) => (a.timestamp + a.id < b.timestamp + b.id ? 1 : -1)).map(({ id }) => id);
const ids = (page: { rows: readonly { id: string }[] }) => page.rows.map(({ id }) => id);

beforeAll(async () => {
  await migrate(env.AUDIT_DB);
  rows = chained(records);
  await writeLog(run, rows);
  await writeLog(run, chained([...elsewhere, shared], 'acme-0'));
});

const byIds = (name: 'id' | 'call_id' | 'request_id' | 'session_id', at: number) => ({
  id: records[at]?.[name] as string,
});
const filters: [string, () => AuditFilter, (row: ClosedRecord) => boolean][] = [
  ['nothing', () => ({}), () => true],
  ['a user id', () => ({ user: 'gh_2' }), (row) => row.user_id === 'gh_2'],
  ['a login in another case', () => ({ user: 'hubot' }), (row) => row.user_id === 'gh_2'],
  ['a client by its id', () => ({ client: 'client-b' }), (row) => row.client_id === 'client-b'],
  ['a client by its name', () => ({ client: 'Cursor' }), (row) => row.client_id === 'client-b'],
  ['a tool', () => ({ tool: 'merge_pull_request' }), (row) => row.tool_name === 'merge_pull_request'],
  ['a status', () => ({ status: 'denied' }), (row) => row.result_status === 'denied'],
  [
    'a user and a status',
    () => ({ user: 'gh_1', status: 'denied' }),
    (row) => row.user_id === 'gh_1' && row.result_status === 'denied',
  ],
  ['an error code', () => ({ error: 'rate_limited' }), (row) => row.error_code === 'rate_limited'],
  ['a method nobody used', () => ({ method: 'prompts/get' }), () => false],
  [
    'a span of time',
    () => ({ from: records[100]?.timestamp, to: records[200]?.timestamp }),
    (row) => row.timestamp >= (records[100]?.timestamp ?? '') && row.timestamp < (records[200]?.timestamp ?? ''),
  ],
  ['a row', () => byIds('id', 77), (row) => row === records[77]],
  ['a request', () => byIds('request_id', 78), (row) => row === records[78]],
  ['a session', () => ({ id: 'session-1' }), (row) => row.session_id === 'session-1'],
  ['a quote', () => ({ tool: "' OR 1=1 --" }), () => false],
  [
    'all at once',
    () => ({
      user: 'mona',
      client: 'Claude Code',
      tool: 'issue_read',
      status: 'success',
      method: 'tools/call',
      from: records[0]?.timestamp,
    }),
    (row) =>
      row.user_id === 'gh_3' &&
      row.client_id === 'client-a' &&
      row.tool_name === 'issue_read' &&
      row.result_status === 'success',
  ],
];

describe.each(filters)('a filter by %s', (_, filter, matches) => {
  const expected = () => newest(records.filter(matches));

  it('finds exactly its rows, in pages that meet in both directions', async () => {
    const pages: string[][] = [];
    let older: AuditPlace | undefined;
    let last: AuditPlace | undefined;
    do {
      const page = await reader.rows(filter(), { limit: 37, older });
      pages.push(ids(page));
      last = page.newer;
      older = page.older;
    } while (older !== undefined);
    expect(pages.flat()).toEqual(expected());

    const back: string[][] = [pages.at(-1) as string[]];
    while (last !== undefined) {
      const page = await reader.rows(filter(), { limit: 37, newer: last });
      if (page.rows.length > 0) back.unshift(ids(page));
      last = page.newer;
    }
    expect(back.flat()).toEqual(expected());
  });

  it('finds the same where a page may look at few rows only, and says how far it came', async () => {
    const small = auditReader(env.AUDIT_DB, 'default', { lookedAt: 50, counted: 50 });
    const found: string[] = [];
    let older: AuditPlace | undefined;
    let turns = 0;
    do {
      const page = await small.rows(filter(), { limit: 10, older });
      found.push(...ids(page));
      if (page.lookedTo !== undefined) expect(page.older?.timestamp).toBe(page.lookedTo);
      older = page.older;
      turns += 1;
    } while (older !== undefined && turns < 200);
    expect(found).toEqual(expected());
  });

  it('exports the same rows whole', async () => {
    const found: AuditRow[] = [];
    for await (const piece of everyRow(env.AUDIT_DB, 'default', filter(), { lookedAt: 90, counted: 1 }))
      found.push(...piece);
    expect(found.map(({ id }) => id)).toEqual(expected());
    const sample = rows.find(({ id }) => id === found[0]?.id);
    if (found[0] !== undefined) expect(found[0]).toMatchObject(sample as AuditRow);
  });
});

describe('the log', () => {
  it('is that of one tenant, whoever asks for what', async () => {
    for (const filter of [{ user: 'gh_9' }, { user: 'mallory' }, { id: elsewhere[0]?.id as string }, { id: shared.id }])
      expect(ids(await reader.rows(filter, { limit: 10 }))).toEqual([]);
    expect(await readRow(env.AUDIT_DB, 'default', shared.id)).toBeUndefined();
    expect(await readRow(env.AUDIT_DB, 'acme', shared.id)).toMatchObject({ id: shared.id, seq: 101 });
    const counts = await auditReader(env.AUDIT_DB, 'acme').counts({}, 'user', 10);
    expect(counts.counts.map(({ value, calls }) => [value, calls])).toEqual([
      ['mallory', 100],
      ['octocat', 1],
    ]);
  });

  it('finds a person under the login they had before, by the one they have now', async () => {
    const renamed = [
      recordAt(START, { user_id: 'gh_5', user_login: 'before' }),
      recordAt(START + 1, { user_id: 'gh_5', user_login: 'now' }),
    ];
    await writeLog(run, chained(renamed, 'renamed'));
    expect(ids(await reader.rows({ user: 'now' }, { limit: 10 }))).toEqual(newest(renamed));
    expect(ids(await reader.rows({ user: 'before' }, { limit: 10 }))).toEqual([]);
  });

  it('counts calls by any column, those that one row stands for too', async () => {
    const counted = async (by: Parameters<typeof reader.counts>[1], filter: AuditFilter = { user: 'gh_1' }) =>
      (await reader.counts(filter, by, 20)).counts.map(({ value, calls }) => [value, calls]);
    const own = records.filter((row) => row.user_id === 'gh_1');
    const calls = (some: readonly ClosedRecord[]) => some.reduce((sum, row) => sum + row.repeat_count, 0);
    const denied = own.filter((row) => row.result_status === 'denied');
    expect(await counted('status')).toEqual([
      ['success', own.length - denied.length],
      ['denied', calls(denied)],
    ]);
    expect(await counted('error')).toEqual([
      [null, own.length - denied.length],
      ['rate_limited', calls(denied)],
    ]);
    expect(await counted('user')).toEqual([['octocat', calls(own)]]);
    expect(await counted('day')).toEqual([['2026-11-01', calls(own)]]);
    expect(await counted('hour')).toEqual([['2026-11-01T00', calls(own)]]);
    expect((await counted('tool', { user: 'gh_1', tool: 'issue_read' }))[0]?.[0]).toBe('issue_read');
    const few = await auditReader(env.AUDIT_DB, 'default', { lookedAt: 1, counted: 50 }).counts(
      { user: 'gh_1' },
      'user',
      5,
    );
    expect(few.lookedTo).toBeDefined();
    expect(few.counts[0]?.calls).toBeLessThan(calls(own));
  });
});

describe('every statement walks an index in the order of time', () => {
  const place = { timestamp: '2026-11-01T00:30:00.000Z', id: 'A' };
  const shapes: ResolvedFilter[] = [
    {},
    { users: ['gh_1'] },
    { users: ['gh_1'], status: 'denied' },
    { users: ['gh_1', 'gh_2'] },
    { status: 'denied' },
    { status: 'success' },
    { client: 'client-b', tool: 'issue_read', method: 'tools/call', error: 'x' },
    { from: place.timestamp, to: place.timestamp },
    { id: records[0]?.id as string },
    { id: 'req_1', users: ['gh_1'] },
  ];
  const statementsOf = (filter: ResolvedFilter) => [
    ...[{}, { older: place }, { newer: place }].flatMap((from) => [
      pageStatement('default', filter, { limit: 10, ...from }),
      pageStatement('default', filter, { limit: 10, ...from }, place.timestamp),
      endStatement('default', filter, from, 100),
    ]),
    countStatement('default', filter, 'tool', 10, place.timestamp),
  ];

  it.each(shapes)('%o', async (filter) => {
    const index = filter.users?.length === 1 ? 'user' : filter.status === 'denied' ? 'status' : 'tenant';
    for (const { sql, values } of statementsOf(filter)) {
      const details = await planOf(sql, values);
      // With a place, the index serves its moment too: what lies before it is not read.
      const used = `SEARCH mcp_audit_log USING (COVERING )?INDEX mcp_audit_log_${index} \\(${/timestamp [<>]/.test(sql) ? '.*timestamp[<>]' : ''}`;
      expect(details.join('\n'), sql).toMatch(new RegExp(used));
      expect(details.filter((detail) => /^SCAN mcp_audit_log/.test(detail))).toEqual([]);
      // Rows come in the order of the index; only those of one millisecond are sorted.
      if (!sql.includes('GROUP BY')) expect(details).not.toContain('USE TEMP B-TREE FOR ORDER BY');
    }
  });

  it('a login is looked up by stepping from user to user', async () => {
    const { sql, values } = usersStatement('default', 'octocat');
    const touching = (await planOf(sql, values)).filter((detail) => detail.includes('mcp_audit_log'));
    expect(touching.length).toBe(3);
    for (const detail of touching)
      expect(detail).toMatch(/^SEARCH mcp_audit_log USING (COVERING )?INDEX mcp_audit_log_user/);
  });
});

async function planOf(sql: string, values: readonly unknown[]): Promise<string[]> {
  const { results } = await env.AUDIT_DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all<{ detail: string }>();
  return results.map(({ detail }) => detail);
}
