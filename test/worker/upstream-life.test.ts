/** The upstream token behind a grant: renewed once, before it ends; gone there means gone here; a GitHub that fails ends nothing. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { GrantProps } from '../../src/auth/server.ts';
import { authorizationServer, resourceOf } from '../../src/auth/server.ts';
import { providerEnv } from '../../src/auth/store/provider-env.ts';
import { configOf } from '../../src/config.ts';
import type { TokenReply } from './grants.ts';
import { Flow } from './grants.ts';
import { migrate } from './migrate.ts';

const parsed = configOf(env);
if (!parsed.ok) throw new Error('the tests lack settings');
const config = parsed.value;
const provider = providerEnv(env, config);
const server = authorizationServer(config);
const flow = await Flow.of(config);
const { oauth } = flow;
const refresh = flow.refresh.bind(flow);
const MINUTE = 60_000;

beforeAll(async () => await migrate(env.AUDIT_DB));

/** Signed in, with an upstream token that ends after so many minutes. */
async function signedIn(
  user: string,
  upstream: { minutes?: number; refreshToken?: string; api?: string },
): Promise<TokenReply> {
  const { minutes, refreshToken, api } = upstream;
  const code = await flow.codeOf(user, {
    upstreamToken: 'ghu_first',
    ...(minutes !== undefined && { upstreamExpiresAt: Date.now() + minutes * MINUTE }),
    ...(refreshToken !== undefined && { upstreamRefreshToken: refreshToken }),
    ...(api !== undefined && { upstreamApi: api }),
  });
  return await flow.redeem(code);
}

async function propsOf(accessToken: string): Promise<GrantProps | undefined> {
  const found = await server.validateToken<GrantProps>(resourceOf(config), accessToken, provider);
  return found?.props;
}

async function timesAsked(refreshToken: string): Promise<number> {
  return Number(await (await fetch(`https://count.dev/?path=refresh:${refreshToken}`)).text());
}

const gateOf = (user: string) => env.GATE.getByName(`${config.tenant}:${user}`);
const grantsOf = async (user: string) => (await oauth.listUserGrants(flow.sealed(user))).items;
const nameOf = (accessToken: string) => ({
  grantId: accessToken.split(':')[1] ?? '',
  tokenId: createHash('sha256').update(accessToken).digest('hex'),
});

/** The reasons of a person's revocations, once they came to D1. */
async function reasonsOf(user: string): Promise<string[]> {
  await runDurableObjectAlarm(gateOf(user));
  return await vi.waitFor(
    async () => {
      for (const n of [0, 1]) await runDurableObjectAlarm(env.WRITER.getByName(`default-${n}`));
      const { results } = await env.AUDIT_DB.prepare(
        "SELECT arguments FROM mcp_audit_log WHERE user_id = ? AND method = 'auth/revoke'",
      )
        .bind(user)
        .all<{ arguments: string }>();
      expect(results.length).toBeGreaterThan(0);
      return results.map((row) => (JSON.parse(row.arguments) as { reason: string }).reason);
    },
    { timeout: 5000 },
  );
}

describe('an upstream token of another GitHub', () => {
  it('is asked about nowhere, and its grant gets no token', async () => {
    const elsewhere = { minutes: 20, refreshToken: 'ghr_elsewhere', api: 'https://api.elsewhere.invalid' };
    const { status, body } = await signedIn('gh_7100', elsewhere);
    expect([status, (body as unknown as { error: string }).error]).toEqual([400, 'invalid_grant']);
    expect(await timesAsked('ghr_elsewhere')).toBe(0);
    const here = await signedIn('gh_7101', { minutes: 20, refreshToken: 'ghr_here', api: config.github.apiUrl });
    expect(here.status).toBe(200);
  });
});

describe('an upstream token that ends soon', () => {
  it('is renewed in its last half hour, not before, and then kept', async () => {
    const { body: first } = await signedIn('gh_7000', { minutes: 40, refreshToken: 'ghr_a' });
    expect(await timesAsked('ghr_a')).toBe(0);
    const { body: other } = await signedIn('gh_7001', { minutes: 20 });
    expect(other.expires_in).toBe(900);
    const soon = await signedIn('gh_7002', { minutes: 29, refreshToken: 'ghr_b' });
    // The code's own exchange renewed it already: it was within half an hour of its end.
    expect(await timesAsked('ghr_b')).toBe(1);
    expect(await propsOf(soon.body.access_token)).toMatchObject({
      upstreamToken: 'ghu_after_ghr_b',
      upstreamRefreshToken: 'ghr_b_next',
    });
    expect((await refresh(soon.body.refresh_token)).status).toBe(200);
    expect(await timesAsked('ghr_b_next')).toBe(0);
    expect((await propsOf(first.access_token))?.upstreamToken).toBe('ghu_first');
  });

  it('is renewed once by 50 refreshes at once, and what carries the old one dies', async () => {
    const { body } = await signedIn('gh_7010', { minutes: 60, refreshToken: 'ghr_c' });
    const clock = Date.now;
    Date.now = () => clock() + 45 * MINUTE;
    try {
      const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(body.refresh_token)));
      expect(new Set(answers.map((answer) => answer.body.access_token)).size).toBe(1);
      expect(await timesAsked('ghr_c')).toBe(1);
      const renewed = answers[0]?.body.access_token ?? '';
      expect((await propsOf(renewed))?.upstreamToken).toBe('ghu_after_ghr_c');
      // What carries the token that GitHub replaced is worthless; the report of a call with it ends nothing.
      expect(await propsOf(body.access_token)).toBeUndefined();
      expect(await gateOf('gh_7010').isAlive(nameOf(body.access_token))).toBe(false);
      await gateOf('gh_7010').endRevokedUpstream(
        'default',
        { id: 'gh_7010', login: 'x' },
        nameOf(body.access_token),
        'r',
      );
      expect(await gateOf('gh_7010').isAlive(nameOf(renewed))).toBe(true);
      expect(await grantsOf('gh_7010')).toHaveLength(1);
    } finally {
      Date.now = clock;
    }
  });

  it('keeps an access token from living longer', async () => {
    expect((await signedIn('gh_7020', { minutes: 5 })).body.expires_in).toBeLessThanOrEqual(300);
    expect((await signedIn('gh_7021', {})).body.expires_in).toBe(900);
  });

  it('is used to its end while GitHub fails, and then the answer is 503 and the grant stays', async () => {
    for (const refreshToken of ['ghr_down1', 'ghr_wrong1']) {
      const user = `gh_703${refreshToken.length}`;
      const { body } = await signedIn(user, { minutes: 5, refreshToken });
      expect(body.expires_in).toBeLessThanOrEqual(300);
      expect(await propsOf(body.access_token)).toMatchObject({ upstreamToken: 'ghu_first' });
      const clock = Date.now;
      Date.now = () => clock() + 10 * MINUTE;
      try {
        const failed = await refresh(body.refresh_token);
        expect(failed).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
        expect(Number(failed.headers.get('retry-after'))).toBeGreaterThan(0);
      } finally {
        Date.now = clock;
      }
      expect((await refresh(body.refresh_token)).status).toBe(200);
    }
  });
});

describe('a sign-in that GitHub ended', () => {
  it('ends the grant when its token is to be renewed, with a row', async () => {
    const { body } = await signedIn('gh_7040', { minutes: 60, refreshToken: 'ghr_bad1' });
    const clock = Date.now;
    Date.now = () => clock() + 50 * MINUTE;
    try {
      const refused = await refresh(body.refresh_token);
      expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect(refused.body.error_description).toContain('Sign in again');
      expect(await reasonsOf('gh_7040')).toEqual(['upstream_revoked']);
    } finally {
      Date.now = clock;
    }
    expect(await grantsOf('gh_7040')).toHaveLength(0);
    expect(await gateOf('gh_7040').isAlive(nameOf(body.access_token))).toBe(false);
  });

  it('ends the grant when a call found out, once', async () => {
    const { body } = await signedIn('gh_7050', {});
    const report = () =>
      gateOf('gh_7050').endRevokedUpstream('default', { id: 'gh_7050', login: 'x' }, nameOf(body.access_token), 'r');
    await Promise.all([report(), report(), report()]);
    expect(await reasonsOf('gh_7050')).toEqual(['upstream_revoked']);
    expect(await grantsOf('gh_7050')).toHaveLength(0);
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
  });
});
