/** Tenants side by side on one origin: what is one's is worthless at another. */
import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { configNamed } from '../../src/tenants/lookup.ts';
import { resealSecrets } from '../../src/tenants/reseal.ts';
import { openSecret, sealingKey, sealSecret } from '../../src/tenants/secrets.ts';
import { CHALLENGE, Flow, REDIRECT } from './grants.ts';
import { migrate } from './migrate.ts';
import { addTenant, configsOf } from './tenants.ts';

const TENANTS = ['default', 'acme', 'globex'] as const;
type Tenant = (typeof TENANTS)[number];
/** Each with each other one. */
const WRONG = TENANTS.flatMap((from) => TENANTS.filter((to) => to !== from).map((to) => [from, to] as const));
const flows = {} as Record<Tenant, Flow>;

beforeAll(async () => {
  await migrate(env.AUDIT_DB);
  const { secretKeys } = await configNamed(env, 'default');
  const own = {
    ALLOWED_USERS: 'octocat',
    ADMINS: 'hubot',
    GITHUB_URL: 'https://github.globex.example',
    GITHUB_API_URL: 'https://github.globex.example/api/v3',
    GITHUB_CLIENT_ID: 'globex-app',
    LIMIT_CLIENT: '7/60',
  };
  const clientSecret = await sealSecret(await sealingKey(secretKeys), 'globex', 'the secret of globex');
  await addTenant('acme');
  await addTenant('globex', { settings: own, clientSecret });
  await addTenant('moved', { settings: own, clientSecret });
  await addTenant('half', { settings: { ALLOWED_USERS: 'octocat', GITHUB_URL: 'https://evil.example' } });
  await addTenant('wrong', {
    settings: { ALLOWED_USERS: 'octocat', LIMIT_CLIENT: 'many', PUBLIC_URL: 'https://x.example' },
  });
  await addTenant('off', { disabled: true });
  for (const config of await configsOf(...TENANTS)) flows[config.tenant as Tenant] = await Flow.of(config);
});

const get = (path: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(new Request(`https://gate.example${path}`, { redirect: 'manual', headers }));

describe('the settings of a tenant', () => {
  it('are its own, with the GitHub of the deployment where it names none', async () => {
    const [main, acme, globex] = await configsOf('default', 'acme', 'globex');
    expect(acme).toMatchObject({ tenant: 'acme', base: '/t/acme', issuer: 'https://gate.example/t/acme' });
    expect(acme?.github).toEqual(main?.github);
    expect(globex?.github).toEqual({
      url: 'https://github.globex.example',
      apiUrl: 'https://github.globex.example/api/v3',
      clientId: 'globex-app',
      clientSecret: 'the secret of globex',
    });
    expect(globex?.limits.client).toEqual({ count: 7, seconds: 60 });
    expect(acme?.limits.client).toEqual({ count: 100, seconds: 60 });
    expect([main?.admins, globex?.admins]).toEqual([[], ['hubot']]);
  });

  it.each([
    ['off', 403, 'tenant_disabled'],
    ['nobody', 404, 'unknown_tenant'],
    // It has one place only.
    ['default', 404, 'There is nothing at'],
    ['..%2fdefault', 404, 'unknown_tenant'],
    // A sealed secret belongs to the row it was made for, and the deployment's secret goes to no other GitHub.
    ['moved', 503, 'GITHUB_CLIENT_SECRET'],
    ['half', 503, 'GITHUB_CLIENT_ID is missing; GITHUB_CLIENT_SECRET is missing'],
    ['wrong', 503, 'PUBLIC_URL is no setting of a tenant'],
  ])('that cannot be served are refused everywhere, and say why: %s', async (tenant, status, reason) => {
    const paths = ['', '/mcp', '/authorize', '/account', '/callback', '/.well-known/oauth-authorization-server'];
    for (const path of [
      ...paths.map((end) => `/t/${tenant}${end}`),
      `/.well-known/oauth-protected-resource/t/${tenant}/mcp`,
    ]) {
      const answer = await get(path);
      expect(answer.status, path).toBe(status);
      expect(await answer.text(), path).toContain(reason);
    }
    const page = await get(`/t/${tenant}/account`, { accept: 'text/html' });
    expect([page.status, page.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    const posted = await exports.default.fetch(new Request(`https://gate.example/t/${tenant}/mcp`, { method: 'POST' }));
    expect(posted.status).toBe(status);
    expect(await posted.json()).toMatchObject({ jsonrpc: '2.0', id: null });
  });
});

describe('the secret of a tenant', () => {
  const first = { id: 'k1', secret: 'the first key of a Worker, 0123456789' };
  const second = { id: 'k2', secret: 'the second key of a Worker, 0123456789' };

  it('moves to the current key, unless no key opens it, and opens as before', async () => {
    const settings = { ALLOWED_USERS: 'octocat', GITHUB_CLIENT_ID: 'x' };
    const sealed = await sealSecret(await sealingKey([first]), 'aged', 'of aged');
    const lost = await sealSecret(await sealingKey([{ id: 'k0', secret: 'gone' }]), 'lost', 'of lost');
    await addTenant('aged', { settings, clientSecret: sealed });
    await addTenant('lost', { settings, clientSecret: lost });
    const secretOf = async (id: string) =>
      (await env.AUDIT_DB.prepare('SELECT client_secret FROM mcp_tenants WHERE id = ?')
        .bind(id)
        .first<string>('client_secret')) ?? '';
    expect(await resealSecrets(env.AUDIT_DB, [second, first])).toBe(1);
    const now = await secretOf('aged');
    expect(now).toMatch(/^k2\./);
    expect(await openSecret([second], 'aged', now)).toBe('of aged');
    expect(await secretOf('lost')).toBe(lost);
    expect(await resealSecrets(env.AUDIT_DB, [second, first])).toBe(0);
    expect(await secretOf('aged')).toBe(now);
  });
});

describe('the documents of a tenant', () => {
  it.each(TENANTS)('name its own issuer, resource and endpoints: %s', async (tenant) => {
    const base = tenant === 'default' ? '' : `/t/${tenant}`;
    const issuer = `https://gate.example${base}`;
    const places = [`/.well-known/oauth-authorization-server${base}`, `${base}/.well-known/oauth-authorization-server`];
    for (const place of places) {
      expect(await (await get(place)).json(), place).toMatchObject({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        registration_endpoint: `${issuer}/register`,
      });
    }
    const documents = [
      `/.well-known/oauth-protected-resource${base}/mcp`,
      `${base}/.well-known/oauth-protected-resource`,
    ];
    for (const place of [...documents, `${base}/.well-known/oauth-protected-resource/mcp`]) {
      expect(await (await get(place)).json(), place).toMatchObject({
        resource: `${issuer}/mcp`,
        authorization_servers: [issuer],
      });
    }
    const refused = await exports.default.fetch(new Request(`${issuer}/mcp`, { method: 'POST' }));
    expect(refused.headers.get('www-authenticate')).toContain(
      `resource_metadata="https://gate.example/.well-known/oauth-protected-resource${base}/mcp"`,
    );
  });

  it('are not those of the deployment', async () => {
    for (const path of ['/t/acme/healthz', '/t/acme/sealing-key']) expect((await get(path)).status).toBe(404);
    expect((await get('/healthz')).status).toBe(200);
    expect(await (await get('/sealing-key')).json()).toEqual({
      key_id: 'k1',
      public_key: expect.stringMatching(/^[\w-]{43}$/),
    });
  });
});

describe('at its own tenant', () => {
  it.each(TENANTS)('everything works, or the refusals below would show nothing: %s', async (tenant) => {
    const flow = flows[tenant];
    const { access_token, refresh_token } = await flow.signedIn('gh_1');
    expect(await flow.isAlive(access_token)).toBe(true);
    const session = await flow.session(access_token);
    expect(session).toMatch(/^[0-9a-f]{64}$/);
    expect((await flow.post(access_token, { id: 2, method: 'ping' }, { 'mcp-session-id': session })).status).toBe(200);
    expect((await flow.refresh(refresh_token)).status).toBe(200);
    expect((await get(authorizePath(flow, flow.clientId))).status).toBe(200);
  });
});

describe.each(WRONG)('what is of %s, at %s', (from, to) => {
  it('an access token is refused, also by the object of its own session', async () => {
    const [own, other] = [flows[from], flows[to]];
    const { access_token } = await own.signedIn('gh_2');
    expect(await other.isAlive(access_token)).toBe(false);
    const session = await own.session(access_token);
    const named = { 'mcp-session-id': session };
    expect((await other.post(access_token, { id: 2, method: 'ping' }, named)).status).toBe(401);
    const visitor = await other.signedIn('gh_2');
    expect((await other.post(visitor.access_token, { id: 2, method: 'ping' }, named)).status).toBe(404);
    expect((await own.post(access_token, { id: 3, method: 'ping' }, named)).status).toBe(200);
  });

  it('a code is refused, and is still good where it belongs', async () => {
    const [own, other] = [flows[from], flows[to]];
    const code = await own.codeOf('gh_3');
    for (const client_id of [own.clientId, other.clientId]) {
      const { status, body } = await other.redeem(code, { client_id });
      expect([400, 401]).toContain(status);
      expect(body.access_token).toBeUndefined();
    }
    expect((await own.redeem(code)).status).toBe(200);
  });

  it('a refresh token is refused and cannot be revoked, and is still good where it belongs', async () => {
    const [own, other] = [flows[from], flows[to]];
    const { refresh_token, access_token } = await own.signedIn('gh_4');
    for (const client_id of [own.clientId, other.clientId]) {
      const { status, body } = await other.refresh(refresh_token, { client_id });
      expect([400, 401]).toContain(status);
      expect(body.access_token).toBeUndefined();
      await other.token({ token: refresh_token, client_id }).catch(() => undefined);
    }
    expect(await own.isAlive(access_token)).toBe(true);
    expect((await own.refresh(refresh_token)).status).toBe(200);
  });

  it('a client is not known', async () => {
    const [own, other] = [flows[from], flows[to]];
    const answer = await get(authorizePath(other, own.clientId));
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    const { status, body } = await other.redeem('x', { client_id: own.clientId });
    expect([status, body.error]).toEqual([401, 'invalid_client']);
  });

  it('a token for its resource is not given out', async () => {
    const [own, other] = [flows[from], flows[to]];
    const answer = await get(authorizePath(own, own.clientId, `${other.config.issuer}/mcp`));
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_target');
    const code = await own.codeOf('gh_5');
    expect((await own.redeem(code, { resource: `${other.config.issuer}/mcp` })).body.error).toBe('invalid_target');
  });

  it('a consent that was begun cannot be finished', async () => {
    const [own, other] = [flows[from], flows[to]];
    const page = await get(authorizePath(own, own.clientId));
    const handle = /name="handle" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    const cookie = page.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
    expect(cookie).toHaveLength(1);
    // Also where a browser were made to send the cookie under the other tenant's name for it.
    const nameOf = ({ config: { tenant } }: Flow) => `__Host-oauth-${tenant === 'default' ? '' : `t-${tenant}-`}`;
    const renamed = (cookie[0] ?? '').replace(nameOf(own), nameOf(other));
    expect(renamed).not.toBe(cookie[0]);
    const send = (flow: Flow, sent: string) =>
      exports.default.fetch(
        new Request(`${flow.config.issuer}/authorize`, {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie: sent },
          body: new URLSearchParams({ handle, decision: 'approve', scope: 'tools:list' }),
        }),
      );
    for (const sent of [cookie[0] ?? '', renamed]) expect((await send(other, sent)).status).toBe(400);
    const gone = await send(own, cookie[0] ?? '');
    expect(gone.status).toBe(302);
    const upstream = new URL(gone.headers.get('location') ?? '');
    expect(upstream.origin).toBe(own.config.github.url);
    expect(upstream.searchParams.get('redirect_uri')).toBe(`${own.config.issuer}/callback`);
    // Nor with the way back from GitHub.
    const back = await get(`${other.config.base}/callback?code=x&state=${upstream.searchParams.get('state')}`, {
      cookie: gone.headers
        .getSetCookie()
        .map((line) => (line.split(';')[0] ?? '').replace(nameOf(own), nameOf(other)))
        .join('; '),
    });
    expect(back.status).toBe(400);
  });
});

function authorizePath({ config }: Flow, client_id: string, resource = `${config.issuer}/mcp`): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: REDIRECT,
    state: 's',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    resource,
  });
  return `${config.base}/authorize?${query}`;
}
