/** Who is on the list is asked at every refresh: members of organisations, those who left, and a GitHub that cannot say. */
import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Flow } from './grants.ts';
import { migrate } from './migrate.ts';
import { addTenant, configsOf } from './tenants.ts';

/** Organisations of test/support/outside.ts; each is the list of a tenant of its name. */
const ORGS = ['member', 'pending', 'stranger', 'down', 'flaky', 'slow'] as const;
const flows = {} as Record<(typeof ORGS)[number], Flow>;

beforeAll(async () => {
  await migrate(env.AUDIT_DB);
  for (const org of ORGS) await addTenant(org, { settings: { ALLOWED_ORGS: org } });
  for (const config of await configsOf(...ORGS)) flows[config.tenant as (typeof ORGS)[number]] = await Flow.of(config);
});

describe('at a refresh', () => {
  it('an active member goes on', async () => {
    const { refresh_token } = await flows.member.signedIn('gh_8001');
    expect((await flows.member.refresh(refresh_token)).status).toBe(200);
  });

  it.each(['pending', 'stranger'] as const)('a membership that is %s ends the grant', async (org) => {
    const { refresh_token, access_token } = await flows[org].signedIn('gh_8002');
    expect(await flows[org].isAlive(access_token)).toBe(true);
    expect(await flows[org].refresh(refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await flows[org].isAlive(access_token)).toBe(false);
  });

  it('a GitHub that cannot say ends nothing, and says when to ask again', async () => {
    const { refresh_token, access_token } = await flows.down.signedIn('gh_8003');
    for (let i = 0; i < 2; i++) {
      const { status, headers, body } = await flows.down.refresh(refresh_token);
      expect([status, headers.get('retry-after'), body.error]).toEqual([503, '30', 'temporarily_unavailable']);
    }
    expect(await flows.down.isAlive(access_token)).toBe(true);
  });

  it('the same refresh token works once GitHub can say again', async () => {
    const { refresh_token } = await flows.flaky.signedIn('gh_8004');
    const first = await flows.flaky.refresh(refresh_token);
    const second = await flows.flaky.refresh(refresh_token);
    expect([first.status, second.status].sort()).toEqual([200, 503]);
  });
});

describe('a grant that is revoked while a token is asked for', () => {
  it('leaves neither the token nor a row that it was issued', async () => {
    const { slow } = flows;
    const user = 'gh_8020';
    const { refresh_token, access_token } = await slow.signedIn(user);
    const refreshing = slow.refresh(refresh_token);
    // GitHub is being asked by now, and takes a second.
    await vi.waitFor(async () => {
      const asked = await fetch('https://count.dev/?path=/user/memberships/orgs/slow');
      expect(await asked.text()).toBe('1');
    });
    await slow.oauth.revokeGrant(access_token.split(':')[1] ?? '', slow.sealed(user));
    const { status, body } = await refreshing;
    expect([status, body.error, body.access_token]).toEqual([400, 'invalid_grant', undefined]);
    expect(await slow.isAlive(access_token)).toBe(false);
    const rows = await vi.waitFor(async () => {
      await runDurableObjectAlarm(env.GATE.getByName(`slow:${user}`));
      for (const n of [0, 1]) await runDurableObjectAlarm(env.WRITER.getByName(`slow-${n}`));
      const { results } = await env.AUDIT_DB.prepare(
        "SELECT arguments ->> 'grant_type' AS type, result_status FROM mcp_audit_log WHERE user_id = ? ORDER BY id",
      )
        .bind(user)
        .all();
      expect(results.length).toBeGreaterThan(1);
      return results;
    });
    expect(rows).toEqual([
      { type: 'authorization_code', result_status: 'success' },
      { type: 'refresh_token', result_status: 'denied' },
    ]);
  });
});

describe('what GitHub renewed before something else failed', () => {
  it('is not lost, also when the gate dies then: its refresh token is good once', async () => {
    const { flaky } = flows;
    const upstream = { upstreamExpiresAt: Date.now() + 60_000, upstreamRefreshToken: 'ghr_short' };
    let token = (await flaky.redeem(await flaky.codeOf('gh_8010', upstream))).body.refresh_token;
    let failed = await flaky.refresh(token);
    if (failed.status === 200) {
      // It was the turn of an answer: the next one fails.
      token = failed.body.refresh_token;
      failed = await flaky.refresh(token);
    }
    expect(failed.status).toBe(503);
    await abortAllDurableObjects();
    const { status, body } = await flaky.refresh(token);
    expect(status).toBe(200);
    expect(await flaky.isAlive(body.access_token)).toBe(true);
  });
});
