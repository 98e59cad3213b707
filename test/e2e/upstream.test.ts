/** A GitHub that refuses, fails, hangs or talks nonsense: a structured error a model can act on, and its row. */
import { beforeAll, describe, expect, it } from 'vitest';
import { connectSession, Person } from '../../src/cli/clients.ts';
import type { Fault } from '../../src/cli/github/index.ts';
import type { SignedInPerson } from '../support/rpc.ts';
import { callTool, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({ LIMIT_CLIENT: '10000/1', LIMIT_USER: '10000/1' });

let octocat: SignedInPerson;
beforeAll(async () => {
  octocat = await tokenOf(stack());
});

const PATH = /^\/repos\/acme\/web\/issues\/6(\?|$)/;
const reset = () => String(Math.floor(Date.now() / 1000) + 120);
const quota = () => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset() });

type Case = readonly [name: string, fault: Omit<Fault, 'path'>, code: string, more?: Record<string, unknown>];

const CASES: readonly Case[] = [
  ['401', { status: 401, body: { message: 'Bad credentials' } }, 'upstream_unauthorized', { retryable: false }],
  [
    '403 of quota',
    { status: 403, headers: quota(), body: { message: 'rate limit' } },
    'upstream_rate_limited',
    { retryable: true },
  ],
  [
    '403 of a secondary limit',
    { status: 403, headers: { 'retry-after': '7' }, body: { message: 'secondary rate limit' } },
    'upstream_rate_limited',
    { retry_after_seconds: 7 },
  ],
  ['403', { status: 403, body: { message: 'Resource not accessible' } }, 'upstream_forbidden', { retryable: false }],
  ['404', { status: 404, body: { message: 'Not Found' } }, 'upstream_not_found', { retryable: false }],
  ['409', { status: 409, body: { message: 'Conflict' } }, 'upstream_conflict', { retryable: false }],
  [
    '422',
    { status: 422, body: { message: 'Validation Failed', errors: [{ field: 'title', code: 'missing_field' }] } },
    'upstream_invalid',
    { retryable: false },
  ],
  [
    '429',
    { status: 429, headers: { 'retry-after': '11' }, body: { message: 'Too many' } },
    'upstream_rate_limited',
    { retry_after_seconds: 11 },
  ],
  [
    '500',
    { status: 500, body: 'boom ghp_16C7e42F292c6912E7710c838347Ae178B4a' },
    'upstream_unavailable',
    { retryable: true },
  ],
  [
    '200 that is not JSON',
    { status: 200, body: '<html>ghp_16C7e42F292c6912E7710c838347Ae178B4a</html>' },
    'upstream_malformed',
    { retryable: false },
  ],
  ['200 of another shape', { status: 200, body: { surprise: true } }, 'upstream_malformed', { retryable: false }],
];

describe('GitHub answers', () => {
  it.each(CASES)('%s', async (_, fault, code, more = {}) => {
    const heal = stack().github.inject({ ...(fault as unknown as Fault), path: PATH });
    const args = { owner: 'acme', repo: 'web', issue_number: 6, method: 'get' };
    // A limit is remembered for as long as it lasts, for the sign-in that met it.
    const { token } = code === 'upstream_rate_limited' ? await tokenOf(stack()) : octocat;
    const answer = await callTool(stack(), token, 'issue_read', args);
    heal();
    expect(answer.status).toBe(200);
    expect(answer.json.result.isError).toBe(true);
    const error = answer.json.result._meta['gatehouse/error'];
    expect(error).toMatchObject({ code, ...(more as object) });
    expect(error.hint.length).toBeGreaterThan(20);
    if (code === 'upstream_rate_limited') expect(error.retry_after_seconds).toBeGreaterThan(0);
    const { text } = answer.json.result.content[0];
    expect(text).toContain(code);
    expect(text).toContain(error.hint);
    expect(answer.text).not.toContain('ghp_');
    const [row] = await rowsOf(stack(), 1, 'request_id = ?', answer.headers.get('x-request-id'));
    expect(row).toMatchObject({ result_status: 'error', error_code: code });
    expect(JSON.stringify(row)).not.toContain('ghp_');
  });

  it('revoked sign-in: says that the person has to reconnect, and ends the grant with a row', async () => {
    const { token } = await tokenOf(stack(), { clientName: 'Gone', login: 'hubot' });
    expect(stack().github.revokeTokens('hubot')).toBeGreaterThan(0);
    const answer = await callTool(stack(), token, 'get_me', {});
    expect(answer.json.result._meta['gatehouse/error']).toMatchObject({ code: 'upstream_unauthorized' });
    expect(answer.json.result.content[0].text).toContain('reconnect');
    await expectEnded(token, 'Gone');
  });

  it('revoked sign-in: the same in a session', async () => {
    const person = new Person({ clientName: 'Gone too', login: 'hubot' });
    const { client, close } = await connectSession(stack().mcpUrl, { person });
    const token = person.accessToken ?? '';
    expect(stack().github.revokeTokens('hubot')).toBeGreaterThan(0);
    const answer = await client.callTool({ name: 'get_me', arguments: {} });
    expect(answer._meta?.['gatehouse/error']).toMatchObject({ code: 'upstream_unauthorized' });
    await expectEnded(token, 'Gone too');
    await close().catch(() => undefined);
  });

  it('a 401 here and there ends nothing', async () => {
    const { token } = await tokenOf(stack(), { clientName: 'Stays' });
    const heal = stack().github.inject({
      path: /^\/user$/,
      times: 1,
      status: 401,
      body: { message: 'Bad credentials' },
    });
    const odd = await callTool(stack(), token, 'get_me', {});
    heal();
    expect(odd.json.result._meta['gatehouse/error']).toMatchObject({ code: 'upstream_unauthorized' });
    expect((await callTool(stack(), token, 'get_me', {})).json.result.isError).not.toBe(true);
  });

  /** The client's next request is told to sign in again, and the log says why. */
  async function expectEnded(token: string, clientName: string): Promise<void> {
    const next = await callTool(stack(), token, 'get_me', {});
    expect(next.status).toBe(401);
    expect(next.headers.get('www-authenticate')).toContain('invalid_token');
    const [row] = await rowsOf(stack(), 1, "client_name = ? AND method = 'auth/revoke'", clientName);
    expect(JSON.parse(row?.arguments ?? '{}')).toEqual({ reason: 'upstream_revoked' });
  }

  it('never sees the token of the gate', async () => {
    await callTool(stack(), octocat.token, 'get_me', {});
    const secret = octocat.token.split(':').at(-1) ?? '';
    expect(JSON.stringify(stack().github.requests)).not.toContain(secret);
    expect(stack().logs.some((line) => line.message.includes(secret))).toBe(false);
    const rows = await stack().query('SELECT * FROM mcp_audit_log');
    expect(JSON.stringify(rows)).not.toContain(secret);
  });
});
