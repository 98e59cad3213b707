/** In a session what the modern lane shows elsewhere: exact limits, one row for each call, GitHub's errors, calls that end. */
import { describe, expect, it } from 'vitest';
import type { PersonOptions } from '../../src/cli/clients.ts';
import type { SignedInPerson } from '../support/rpc.ts';
import { post, read, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const REVISION = '2025-11-25';
const PARAMS = { protocolVersion: REVISION, capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
const body = (id: number, method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id, method, params });

interface Session extends SignedInPerson {
  readonly headers: Record<string, string>;
  call(id: number, name: string, args: object): ReturnType<typeof post>;
}

/** Somebody signed in, with a session begun. */
async function begin(
  stack: ReturnType<ReturnType<typeof useStack>>,
  clientName: string,
  options: PersonOptions = {},
): Promise<Session> {
  const signedIn = await tokenOf(stack, { clientName, ...options });
  const plain = {
    authorization: `Bearer ${signedIn.token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const begun = await post(stack, body(1, 'initialize', PARAMS), { headers: plain });
  const headers = {
    ...plain,
    'mcp-session-id': begun.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': REVISION,
  };
  const call: Session['call'] = (id, name, args) =>
    post(stack, body(id, 'tools/call', { name, arguments: args }), { headers });
  return { ...signedIn, headers, call };
}

describe('the default limit', () => {
  const stack = useStack();

  it('admits exactly 100 of 500 parallel calls of one session, and each has its row', async () => {
    const { call, person, headers } = await begin(stack(), 'Parallel');
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => call(10 + i, 'get_me', {})));
    expect(answers.map(({ json }) => json.id)).toEqual(Array.from({ length: 500 }, (_, i) => 10 + i));
    // A call that GitHub failed under this load was admitted all the same.
    const refused = answers.filter(({ json }) => json.result._meta?.['gatehouse/error']?.code === 'rate_limited');
    expect(answers.length - refused.length).toBe(100);
    for (const { json } of refused) {
      const error = json.result._meta['gatehouse/error'];
      expect(error.retryable).toBe(true);
      expect(error.retry_after_seconds).toBeGreaterThan(0);
      expect(error.retry_after_seconds).toBeLessThanOrEqual(60);
    }
    // The refused ones after the first are gathered for a minute: then they are one row with their number.
    const rows = await rowsOf(stack(), 101, "client_id = ? AND method = 'tools/call'", person.clientId);
    expect(rows.filter(({ error_code }) => error_code !== 'rate_limited')).toHaveLength(100);
    expect(rows.every(({ session_id }) => session_id === headers['mcp-session-id'])).toBe(true);
  });
});

describe('without limits', () => {
  const stack = useStack({ LIMIT_CLIENT: '10000/1', LIMIT_USER: '10000/1', LIMIT_WRITE: '10000/1' });
  const issue = (n: number, more: object = {}) => ({
    owner: 'acme',
    repo: 'web',
    issue_number: n,
    method: 'get',
    ...more,
  });

  it('300 calls make 300 rows with the right statuses, within five seconds of the last', async () => {
    const { call, person } = await begin(stack(), 'Counted');
    const heal = stack().github.inject({ path: /\/issues\/5(\?|$)/, status: 500, body: { message: 'x' } });
    const kinds: readonly [string, object][] = [
      ['get_me', {}],
      ['no_such_tool', {}],
      ['issue_read', issue(1, { issue_number: 'x' })],
      ['issue_read', issue(5)],
      ['issue_write', { method: 'create', owner: 'acme', repo: 'web', title: 'x' }],
      ['get_file_contents', { owner: 'acme', repo: 'web', path: 'README.md' }],
    ];
    for (let round = 0; round < 10; round++) {
      const calls = Array.from({ length: 30 }, (_, i) => kinds[i % kinds.length] as [string, object]);
      // Not twice the same write: refusals that repeat share a row.
      const titled = (args: object, title: string) => ({ ...args, ...('title' in args && { title }) });
      await Promise.all(
        calls.map(([name, args], i) => call(100 + round * 30 + i, name, titled(args, `${round} ${i}`))),
      );
    }
    heal();
    const rows = await rowsOf(stack(), 300, "client_id = ? AND method = 'tools/call'", person.clientId);
    const counts: Record<string, number> = {};
    for (const { result_status, error_code } of rows) {
      const key = `${result_status} ${error_code}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    expect(counts).toEqual({
      'success null': 100,
      'error unknown_tool': 50,
      'error invalid_arguments': 50,
      'error upstream_unavailable': 50,
      'denied insufficient_scope': 50,
    });
  });

  const quota = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 120) };

  it.each([
    ['401', { status: 401, times: 1, body: { message: 'Bad credentials' } }, 'upstream_unauthorized'],
    ['403 of quota', { status: 403, headers: quota, body: { message: 'rate limit' } }, 'upstream_rate_limited'],
    ['403', { status: 403, body: { message: 'Resource not accessible' } }, 'upstream_forbidden'],
    ['404', { status: 404, body: { message: 'Not Found' } }, 'upstream_not_found'],
    ['409', { status: 409, body: { message: 'Conflict' } }, 'upstream_conflict'],
    ['422', { status: 422, body: { message: 'Validation Failed' } }, 'upstream_invalid'],
    ['429', { status: 429, headers: { 'retry-after': '11' }, body: { message: 'x' } }, 'upstream_rate_limited'],
    ['500', { status: 500, body: 'boom' }, 'upstream_unavailable'],
  ])('GitHub answers %s: an error that a model can act on, and its row', async (name, fault, code) => {
    const { call } = await begin(stack(), `GitHub ${name}`);
    const heal = stack().github.inject({ ...fault, path: /\/issues\/6(\?|$)/ });
    const answer = await call(2, 'issue_read', issue(6));
    heal();
    expect(answer.status).toBe(200);
    expect(answer.json.result.isError).toBe(true);
    const error = answer.json.result._meta['gatehouse/error'];
    expect(error.code).toBe(code);
    if (code === 'upstream_rate_limited') expect(error.retry_after_seconds).toBeGreaterThan(0);
    const { text } = answer.json.result.content[0];
    for (const part of [code, error.hint]) expect(text).toContain(part);
    const [row] = await rowsOf(stack(), 1, 'request_id = ?', answer.headers.get('x-request-id'));
    expect(row).toMatchObject({ result_status: 'error', error_code: code });
    expect(row?.session_id).not.toBeNull();
  });

  it('a cancelled call ends its stream, so that its object can sleep', async () => {
    const { headers, person } = await begin(stack(), 'Cancelling');
    stack().github.reset();
    const heal = stack().github.inject({ path: /\/issues\/2(\?|$)/, hang: true });
    const params = { name: 'issue_read', arguments: issue(2) };
    const call = await fetch(stack().mcpUrl, { method: 'POST', body: body(7, 'tools/call', params), headers });
    const upstream = () => stack().github.requests.find(({ path }) => path.includes('/issues/2'));
    await expect.poll(() => upstream() !== undefined, { timeout: 5000 }).toBe(true);
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
    const sent = await fetch(stack().mcpUrl, { method: 'POST', body: JSON.stringify(cancelled), headers });
    expect(sent.status).toBe(202);
    // It ends by itself: otherwise this would wait until the test times out.
    expect((await read(call)).json).toMatchObject({ id: 7, error: { message: 'The client cancelled the call.' } });
    await expect.poll(() => upstream()?.aborted, { timeout: 5000 }).toBe(true);
    heal();
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'issue_read'", person.clientId);
    expect(row).toMatchObject({ result_status: 'cancelled', error_code: 'cancelled' });
  });

  it('a call can be cancelled before it has an answer of any kind', async () => {
    const { headers, person } = await begin(stack(), 'Hasty');
    stack().github.reset();
    const heal = stack().github.inject({ path: /\/issues\/2(\?|$)/, hang: true });
    const params = { name: 'issue_read', arguments: issue(2) };
    const call = post(stack(), body(7, 'tools/call', params), { headers });
    const upstream = () => stack().github.requests.find(({ path }) => path.includes('/issues/2'));
    await expect.poll(() => upstream() !== undefined, { timeout: 5000, interval: 5 }).toBe(true);
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
    await post(stack(), JSON.stringify(cancelled), { headers });
    // It ends by itself: otherwise this would wait until the test times out.
    expect((await call).json).toMatchObject({ id: 7, error: { message: 'The client cancelled the call.' } });
    await expect.poll(() => upstream()?.aborted, { timeout: 5000 }).toBe(true);
    heal();
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'issue_read'", person.clientId);
    expect(row).toMatchObject({ result_status: 'cancelled', error_code: 'cancelled' });
  });

  it('a call that has its stream ends with its session', async () => {
    const { headers, person } = await begin(stack(), 'Ending');
    stack().github.reset();
    const heal = stack().github.inject({ path: /\/issues\/2(\?|$)/, hang: true });
    const params = { name: 'issue_read', arguments: issue(2) };
    const answer = await fetch(stack().mcpUrl, { method: 'POST', body: body(7, 'tools/call', params), headers });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect((await fetch(stack().mcpUrl, { method: 'DELETE', headers })).status).toBe(200);
    await answer.text();
    const upstream = () => stack().github.requests.find(({ path }) => path.includes('/issues/2'));
    await expect.poll(() => upstream()?.aborted, { timeout: 5000 }).toBe(true);
    heal();
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'issue_read'", person.clientId);
    expect(row).toMatchObject({ result_status: 'cancelled', error_code: 'cancelled' });
  });

  it('a write is done once, however often its id is sent while it runs', async () => {
    const { call } = await begin(stack(), 'Twice', { choose: (boxes) => boxes.map(({ scope }) => scope) });
    const args = { owner: 'acme', repo: 'web', issue_number: 1, body: 'Once.' };
    stack().github.reset();
    const heal = stack().github.inject({ path: /\/issues\/1\/comments$/, method: 'POST', delayMs: 300 });
    const answers = await Promise.all([call(8, 'add_issue_comment', args), call(8, 'add_issue_comment', args)]);
    heal();
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(
      stack().github.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/comments')),
    ).toHaveLength(1);
  });

  it.each([
    ['an answer that it could not read', { accept: 'application/json' }, 406],
    ['a revision that nobody speaks', { 'mcp-protocol-version': '1999-01-01' }, 400],
  ])('a call that the transport refuses for %s is closed', async (clientName, wrong, status) => {
    const { headers, person } = await begin(stack(), clientName);
    const params = { name: 'get_me', arguments: {} };
    const answer = await post(stack(), body(2, 'tools/call', params), { headers: { ...headers, ...wrong } });
    expect(answer.status).toBe(status);
    const [row] = await rowsOf(stack(), 1, "client_id = ? AND method = 'tools/call'", person.clientId);
    expect(row).toMatchObject({ result_status: 'error', error_code: 'invalid_request', tool_name: 'get_me' });
  });

  it('no secret gets into a column by way of a name or a header', async () => {
    const { headers, person, token } = await begin(stack(), 'Careless');
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    const params = { name: `get_me ${secret}`, arguments: {} };
    await post(stack(), body(2, 'tools/call', params), { headers });
    await post(stack(), body(3, 'tools/call', params), { headers: { ...headers, 'mcp-session-id': token } });
    await post(stack(), body(4, 'tools/call', params), { headers: { ...headers, 'mcp-session-id': secret } });
    const rows = await rowsOf(stack(), 3, "client_id = ? AND method = 'tools/call'", person.clientId);
    expect(rows.map(({ tool_name }) => tool_name)).toEqual(Array(3).fill('get_me [redacted]'));
    expect(rows.map(({ session_id }) => session_id).sort()).toEqual([headers['mcp-session-id'], null, null].sort());
    for (const hidden of [secret, token.split(':').at(-1) ?? '']) {
      expect(JSON.stringify(rows)).not.toContain(hidden);
      expect(stack().logs.some(({ message }) => message.includes(hidden))).toBe(false);
    }
  });
});

describe('people who belong to an organisation', () => {
  const stack = useStack({ ALLOWED_USERS: '', ALLOWED_ORGS: 'acme' });

  it('whom GitHub cannot tell of at a refresh keep what they have, and are told when to try again', async () => {
    const { person } = await tokenOf(stack(), { clientName: 'Member' });
    const { refresh_token = '' } = person.tokens() ?? {};
    const refresh = () =>
      fetch(`${stack().url}/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id: person.clientId ?? '' }),
      });
    const heal = stack().github.inject({ path: /^\/user\/memberships\//, status: 500, body: { message: 'x' } });
    const refused = await refresh();
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const error = (await refused.json()) as { error: string; error_description: string };
    expect(error.error).toBe('temporarily_unavailable');
    expect(error.error_description).toContain('same refresh token');
    heal();
    const again = await refresh();
    expect(again.status).toBe(200);
    expect(Object.keys((await again.json()) as object)).toContain('access_token');
    await rowsOf(stack(), 2, "client_id = ? AND method = 'auth/token' AND result_status = 'success'", person.clientId);
    await rowsOf(stack(), 0, "client_id = ? AND method = 'auth/revoke'", person.clientId);
  });
});
