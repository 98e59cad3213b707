/** Repeated reads cost GitHub nothing, its limits are kept, and secrets in what it says stay here: in both eras. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../../src/cli/clients.ts';
import { ERAS } from '../support/eras.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({ LIMIT_CLIENT: '10000/1', LIMIT_USER: '10000/1' });

// Made up, and put together here so that no scanner takes it for a real one.
const SECRET = `ghp_${'a1B2'.repeat(9)}`;
const issue = { owner: 'acme', repo: 'web', issue_number: 6, method: 'get' };
const PATH = /^\/repos\/acme\/web\/issues\/6(\?|$)/;

describe.each(ERAS)('in the $era era', ({ era, connect, call }) => {
  const person = new Person({ clientName: `Quota ${era}` });
  let connected: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    connected = await connect(stack().mcpUrl, { person });
  });
  afterAll(async () => await connected.close());

  const read = () => call(connected.client, 'issue_read', issue);
  const reads = () => stack().github.requests.filter(({ path }) => PATH.test(path));

  it('the second identical read is answered 304, with the same result', async () => {
    stack().github.reset();
    const first = await read();
    const second = await read();
    expect(first.isError, JSON.stringify(first.content)).not.toBe(true);
    expect(second.structuredContent).toEqual(first.structuredContent);
    expect(reads().map(({ status }) => status)).toEqual([200, 304]);
    const [asked, again] = reads().map(({ headers }) => headers['if-none-match']);
    expect(asked).toBeUndefined();
    expect(again).toMatch(/^W\/"[\da-f]{64}"$/);
  });

  it('the answer of one person is not offered for another', async () => {
    const other = await connect(stack().mcpUrl, { person: new Person({ clientName: `Other ${era}`, login: 'hubot' }) });
    await read();
    stack().github.reset();
    await call(other.client, 'issue_read', issue);
    await other.close();
    expect(reads().map(({ headers, status }) => [headers['if-none-match'], status])).toEqual([[undefined, 200]]);
  });

  it('a secret in an answer is replaced, counted and said, and the log says that it was', async () => {
    const body = { number: 6, title: 'Leak', state: 'open', body: `key ${SECRET} end`, user: { login: 'hubot' } };
    const at = '2026-01-01T00:00:00Z';
    const more = { id: 6, labels: [], assignees: [], comments: 0, created_at: at, updated_at: at };
    const html_url = 'https://x.test/6';
    const said = () => stack().logs.filter(({ message }) => message.includes('"event":"secrets_redacted"')).length;
    const before = said();
    const heal = stack().github.inject({ path: PATH, status: 200, body: { ...body, ...more, html_url } });
    const result = (await read()) as Awaited<ReturnType<typeof read>> & { readonly _meta?: unknown };
    heal();
    expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
    expect(JSON.stringify(result)).not.toContain(SECRET);
    expect(JSON.stringify(result.structuredContent)).toContain('key [redacted] end');
    expect(JSON.stringify(result.content)).toContain('redacted: 1.');
    expect(result._meta).toMatchObject({ 'gatehouse/redacted': 1 });
    const [row] = await rowsOf(stack(), 1, 'client_id = ? AND redacted_count = 1', person.clientId);
    expect(row?.tool_name).toBe('issue_read');
    await expect.poll(said, { timeout: 5000 }).toBe(before + 1);
    expect(stack().logs.some(({ message }) => message.includes(SECRET))).toBe(false);
  });

  // The last of this person: the limit lasts longer than the test.
  it('a secondary limit is kept without asking GitHub again, and ends no later for it', async () => {
    const headers = { 'retry-after': '40' };
    const heal = stack().github.inject({ path: PATH, status: 403, headers, body: { message: 'secondary rate limit' } });
    expect(JSON.stringify((await read()).content)).toContain('retry_after_seconds: 40');
    heal();
    stack().github.reset();
    const refused = JSON.stringify((await read()).content);
    expect(refused).toContain('Error upstream_rate_limited');
    const seconds = Number(/retry_after_seconds: (\d+)/.exec(refused)?.[1]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(40);
    expect(reads()).toEqual([]);
  });
});
