/** What the Worker under test finds on the internet: the documents of `client.dev`, GitHub's token endpoint, and a count of who was asked for what. */
const counts = new Map<string, number>();

const GOOD = {
  client_id: 'https://client.dev/good.json',
  client_name: 'A client of its own',
  redirect_uris: ['https://client.dev/cb'],
  token_endpoint_auth_method: 'none',
};

interface OutsideAnswer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

/**
 * GitHub's answer to a refresh token, by its name: `ghr_bad…` is revoked, `ghr_down…` meets a GitHub that fails,
 * `ghr_wrong…` one that does not know this client; every other one is good once, `ghr_short…` for two minutes.
 */
function refreshed(token: string): OutsideAnswer {
  const key = `refresh:${token}`;
  const used = counts.get(key) ?? 0;
  counts.set(key, used + 1);
  const json = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value), type: 'application/json' });
  if (token.startsWith('ghr_down')) return json({ message: 'unicorn' }, 502);
  if (token.startsWith('ghr_wrong')) return json({ error: 'incorrect_client_credentials' });
  if (token.startsWith('ghr_bad') || used > 0) return json({ error: 'bad_refresh_token' });
  return json({
    access_token: `ghu_after_${token}`,
    expires_in: token.startsWith('ghr_short') ? 120 : 28_800,
    refresh_token: `${token}_next`,
  });
}

/** GitHub's answer about a membership, by the name of the organisation; of `flaky` it fails every other time. */
function membership(org: string, times: number): OutsideAnswer {
  const json = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value), type: 'application/json' });
  if (org === 'stranger') return json({ message: 'Not Found' }, 404);
  if (org === 'down' || (org === 'flaky' && times % 2 === 1)) return json({ message: 'unicorn' }, 503);
  return json({ state: org === 'pending' ? 'pending' : 'active' });
}

/** Answers every request that leaves the Worker. */
export async function outside(url: string, sent = ''): Promise<OutsideAnswer> {
  const { hostname, pathname, searchParams } = new URL(url);
  if (hostname === 'github.invalid' && pathname === '/login/oauth/access_token') {
    return refreshed(new URLSearchParams(sent).get('refresh_token') ?? '');
  }
  if (hostname === 'count.dev')
    return { status: 200, body: String(counts.get(searchParams.get('path') ?? '') ?? 0), type: 'text/plain' };
  counts.set(pathname, (counts.get(pathname) ?? 0) + 1);
  const json = (value: unknown) => ({ status: 200, body: JSON.stringify(value), type: 'application/json' });
  const org = /^\/user\/memberships\/orgs\/([a-z]+)/.exec(pathname)?.[1];
  if (hostname === 'api.github.invalid' && org !== undefined) {
    if (org === 'slow') await new Promise((resolve) => setTimeout(resolve, 1000));
    return membership(org, counts.get(pathname) ?? 0);
  }
  if (hostname !== 'client.dev') return { status: 404, body: '', type: 'text/plain' };
  if (pathname === '/good.json') return json(GOOD);
  if (pathname === '/other.json') return json({ ...GOOD, client_id: 'https://elsewhere.dev/c.json' });
  if (pathname === '/huge.json')
    return json({ ...GOOD, client_id: `https://client.dev${pathname}`, filler: 'x'.repeat(9000) });
  if (pathname === '/not.json') return { status: 200, body: '<html>', type: 'text/html' };
  return { status: 404, body: '', type: 'text/plain' };
}
