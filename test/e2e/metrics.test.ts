/** What `/metrics` says after a day's mixture, held against the rows; and to whom it says it. */
import { describe, expect, it } from 'vitest';
import { connectModern, connectSession, Person } from '../../src/cli/clients.ts';
import type { CountedRow } from '../support/metrics.ts';
import { differences, parseMetrics, samplesOf } from '../support/metrics.ts';
import { callTool, modernBody, modernHeaders, post, tokenOf } from '../support/rpc.ts';
import { useStack } from '../support/stack.ts';

const METRICS_TOKEN = 'a-secret-of-the-tests-only';
const stack = useStack({ METRICS_TOKEN, LIMIT_TOOLS: 'get_me=3/60', LIMIT_OTHER: '20/60' });

async function scrape(token = METRICS_TOKEN): Promise<{ status: number; text: string; type: string | null }> {
  const response = await fetch(`${stack().url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
}

/** Scrapes until the metric is there, which takes as long as what counts it travels. */
async function until(name: string, labels: string, value: number): Promise<string> {
  const end = Date.now() + 10_000;
  for (;;) {
    const { text } = await scrape();
    const found = samplesOf(parseMetrics(text), name);
    if (found[labels] === value) return text;
    if (Date.now() > end) throw new Error(`${name}{${labels}} is not ${value}: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('/metrics', () => {
  it('is for whoever has the secret', async () => {
    const { status, type } = await scrape();
    expect(status).toBe(200);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect((await scrape('a-secret-of-the-tests-onlx')).status).toBe(401);
    const bare = await fetch(`${stack().url}/metrics`);
    expect(bare.status).toBe(401);
    expect(bare.headers.get('www-authenticate')).toContain('Bearer');
    expect(await bare.text()).not.toContain('mcp_requests_total');
  });

  it('agrees with the rows after calls, refusals and errors of both eras, and counts what leaves no row', async () => {
    const { token } = await tokenOf(stack());
    for (let i = 0; i < 5; i++) await callTool(stack(), token, 'get_me', {});
    await callTool(stack(), token, 'no_such_tool_1', {});
    await callTool(stack(), token, 'no_such_tool_2', {});
    await callTool(stack(), token, 'issue_read', { owner: 'acme' });
    await callTool(stack(), token, 'get_file_contents', { owner: 'acme', repo: 'nothing', path: 'x' });
    for (let i = 0; i < 4; i++) {
      await post(stack(), modernBody('tools/list'), { headers: modernHeaders(token, 'tools/list') });
    }
    await post(stack(), modernBody('made/up'), { headers: modernHeaders(token, 'made/up') });

    const session = await connectSession(stack().mcpUrl, { person: new Person() });
    await session.client.callTool({ name: 'search_issues', arguments: { query: 'is:open' } });
    await session.client.callTool({ name: 'no_such_tool_3', arguments: {} }).catch(() => undefined);
    await session.client.ping();
    await session.client.readResource({ uri: 'nothing://here' }).catch(() => undefined);
    await session.close();
    await callTool(stack(), token, 'get_me', {});
    // Of refusals that repeat, the second and third share a row, which comes when the minute is over.
    const calls = "SELECT sum(repeat_count) AS n FROM mcp_audit_log WHERE method NOT LIKE 'auth/%'";
    await expect.poll(async () => await stack().query(calls), { timeout: 10_000 }).toEqual([{ n: 11 }]);

    const text = await until('mcp_requests_total', 'tenant=default,method=ping,tool=,status=admitted', 1);
    const rows = await stack().query<CountedRow>('SELECT * FROM mcp_audit_log');
    expect(differences(text, rows)).toEqual([]);
    const scraped = parseMetrics(text);
    const requests = samplesOf(scraped, 'mcp_requests_total');
    expect(requests).toMatchObject({
      'tenant=default,method=tools/call,tool=get_me,status=success': 3,
      'tenant=default,method=tools/call,tool=get_me,status=denied': 1,
      'tenant=default,method=tools/call,tool=(unknown),status=error': 3,
      'tenant=default,method=initialize,tool=,status=admitted': 1,
      'tenant=default,method=other,tool=,status=admitted': 1,
    });
    expect(requests['tenant=default,method=tools/list,tool=,status=admitted']).toBeGreaterThanOrEqual(4);
    expect(text).not.toContain('no_such_tool');
    expect(samplesOf(scraped, 'mcp_rate_limited_total')).toEqual({ 'tenant=default,method=tools/call': 1 });
    const upstream = samplesOf(scraped, 'mcp_upstream_requests_total');
    expect(upstream['tenant=default,status=200']).toBeGreaterThanOrEqual(2);
    expect(upstream['tenant=default,status=404']).toBeGreaterThanOrEqual(1);
    expect(samplesOf(scraped, 'mcp_upstream_quota_remaining')['tenant=default,resource=core']).toBeGreaterThan(0);
    expect(samplesOf(scraped, 'mcp_audit_waiting_records')).toEqual({
      'tenant=default,chain=default-0': 0,
      'tenant=default,chain=default-1': 0,
    });
    expect(scraped.get('mcp_audit_database_up')).toBe(1);
  });

  it('is not fooled into another sum: a row that is counted wrongly shows', async () => {
    const { text } = await scrape();
    const rows = await stack().query<CountedRow>('SELECT * FROM mcp_audit_log');
    expect(differences(text, rows.slice(1))).not.toEqual([]);
    expect(
      differences(
        text,
        rows.map((row) => ({ ...row, repeat_count: row.repeat_count + 1 })),
      ),
    ).not.toEqual([]);
  });

  it('counts requests above the limit of lists, which have no row', async () => {
    const { token } = await tokenOf(stack(), { login: 'octocat' });
    for (let i = 0; i < 25; i++) {
      await post(stack(), modernBody('prompts/list'), { headers: modernHeaders(token, 'prompts/list') });
    }
    const label = 'tenant=default,method=prompts/list';
    await callTool(stack(), token, 'get_teams', {});
    const counted = async () => {
      const scraped = parseMetrics((await scrape()).text);
      const requests = samplesOf(scraped, 'mcp_requests_total');
      const [admitted, denied] = ['admitted', 'denied'].map(
        (status) => requests[`${label},tool=,status=${status}`] ?? 0,
      );
      return {
        all: (admitted ?? 0) + (denied ?? 0),
        denied,
        limited: samplesOf(scraped, 'mcp_rate_limited_total')[label],
      };
    };
    // They travel with rows: on a slow machine some with those of the sign-in, before the others are counted.
    await expect.poll(async () => (await counted()).all, { timeout: 10_000 }).toBe(25);
    const { denied, limited } = await counted();
    expect(denied).toBeGreaterThan(0);
    expect(limited).toBe(denied);
  });

  it('counts who fails before anybody is recognised, by reason, and writes down from where', async () => {
    const knock = (path: string, init: RequestInit) =>
      fetch(`${stack().url}${path}`, {
        ...init,
        redirect: 'manual',
        headers: { 'cf-connecting-ip': '203.0.113.77', ...(init.headers as Record<string, string>) },
      });
    const before = samplesOf(parseMetrics((await scrape()).text), 'mcp_auth_failures_total');
    await knock('/mcp', { method: 'POST', body: '{}' });
    for (let i = 0; i < 3; i++)
      await knock('/mcp', { method: 'POST', headers: { authorization: 'Bearer made:up:token' } });
    const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });
    await knock('/token', form({ grant_type: 'authorization_code', code: 'x', client_id: 'nobody' }));
    await knock('/authorize?client_id=nobody&response_type=code', {});
    await knock('/callback?code=1&state=2', {});
    await knock('/register', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    const expected = {
      no_token: 1,
      invalid_token: 3,
      invalid_client: 1,
      invalid_sign_in: 2,
      invalid_client_metadata: 1,
    };
    // Without a token begins every sign-in, also those of the tests before.
    const { no_token: _, ...known } = expected;
    const increases = async () => {
      const after = samplesOf(parseMetrics((await scrape()).text), 'mcp_auth_failures_total');
      return Object.fromEntries(
        Object.keys(known).map((reason) => {
          const labels = `tenant=default,reason=${reason}`;
          return [reason, (after[labels] ?? 0) - (before[labels] ?? 0)];
        }),
      );
    };
    await expect.poll(increases, { timeout: 10_000 }).toEqual(known);
    await expect
      .poll(
        async () =>
          await stack().query(
            `SELECT reason, sum(failures) AS n FROM mcp_auth_failures WHERE address = '203.0.113.0/24' GROUP BY reason ORDER BY reason`,
          ),
        { timeout: 12_000 },
      )
      .toEqual(
        Object.entries(expected)
          .map(([reason, n]) => ({ reason, n }))
          .sort((a, b) => (a.reason < b.reason ? -1 : 1)),
      );
  });
});

describe('the log line of a request', () => {
  it('carries the trace of the client, and nothing else that stands in its place', async () => {
    const { token } = await tokenOf(stack());
    const traced = (traceparent: string) => {
      const body = JSON.parse(modernBody('tools/list')) as { params: { _meta: Record<string, unknown> } };
      body.params._meta.traceparent = traceparent;
      return post(stack(), JSON.stringify(body), { headers: modernHeaders(token, 'tools/list') });
    };
    const good = await traced('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
    const bad = await traced('00-zzzz-forged');
    const lines = () => stack().logs.map(({ message }) => message);
    const lineOf = (id: string | null) => lines().find((line) => id !== null && line.includes(id)) ?? '{}';
    await expect.poll(() => lineOf(bad.headers.get('x-request-id'))).not.toBe('{}');
    expect(JSON.parse(lineOf(good.headers.get('x-request-id')))).toMatchObject({
      mcp_method: 'tools/list',
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      parent_id: '00f067aa0ba902b7',
    });
    const line = JSON.parse(lineOf(bad.headers.get('x-request-id'))) as object;
    expect(line).not.toHaveProperty('trace_id');
    expect(JSON.stringify(line)).not.toContain('forged');
  });
});

describe('a gate without METRICS_TOKEN', () => {
  const other = useStack();

  it('has no metrics, and says which setting is missing', async () => {
    const response = await fetch(`${other().url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('METRICS_TOKEN');
  });

  it('shows nothing to anybody who signed in', async () => {
    const { token } = await tokenOf(other());
    const response = await fetch(`${other().url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(404);
    expect((await connectModern(other().mcpUrl, { person: new Person() })).close).toBeDefined();
  });
});
