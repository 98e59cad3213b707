/** Bad input, one by one: the right status, a clear error, a row where a principal is known, never a 5xx. */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../../src/cli/clients.ts';
import { signIn } from '../../src/cli/sign-in.ts';
import type { Stack } from '../../src/cli/stack.ts';
import type { SignedInPerson } from '../support/rpc.ts';
import { callTool, modernBody, modernHeaders, post, read, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({ LIMIT_CLIENT: '10000/1', LIMIT_USER: '10000/1', LIMIT_OTHER: '10000/1' });

let octocat: SignedInPerson;
beforeAll(async () => {
  octocat = await tokenOf(stack());
});

const LIST = modernBody('tools/list');
const headers = (token = octocat.token) => modernHeaders(token, 'tools/list');

/** Objects that a request could name. Writers are a fixed few, and the first gets what was counted two seconds later. */
async function objects(of: Stack): Promise<number> {
  const counts = await Promise.all(
    ['GATE', 'REGISTRY', 'SESSION'].map(
      async (name) => (await of.miniflare.listDurableObjectIds(name, 'gatehouse')).length,
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('tokens', () => {
  it('asks for a sign-in where there is none, and says where', async () => {
    const answer = await post(stack(), LIST, { headers: { ...headers(), authorization: '' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain(
      `resource_metadata="${stack().url}/.well-known/oauth-protected-resource/mcp"`,
    );
    expect(answer.json.error_description).toContain('Sign in');
  });

  it.each([
    ['garbage', 'Bearer garbage'],
    ['three parts of garbage', 'Bearer a:b:c'],
    ['a user id that is not sealed', 'Bearer gh_3:grant:secret'],
    ['a seal of somebody else', `Bearer gh_3.${'A'.repeat(22)}:grant:secret`],
    ['another scheme', 'Basic Zm9vOmJhcg=='],
    ['a very long token', `Bearer ${'x'.repeat(5000)}`],
  ])('refuses %s', async (_, authorization) => {
    const answer = await post(stack(), LIST, { headers: { ...headers(), authorization } });
    expect(answer.status).toBe(401);
    expect(answer.json.error_description).toBeTruthy();
    expect(answer.text).not.toContain('secret');
  });

  it('refuses two tokens in one request, as RFC 9449 figure 19 has it', async () => {
    const answer = await post(stack(), LIST, {
      headers: { ...headers(), authorization: 'Bearer a:b:c, Bearer d:e:f' },
    });
    expect(answer.status).toBe(400);
    expect(answer.json.error).toBe('invalid_request');
  });

  it('refuses a token that was altered, revoked, or issued by another gate', async () => {
    const altered = `${octocat.token.slice(0, -1)}${octocat.token.endsWith('a') ? 'b' : 'a'}`;
    expect((await post(stack(), LIST, { headers: headers(altered) })).status).toBe(401);
    const other = await tokenOf(stack(), { clientName: 'Revoked' });
    const revoked = await fetch(`${stack().url}/token`, {
      method: 'POST',
      body: new URLSearchParams({ token: other.token, client_id: other.person.clientId ?? '' }),
    });
    expect(revoked.status).toBe(200);
    expect((await post(stack(), LIST, { headers: headers(other.token) })).status).toBe(401);
    await rowsOf(stack(), 1, "client_id = ? AND method = 'auth/revoke'", other.person.clientId);
  });

  it('creates no object for 50 made-up tokens and 50 made-up session ids', async () => {
    const before = await objects(stack());
    for (let i = 0; i < 50; i++) {
      const made = createHash('sha256').update(String(i)).digest('hex');
      const token = `gh_${i}.${made.slice(0, 22)}:${made.slice(22, 38)}:${made}`;
      expect((await post(stack(), LIST, { headers: headers(token) })).status).toBe(401);
      const session = {
        authorization: `Bearer ${octocat.token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-session-id': made,
      };
      const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
      expect((await post(stack(), ping, { headers: session })).status).toBe(404);
    }
    expect(await objects(stack())).toBe(before);
  });
});

describe('requests', () => {
  it('answers an unknown tool with an error that says where the names are, and a row', async () => {
    const answer = await callTool(stack(), octocat.token, 'delete_everything', { a: 1 });
    expect(answer.json.error).toMatchObject({ code: -32602, data: { code: 'unknown_tool' } });
    expect(answer.json.error.data.hint).toContain('tools/list');
    const [row] = await rowsOf(stack(), 1, "tool_name = 'delete_everything'");
    expect(row).toMatchObject({ result_status: 'error', error_code: 'unknown_tool', user_login: 'octocat' });
  });

  it('names the argument and the rule, and repeats no value', async () => {
    const answer = await callTool(stack(), octocat.token, 'issue_read', {
      owner: '../../evil-value',
      repo: 'web',
      method: 'get',
      issue_number: 1,
    });
    expect(answer.json.result.isError).toBe(true);
    expect(answer.json.result.content[0].text).toContain('owner');
    expect(answer.text).not.toContain('evil-value');
    await rowsOf(stack(), 1, "error_code = 'invalid_arguments' AND tool_name = 'issue_read'");
  });

  it('has a row for calls that the SDK refuses before a tool is looked for', async () => {
    const answer = await post(stack(), modernBody('tools/call', { name: 'get_me', arguments: {} }), {
      headers: { ...modernHeaders(octocat.token, 'tools/call', 'search_issues') },
    });
    expect(answer.status).toBe(400);
    const [row] = await rowsOf(stack(), 1, "error_code = 'invalid_request'");
    expect(row).toMatchObject({ result_status: 'error', tool_name: 'get_me' });
  });

  it.each([
    ['not JSON', '{"jsonrpc":', 400, -32700],
    ['an empty batch', '[]', 400, -32600],
    [
      'a batch that is too long',
      JSON.stringify(Array(21).fill({ jsonrpc: '2.0', id: 1, method: 'ping' })),
      400,
      -32600,
    ],
    ['a batch of garbage', '[1, null, "x", [], {"jsonrpc": "1.0"}, {"id": {}}]', 400, undefined],
    ['a number', '42', 400, undefined],
    ['null', 'null', 400, undefined],
    ['a deep array', `${'['.repeat(20000)}${']'.repeat(20000)}`, 400, undefined],
    ['a method that is no string', '{"jsonrpc":"2.0","id":1,"method":{}}', 400, undefined],
  ])('refuses %s', async (_, body, status, code) => {
    for (const more of [{}, { 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': '0'.repeat(64) }]) {
      const answer = await post(stack(), body, { headers: { ...headers(), ...more } });
      expect([status, 404]).toContain(answer.status);
      if (code !== undefined) expect(answer.json.error.code).toBe(code);
    }
  });

  it('refuses 10 MB, whether it is announced or not', async () => {
    const big = `{"x":"${'a'.repeat(10_000_000)}"}`;
    const answer = await post(stack(), big, { headers: headers() });
    expect(answer.status).toBe(413);
    expect(answer.json.error.message).toContain('1048576');
    const stream = new Blob([big]).stream();
    const streamed = await post(stack(), stream, { headers: headers(), duplex: 'half' } as RequestInit);
    expect(streamed.status).toBe(413);
  });

  it('wants JSON', async () => {
    const answer = await post(stack(), LIST, { headers: { ...headers(), 'content-type': 'text/plain' } });
    expect(answer.status).toBe(415);
  });

  it.each([
    'null',
    'http://localhost.evil.example',
    'https://evil.example',
    'http://127.0.0.1:1',
    'file://',
    'http://localhost',
  ])('refuses the origin %s before it looks at the token', async (origin) => {
    for (const authorization of [`Bearer ${octocat.token}`, 'Bearer garbage']) {
      const answer = await post(stack(), LIST, { headers: { ...headers(), authorization, origin } });
      expect(answer.status).toBe(403);
      expect(answer.json.error.data.code).toBe('forbidden_origin');
    }
  });

  it('lets its own origin pass', async () => {
    expect((await post(stack(), LIST, { headers: { ...headers(), origin: stack().url } })).status).toBe(200);
  });

  it.each(['evil.example', 'localhost', 'localhost.evil.example:80', '127.0.0.1'])(
    'refuses the host %s',
    async (host) => {
      const { port } = new URL(stack().url);
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const sent = request(
          { host: '127.0.0.1', port, path: '/mcp', method: 'POST', headers: { ...headers(), host } },
          (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          },
        );
        sent.on('error', reject);
        sent.end(LIST);
      });
      expect(status).toBe(421);
    },
  );

  it('names the right URL to a client that was given only the origin', async () => {
    const answer = await fetch(stack().url, { method: 'POST', headers: headers(), body: LIST });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await answer.text()).toContain(stack().mcpUrl);
  });

  it.each(['PUT', 'PATCH'])('does not know %s', async (method) => {
    const answer = await fetch(stack().mcpUrl, { method, headers: headers(), body: LIST });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toContain('POST');
  });

  it('carries a request id on every answer, the same as in the row', async () => {
    const answer = await callTool(stack(), octocat.token, 'get_file_contents', {
      owner: 'acme',
      repo: 'web',
      path: 'nope.md',
    });
    const id = answer.headers.get('x-request-id');
    expect(id).toMatch(/^req_[a-z2-7]{16}$/);
    const [row] = await rowsOf(stack(), 1, 'request_id = ?', id);
    expect(row).toMatchObject({ error_code: 'upstream_not_found' });
    expect(stack().logs.some((line) => line.message.includes(String(id)))).toBe(true);
  });
});

describe('sessions', () => {
  const session = (token: string, id?: string) => ({
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(id !== undefined && { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }),
  });
  const clientInfo = { name: 'raw', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  const INITIALIZE = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const CALL = JSON.stringify({
    jsonrpc: '2.0',
    id: 2,
    method: 'tools/call',
    params: { name: 'get_me', arguments: {} },
  });

  it('wants a session id, and a known one; the refused call has its row', async () => {
    expect((await post(stack(), CALL, { headers: session(octocat.token) })).status).toBe(400);
    const unknown = await post(stack(), CALL, { headers: session(octocat.token, 'f'.repeat(64)) });
    expect(unknown.status).toBe(404);
    expect(unknown.json.error.message).toContain('initialize');
    const rows = await rowsOf(
      stack(),
      2,
      "error_code = 'invalid_request' AND tool_name = 'get_me' AND error_message LIKE '%ession%'",
    );
    expect(rows.every((row) => row.result_status === 'error')).toBe(true);
  });

  it('takes an id once while its request is in progress, so that no record is closed by another', async () => {
    const { token, person } = await tokenOf(stack());
    const begun = await post(stack(), INITIALIZE, { headers: session(token) });
    const named = session(token, begun.headers.get('mcp-session-id') ?? '');
    const heal = stack().github.inject({ path: /^\/user(\?|$)/, delayMs: 1500 });
    // Both run where they were admitted, until they ask the session for a stream.
    const first = await fetch(stack().mcpUrl, { method: 'POST', body: CALL, headers: named });
    const second = await post(stack(), CALL, { headers: named });
    heal();
    expect(second).toMatchObject({ status: 400, json: { id: 2, error: { code: -32600 } } });
    expect((await read(first)).json).toMatchObject({ id: 2, result: { structuredContent: { login: 'octocat' } } });
    const rows = await rowsOf(stack(), 2, "client_id = ? AND tool_name = 'get_me'", person.clientId);
    expect(rows.map(({ result_status }) => result_status).sort()).toEqual(['error', 'success']);
  });

  it('is not there for another user, with a row of who tried', async () => {
    const begun = await post(stack(), INITIALIZE, { headers: session(octocat.token) });
    const id = begun.headers.get('mcp-session-id') ?? '';
    const hubot = await tokenOf(stack(), { login: 'hubot' });
    const refused = await post(stack(), CALL, { headers: session(hubot.token, id) });
    expect(refused.status).toBe(404);
    await rowsOf(stack(), 1, "user_login = 'hubot' AND session_id = ? AND result_status = 'error'", id);
    expect((await post(stack(), CALL, { headers: session(octocat.token, id) })).status).toBe(200);
  });
});

describe('the authorization server', () => {
  /** A whole sign-in by hand. Out: the code and what is needed to redeem it. */
  async function code(login = 'octocat') {
    const person = new Person({ login });
    const registered = await fetch(`${stack().url}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(person.clientMetadata),
    });
    const { client_id } = (await registered.json()) as { client_id: string };
    const verifier = 'v'.repeat(50);
    const url = new URL(`${stack().url}/authorize`);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id,
      redirect_uri: person.redirectUrl,
      state: 'xyz',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      resource: stack().mcpUrl,
    })) {
      url.searchParams.set(name, value);
    }
    const { redirect } = await signIn(url, { login });
    return { redirect: redirect.searchParams, client_id, verifier, url, redirect_uri: person.redirectUrl };
  }

  const redeem = (form: Record<string, string>) =>
    fetch(`${stack().url}/token`, { method: 'POST', body: new URLSearchParams(form) });

  // The bundle leaves out what serves them (src/cli/bundle/unused.ts).
  it.each(['urn:ietf:params:oauth:grant-type:jwt-bearer', 'urn:ietf:params:oauth:grant-type:token-exchange'])(
    'has no grant type %s',
    async (grant_type) => {
      const { client_id } = await code();
      const answer = await redeem({
        grant_type,
        client_id,
        assertion: 'a.b.c',
        subject_token: octocat.token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: 'unsupported_grant_type' });
    },
  );

  it('turns away a login that is not on the list, with a clear reason and a row', async () => {
    const { redirect, client_id } = await code('mallory');
    expect(redirect.get('error')).toBe('access_denied');
    expect(redirect.get('error_description')).toContain('mallory is not on the list');
    expect(redirect.get('state')).toBe('xyz');
    expect(redirect.get('iss')).toBe(stack().url);
    expect(redirect.get('code')).toBeNull();
    const [row] = await rowsOf(stack(), 1, 'client_id = ?', client_id);
    expect(row).toMatchObject({ method: 'auth/sign_in', result_status: 'denied', user_login: 'mallory' });
  });

  it('answers a consent that is no form, and a tool name that is no string, without failing', async () => {
    for (const body of ['{}', '', '--x']) {
      const answer = await fetch(`${stack().url}/authorize`, {
        method: 'POST',
        body,
        headers: { origin: stack().url },
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    const params = { name: { toString: 1, valueOf: 1 }, arguments: {} };
    const odd = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    expect((await post(stack(), odd, { headers: headers() })).status).toBeLessThan(500);
  });

  it('takes a code once; the second use is refused, ends the grant, and leaves a row', async () => {
    const { redirect, client_id, verifier, redirect_uri } = await code();
    const form = {
      grant_type: 'authorization_code',
      code: redirect.get('code') ?? '',
      redirect_uri,
      client_id,
      code_verifier: verifier,
    };
    const first = await redeem(form);
    expect(first.status).toBe(200);
    const { access_token } = (await first.json()) as { access_token: string };
    expect((await post(stack(), LIST, { headers: headers(access_token) })).status).toBe(200);
    // The very same request is a client that lost its answer: it gets it again, and nothing new.
    expect(await (await redeem(form)).json()).toMatchObject({ access_token });
    const second = await redeem({ ...form, resource: stack().mcpUrl });
    expect(second.status).toBe(400);
    expect(await second.json()).toMatchObject({ error: 'invalid_grant' });
    expect((await post(stack(), LIST, { headers: headers(access_token) })).status).toBe(401);
    await rowsOf(stack(), 1, "client_id = ? AND method = 'auth/token' AND result_status = 'denied'", client_id);
  });

  it('writes no row for a refresh token whose grant never was', async () => {
    const { redirect, client_id, verifier, redirect_uri } = await code();
    const form = { code: redirect.get('code') ?? '', redirect_uri, client_id, code_verifier: verifier };
    const issued = await redeem({ grant_type: 'authorization_code', ...form });
    const { refresh_token } = (await issued.json()) as { refresh_token: string };
    const [sealedUser] = refresh_token.split(':');
    const refresh = (token: string) => redeem({ grant_type: 'refresh_token', refresh_token: token, client_id });
    expect((await refresh(`${sealedUser}:${'m'.repeat(16)}:${'x'.repeat(32)}`)).status).toBe(400);
    expect((await refresh(refresh_token)).status).toBe(200);
    const rows = await rowsOf(stack(), 2, "client_id = ? AND method = 'auth/token'", client_id);
    expect(rows.map(({ result_status }) => result_status)).toEqual(['success', 'success']);
  });

  it('refuses a code with a wrong verifier, client or redirect URI, and does not spend it', async () => {
    const { redirect, client_id, verifier, redirect_uri } = await code();
    const form = { grant_type: 'authorization_code', code: redirect.get('code') ?? '', redirect_uri, client_id };
    for (const wrong of [
      { code_verifier: 'w'.repeat(50) },
      {},
      { code_verifier: verifier, client_id: 'somebody' },
      { code_verifier: verifier, redirect_uri: 'http://127.0.0.1:1/callback' },
    ]) {
      const answer = await redeem({ ...form, ...wrong } as Record<string, string>);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect((await redeem({ ...form, code_verifier: verifier })).status).toBe(200);
  });

  it.each([
    ['no challenge', { code_challenge: '' }],
    ['a plain challenge', { code_challenge_method: 'plain' }],
  ])('demands PKCE with S256: %s', async (_, change) => {
    const { url } = await code();
    for (const [name, value] of Object.entries(change))
      value === '' ? url.searchParams.delete(name) : url.searchParams.set(name, value);
    const answer = await fetch(url, { redirect: 'manual' });
    const target = new URL(answer.headers.get('location') ?? stack().url);
    expect(target.searchParams.get('error')).toBe('invalid_request');
    expect(target.searchParams.get('iss')).toBe(stack().url);
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['another redirect URI', { redirect_uri: 'https://evil.example/cb' }],
  ])('shows a page and redirects nowhere for %s', async (_, change) => {
    const { url } = await code();
    for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value);
    const answer = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.headers.get('content-type')).toContain('text/html');
  });

  it('demands PKCE of confidential clients too', async () => {
    const registered = await fetch(`${stack().url}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Confidential',
        redirect_uris: ['https://app.example/cb'],
        token_endpoint_auth_method: 'client_secret_basic',
      }),
    });
    const { client_id } = (await registered.json()) as { client_id: string };
    const query = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri: 'https://app.example/cb',
      state: 's',
    });
    const answer = await fetch(`${stack().url}/authorize?${query}`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toContain('error=invalid_request');
  });

  it('refuses a consent that another browser began, and a callback with another state', async () => {
    const { url } = await code();
    const page = await (await fetch(url)).text();
    const handle = /name="handle" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const forged = await fetch(`${stack().url}/authorize`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ handle, decision: 'approve', scope: 'tools:list' }),
    });
    expect(forged.status).toBe(400);
    const callback = await fetch(`${stack().url}/callback?code=x&state=made-up`, { redirect: 'manual' });
    expect(callback.status).toBe(400);
  });
});
