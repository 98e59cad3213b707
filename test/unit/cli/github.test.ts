/** The embedded GitHub, where it is to behave as GitHub and not as the emulator behind it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedGitHub } from '../../../src/cli/github/index.ts';
import { startGitHub } from '../../../src/cli/github/index.ts';
import { LONG_THREAD, LONG_THREAD_COMMENTS } from '../../../src/cli/github/seed-talk.ts';

const CALLBACK = 'http://localhost:9999/callback';

let github: EmbeddedGitHub;
const issued: Record<string, string> = {};

beforeAll(async () => {
  github = await startGitHub({
    redirectUris: [CALLBACK],
    onToken: (token, login) => {
      issued[token] = login;
    },
  });
});
afterAll(async () => await github.stop());
afterEach(() => github.reset());

interface Got {
  status: number;
  link: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: the tests name what they look at.
  body: any;
}

async function get(path: string, token?: string): Promise<Got> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(github.url + path, { headers });
  return { status: response.status, link: response.headers.get('link'), body: await response.json() };
}

/** Goes through the account page as a browser does. */
async function signIn(login: string): Promise<string> {
  const asked = { client_id: github.clientId, redirect_uri: CALLBACK, state: 's', scope: 'repo' };
  const page = await fetch(`${github.url}/login/oauth/authorize?${new URLSearchParams(asked)}`);
  expect(await page.text()).toContain(`value="${login}"`);
  const picked = await fetch(`${github.url}/login/oauth/callback`, {
    method: 'POST',
    body: new URLSearchParams({ login, ...asked }),
    redirect: 'manual',
  });
  const code = new URL(picked.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const answer = await fetch(`${github.url}/login/oauth/access_token`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ client_id: github.clientId, client_secret: github.clientSecret, code }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

describe('embedded GitHub', () => {
  it('issues tokens at the account page, and only those work', async () => {
    const token = await signIn('hubot');
    expect((await get('/user', token)).body.login).toBe('hubot');
    expect(issued[token]).toBe('hubot');
    expect(await get('/user', 'made-up')).toMatchObject({
      status: 401,
      body: { message: 'Bad credentials', status: '401' },
    });
    expect(await get('/user')).toMatchObject({ status: 401, body: { message: 'Requires authentication' } });
    expect(github.revokeTokens('hubot')).toBe(1);
    expect((await get('/user', token)).status).toBe(401);
  });

  it('takes tokens of an earlier run', async () => {
    const later = await startGitHub({ redirectUris: [CALLBACK], tokens: { gho_kept: 'octocat' } });
    try {
      const response = await fetch(`${later.url}/user`, { headers: { authorization: 'token gho_kept' } });
      expect(await response.json()).toMatchObject({ login: 'octocat' });
    } finally {
      await later.stop();
    }
  });

  it('knows who belongs to the organisation', async () => {
    const [member, other] = [await signIn('octocat'), await signIn('hubot')];
    expect(await get('/user/memberships/orgs/acme', member)).toMatchObject({ status: 200, body: { state: 'active' } });
    expect((await get('/user/memberships/orgs/acme', other)).status).toBe(404);
    expect((await get('/user/orgs', member)).body).toMatchObject([{ login: 'acme' }]);
    expect((await get('/user/orgs', other)).body).toEqual([]);
  });

  it('hides private repositories from those who may not see them', async () => {
    const [owner, other] = [await signIn('octocat'), await signIn('hubot')];
    for (const path of [
      '/repos/acme/secrets',
      '/repos/acme/secrets/contents/DEPLOY.md',
      '/repos/octocat/private-notes/issues',
    ]) {
      expect((await get(path, owner)).status).toBe(200);
      expect(await get(path, other)).toMatchObject({ status: 404, body: { message: 'Not Found' } });
    }
  });

  it('lists the real files of a pull request, in pages', async () => {
    const token = await signIn('octocat');
    const small = await get('/repos/acme/web/pulls/7/files', token);
    expect(small.body.map((file: { status: string; filename: string }) => [file.status, file.filename])).toEqual([
      ['removed', 'docs/notes/release checklist.md'],
      ['added', 'src/price.test.ts'],
      ['modified', 'src/price.ts'],
    ]);
    expect(small.body[2].patch).toContain('+  return Math.round(amount * 100) as Cents;');
    expect(small.link).toBeNull();
    expect((await get('/repos/acme/web/pulls/7', token)).body).toMatchObject({
      changed_files: 3,
      additions: 9,
      deletions: 6,
    });

    const names = new Set<string>();
    let next: string | undefined = '/repos/acme/web/pulls/8/files?per_page=50';
    let pages = 0;
    while (next !== undefined) {
      const page: Got = await get(next, token);
      for (const file of page.body) names.add(file.filename);
      pages += 1;
      next = /<([^>]+)>; rel="next"/.exec(page.link ?? '')?.[1]?.slice(github.url.length);
    }
    expect([names.size, pages]).toEqual([120, 3]);
  });

  it('shows pull requests as issues, and marks them among search results', async () => {
    const token = await signIn('octocat');
    expect((await get('/repos/acme/web/issues/7', token)).body).toMatchObject({ number: 7, pull_request: {} });
    const { body } = await get(`/search/issues?q=${encodeURIComponent('repo:acme/web prices')}`, token);
    const marked = Object.fromEntries(
      body.items.map((item: { number: number }) => [item.number, 'pull_request' in item]),
    );
    expect(marked).toMatchObject({ 5: false, 7: true, 9: true });
  });

  it('has a thread of more than one page, a file longer than an answer, and a binary', async () => {
    const token = await signIn('octocat');
    const first = await get(`/repos/acme/web/issues/${LONG_THREAD}/comments?per_page=100`, token);
    expect(first.body).toHaveLength(100);
    expect(first.link).toContain('rel="next"');
    const second = await get(`/repos/acme/web/issues/${LONG_THREAD}/comments?per_page=100&page=2`, token);
    expect(first.body.length + second.body.length).toBe(LONG_THREAD_COMMENTS.length);
    expect((await get('/repos/acme/web/contents/src/products.ts', token)).body.size).toBeGreaterThan(24 * 1024);
    const logo = await get('/repos/acme/web/contents/assets/logo.png', token);
    expect(Buffer.from(logo.body.content, 'base64').subarray(1, 4).toString()).toBe('PNG');
  });

  it('records requests without their tokens, and who left before the answer', async () => {
    const token = await signIn('octocat');
    github.reset();
    github.inject({ path: /^\/zen/, hang: true });
    const leave = new AbortController();
    const asked = fetch(`${github.url}/zen`, {
      headers: { authorization: `Bearer ${token}`, 'x-mark': '1' },
      signal: leave.signal,
    });
    while (github.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    leave.abort();
    await expect(asked).rejects.toThrow('aborted');
    while (github.requests[0]?.endedAt === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(github.requests).toMatchObject([{ method: 'GET', path: '/zen', aborted: true, headers: { 'x-mark': '1' } }]);
    expect(JSON.stringify(github.requests)).not.toContain(token);
  });

  it('fails as told: so often, with these headers, after so long', async () => {
    const token = await signIn('octocat');
    github.inject({
      path: /^\/user$/,
      method: 'GET',
      status: 429,
      headers: { 'retry-after': '7' },
      body: { message: 'slow down' },
      times: 1,
    });
    const headers = { authorization: `Bearer ${token}` };
    const limited = await fetch(`${github.url}/user`, { headers });
    expect([limited.status, limited.headers.get('retry-after'), await limited.json()]).toEqual([
      429,
      '7',
      { message: 'slow down' },
    ]);
    expect((await get('/user', token)).status).toBe(200);
    const stop = github.inject({ path: /^\/user$/, delayMs: 60 });
    const began = performance.now();
    expect((await get('/user', token)).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(50);
    stop();
  });
});
