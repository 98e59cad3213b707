/** Rows about grants that are gone: whose they were, whatever a request claims, and no more of them than the limit. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { configOf } from '../../src/config.ts';
import type { ClosedRecord } from '../../src/core/record.ts';
import { GateStore } from '../../src/gate/store.ts';
import { Flow } from './grants.ts';

const parsed = configOf(env);
if (!parsed.ok) throw new Error('the tests lack settings');
const flow = await Flow.of(parsed.value);

const gateOf = (user: string) => env.GATE.getByName(`${parsed.value.tenant}:${user}`);

/** Rows of a person that were not sent yet, oldest first: an alarm sends them, so it is kept from ringing. */
async function rowsOf(user: string): Promise<ClosedRecord[]> {
  return await runInDurableObject(gateOf(user), (_, { storage }) =>
    new GateStore(storage, Date.now).outbox(1000).map(({ record }) => record),
  );
}

/** Keeps what is closed where it can be looked at. */
async function keepRows(user: string): Promise<void> {
  await runInDurableObject(gateOf(user), (gate) => {
    gate.alarm = async () => undefined;
  });
}

const refused = async (user: string) => (await rowsOf(user)).filter((row) => row.result_status === 'denied');

describe('a grant that is gone', () => {
  it('is named in its rows as it was: client, name and login, not what the request claims', async () => {
    const user = 'gh_6100';
    const code = await flow.codeOf(user, { user: { id: user, login: 'monalisa' } });
    await keepRows(user);
    const { body } = await flow.redeem(code);
    await flow.oauth.revokeGrant(body.refresh_token.split(':')[1] ?? '', flow.sealed(user));
    const claimed = { client_id: 'somebody-else' };
    expect((await flow.refresh(body.refresh_token)).body.error).toBe('invalid_grant');
    expect((await flow.redeem(code, { ...claimed, resource: `${parsed.value.issuer}/mcp` })).status).toBeGreaterThan(
      399,
    );
    const rows = await refused(user);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row).toMatchObject({ client_id: flow.clientId, client_name: 'T', user_login: 'monalisa', user_id: user });
    }
  });

  it('is named also when the second use of its code is what ended it', async () => {
    const user = 'gh_6101';
    const code = await flow.codeOf(user, { user: { id: user, login: 'monalisa' } });
    await keepRows(user);
    await flow.redeem(code);
    expect((await flow.redeem(code, { resource: `${parsed.value.issuer}/mcp` })).body.error).toBe('invalid_grant');
    const [row] = await refused(user);
    expect(row).toMatchObject({ client_id: flow.clientId, client_name: 'T', user_login: 'monalisa' });
    expect(row?.error_message).toContain('a second time');
  });

  it('gets 30 rows a minute, then an answer that says how long to wait; other grants go on', async () => {
    const user = 'gh_6102';
    const gone = await flow.signedIn(user);
    await keepRows(user);
    await flow.oauth.revokeGrant(gone.refresh_token.split(':')[1] ?? '', flow.sealed(user));
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) statuses.push((await flow.refresh(gone.refresh_token)).status);
    expect(new Set(statuses)).toEqual(new Set([400]));
    const over = await flow.refresh(gone.refresh_token);
    expect(over.status).toBe(429);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(over.body.error).toBe('temporarily_unavailable');
    expect(await refused(user)).toHaveLength(30);
    const other = await flow.signedIn(user);
    expect((await flow.refresh(other.refresh_token)).status).toBe(200);
  });
});
