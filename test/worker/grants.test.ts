/** Grants and tokens in the user's own Gate: redeemed once, refreshed once, and dead when they are revoked. */

import { abortAllDurableObjects, evictDurableObject, listDurableObjectIds, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ANSWER_MS } from '../../src/auth/store/once.ts';
import { RevokedGrant, Vault } from '../../src/auth/store/vault.ts';
import { configOf } from '../../src/config.ts';
import type { Tokens } from './grants.ts';
import { Flow } from './grants.ts';
import { migrate } from './migrate.ts';

const parsed = configOf(env);
if (!parsed.ok) throw new Error('the tests lack settings');
const config = parsed.value;
const flow = await Flow.of(config);
const { oauth, clientId } = flow;
const token = flow.token.bind(flow);
const redeem = flow.redeem.bind(flow);
const refresh = flow.refresh.bind(flow);
const signedIn = flow.signedIn.bind(flow);
const isAlive = flow.isAlive.bind(flow);
const codeOf = (user: string, login = 'octocat') => flow.codeOf(user, { user: { id: user, login } });

beforeAll(async () => await migrate(env.AUDIT_DB));

const grantOf = (value: string) => value.split(':')[1] ?? '';

describe('what was made up', () => {
  it('creates nothing: codes, tokens and clients', async () => {
    const count = async () =>
      (
        await Promise.all([
          listDurableObjectIds(env.GATE),
          listDurableObjectIds(env.REGISTRY),
          listDurableObjectIds(env.SESSION),
        ])
      ).flat().length;
    // A registry that was asked once is there, whatever it was asked; their number is fixed.
    for (let i = 0; i < 60; i++) await oauth.lookupClient(`warm-${i}`);
    const before = await count();
    for (let i = 0; i < 50; i++) {
      const made = createHash('sha256').update(String(i)).digest('hex');
      const value = `gh_${i}.${made.slice(0, 22)}:${made.slice(22, 38)}:${made}`;
      expect((await redeem(value)).status).toBe(400);
      expect((await refresh(value)).status).toBe(400);
      expect(await isAlive(value)).toBe(false);
      expect(
        (await token({ client_id: made, grant_type: 'refresh_token', refresh_token: 'x' })).status,
      ).toBeGreaterThanOrEqual(400);
    }
    expect(await count()).toBe(before);
  }, 20_000);
});

describe('a code', () => {
  it('gives one grant and one pair of tokens, however often it is redeemed at once', async () => {
    const code = await codeOf('gh_100');
    const answers = await Promise.all(Array.from({ length: 200 }, () => redeem(code)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(1);
    expect(await isAlive(answers[0]?.body.access_token ?? '')).toBe(true);
    const { items } = await oauth.listUserGrants(flow.sealed('gh_100'));
    expect(items).toHaveLength(1);
  });

  it('gives the same also when its object is killed and evicted in between, or nothing', async () => {
    for (const [i, end] of [evict, kill].entries()) {
      const user = `gh_11${i}`;
      const code = await codeOf(user);
      const answers = await Promise.all([
        ...Array.from({ length: 20 }, () => redeem(code).catch(() => undefined)),
        end(user),
        ...Array.from({ length: 20 }, () => redeem(code).catch(() => undefined)),
      ]);
      const given = answers.filter((answer) => answer?.status === 200).map((answer) => answer?.body.access_token);
      expect(new Set(given).size).toBeLessThanOrEqual(1);
      for (const answer of answers)
        if (answer !== undefined && answer.status !== 200) expect(answer.body.error).toBe('invalid_grant');
    }
  });

  it('is dead, with its grant, when another request uses it again', async () => {
    const code = await codeOf('gh_120');
    const { body } = await redeem(code);
    expect((await redeem(code, { resource: `${config.publicUrl}/mcp` })).body.error).toBe('invalid_grant');
    expect(await isAlive(body.access_token)).toBe(false);
  });

  it('gives its answer again only to the same request', async () => {
    const code = await codeOf('gh_130');
    const first = await redeem(code);
    expect((await redeem(code)).body).toEqual(first.body);
    for (const wrong of [{ client_id: 'somebody' }, { code_verifier: 'w'.repeat(50) }]) {
      expect((await redeem(code, wrong)).body.access_token).toBeUndefined();
    }
  });
});

describe('a refresh token', () => {
  it('gives one new pair to 50 at once, and the family lives', async () => {
    const { refresh_token } = await signedIn('gh_200');
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refresh_token)));
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
    const [answer] = answers;
    expect(await isAlive(answer?.body.access_token ?? '')).toBe(true);
    expect((await refresh(answer?.body.refresh_token ?? '')).status).toBe(200);
  });

  it('loses no family when its object is evicted or killed in between: the same request finds the same answer', async () => {
    for (const [i, end] of [evict, kill, evict, kill].entries()) {
      const user = `gh_21${i}0`;
      const { refresh_token } = await signedIn(user);
      const some = () => Array.from({ length: 25 }, () => refresh(refresh_token).catch(() => undefined));
      const answers = await Promise.all([...some(), end(user), ...some()]);
      const given = answers.filter((answer) => answer?.status === 200).map((answer) => answer?.body.refresh_token);
      expect(new Set(given).size).toBeLessThanOrEqual(1);
      // A client that lost its answer asks once more.
      const { status, body } = await refresh(refresh_token);
      expect(status).toBe(200);
      if (given.length > 0) expect(body.refresh_token).toBe(given[0]);
      expect(await isAlive(body.access_token)).toBe(true);
      expect((await refresh(body.refresh_token)).status).toBe(200);
    }
  });

  it('gives access for 15 minutes, and the next for 30 days without use', async () => {
    const { expires_in, refresh_token } = await signedIn('gh_205');
    expect(expires_in).toBe(900);
    expect((await refresh(refresh_token)).body.expires_in).toBe(900);
    const stored = await runInDurableObject(env.GATE.getByName(`${config.tenant}:gh_205`), (_, state) =>
      state.storage.sql.exec<{ key: string; expiration: number }>('SELECT key, expiration FROM records').toArray(),
    );
    const left = (kind: string) =>
      Math.max(...stored.filter(({ key }) => key.startsWith(kind)).map(({ expiration }) => expiration)) -
      Date.now() / 1000;
    expect(left('token:')).toBeGreaterThan(890);
    expect(left('token:')).toBeLessThanOrEqual(901);
    expect(left('grant:')).toBeGreaterThan(30 * 86_400 - 10);
    expect(left('grant:')).toBeLessThanOrEqual(30 * 86_400 + 1);
  });

  it('ends its family when it was replaced and comes back later', async () => {
    const { refresh_token, access_token } = await signedIn('gh_210');
    const { body } = await refresh(refresh_token);
    // Another request, right after: refused, and no more.
    expect((await refresh(refresh_token, { scope: 'tools:list' })).body.error).toBe('invalid_grant');
    expect(await isAlive(body.access_token)).toBe(true);
    await later('gh_210');
    expect((await refresh(refresh_token)).body.error).toBe('invalid_grant');
    for (const dead of [access_token, body.access_token]) expect(await isAlive(dead)).toBe(false);
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('ends nothing when it is unknown', async () => {
    const { refresh_token, access_token } = await signedIn('gh_220');
    const unknown = `${refresh_token.split(':').slice(0, 2).join(':')}:${'x'.repeat(32)}`;
    expect((await refresh(unknown)).body.error).toBe('invalid_grant');
    expect(await isAlive(access_token)).toBe(true);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it('ends the grant of a person who was taken off the list', async () => {
    const { body } = await redeem(await codeOf('gh_230', 'once-listed'));
    expect(await isAlive(body.access_token)).toBe(true);
    const refused = await refresh(body.refresh_token);
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await isAlive(body.access_token)).toBe(false);
  });
});

describe('a revocation', () => {
  it('holds on the next call, for a grant and for one access token', async () => {
    const first = await signedIn('gh_300');
    expect(await isAlive(first.access_token)).toBe(true);
    const { body } = await refresh(first.refresh_token);
    const revoked = await exports.default.fetch(
      new Request(`${config.publicUrl}/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: clientId, token: first.access_token }),
      }),
    );
    expect(revoked.status).toBe(200);
    expect(await isAlive(first.access_token)).toBe(false);
    expect(await isAlive(body.access_token)).toBe(true);
    await oauth.revokeGrant(grantOf(body.access_token), flow.sealed('gh_300'));
    expect(await isAlive(body.access_token)).toBe(false);
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('keeps what was deleted from coming back', async () => {
    await runInDurableObject(env.GATE.getByName('vault'), (_, state) => {
      const vault = new Vault(state.storage, Date.now);
      vault.put('grant:u:g1', '{}', {});
      vault.put('token:u:g1:t1', '{}', {});
      vault.delete('token:u:g1:t1');
      expect(() => vault.put('token:u:g1:t1', '{}', {})).toThrow(RevokedGrant);
      vault.put('token:u:g1:t2', '{}', {});
      vault.delete('grant:u:g1');
      for (const key of ['grant:u:g1', 'token:u:g1:t3']) expect(() => vault.put(key, '{}', {})).toThrow(RevokedGrant);
      expect(vault.get('grant:u:g1')).toBeUndefined();
      vault.put('grant:u:g2', '{}', {});
      // What was never there leaves no tombstone.
      vault.delete('grant:u:g3');
      vault.put('grant:u:g3', '{}', {});
    });
  });

  it('wins against a refresh at the same moment, 200 times', async () => {
    for (let i = 0; i < 200; i++) {
      const user = `gh_4${i}`;
      const { refresh_token, access_token } = await signedIn(user);
      const race = [() => refresh(refresh_token), () => oauth.revokeGrant(grantOf(access_token), flow.sealed(user))];
      const [answer] = await Promise.all(
        i % 2 === 0 ? [race[0]?.(), race[1]?.()] : [race[1]?.(), race[0]?.()].reverse(),
      );
      const made = (answer as { body: Tokens }).body;
      expect((await refresh(refresh_token)).body.error).toBe('invalid_grant');
      if (made.access_token !== undefined) {
        expect(await isAlive(made.access_token)).toBe(false);
        expect((await refresh(made.refresh_token)).body.error).toBe('invalid_grant');
      }
    }
  }, 60_000);
});

describe('a revocation with the object evicted or killed in between', () => {
  it('wins against a refresh all the same', async () => {
    for (let i = 0; i < 40; i++) {
      const user = `gh_5${i}`;
      const { refresh_token, access_token } = await signedIn(user);
      const end = i % 2 === 0 ? evict : kill;
      const race = [
        () => refresh(refresh_token).catch(() => undefined),
        () => oauth.revokeGrant(grantOf(access_token), flow.sealed(user)).catch(() => undefined),
        () => end(user),
      ];
      // Each of the six orders, again and again.
      const [a = 0, b = 0, c = 0] = ORDERS[i % ORDERS.length] ?? [];
      const answers = await Promise.all([a, b, c].map((which) => race[which]?.()));
      // Whoever was cut off asks again, as the account page would.
      await oauth.revokeGrant(grantOf(access_token), flow.sealed(user));
      const made = answers.find((answer) => typeof answer === 'object') as { body: Tokens } | undefined;
      for (const token of [access_token, made?.body.access_token]) {
        if (token !== undefined) expect(await isAlive(token)).toBe(false);
      }
      for (const token of [refresh_token, made?.body.refresh_token]) {
        if (token !== undefined) expect((await refresh(token)).body.error).toBe('invalid_grant');
      }
    }
  }, 60_000);
});

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

async function evict(user: string): Promise<undefined> {
  await evictDurableObject(env.GATE.getByName(`${config.tenant}:${user}`)).catch(() => undefined);
  return undefined;
}

async function kill(): Promise<undefined> {
  await abortAllDurableObjects();
  return undefined;
}

/** Lets time pass for what a gate remembers of replaced tokens, by moving it into the past. */
async function later(user: string): Promise<void> {
  await runInDurableObject(env.GATE.getByName(`${config.tenant}:${user}`), (_, state) => {
    new Vault(state.storage, Date.now).purge();
    state.storage.sql.exec('UPDATE retired SET at = at - ?', ANSWER_MS);
    state.storage.sql.exec('DELETE FROM answers');
  });
}
