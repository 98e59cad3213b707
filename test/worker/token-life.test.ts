/** How long tokens are good, and for what: at the last second and after it, remembered or not. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { principalOf } from '../../src/auth/authenticate.ts';
import { configOf } from '../../src/config.ts';
import { Flow } from './grants.ts';

const parsed = configOf(env);
if (!parsed.ok) throw new Error('the tests lack settings');
const config = parsed.value;
const flow = await Flow.of(config);
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const MINUTE = 60_000;

afterEach(() => {
  vi.useRealTimers();
});

/** Lets the clock of the Worker show a time from now. */
function later(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
}

/** Changes what the gate keeps of a user's access tokens. */
async function alter(user: string, change: string): Promise<void> {
  await runInDurableObject(env.GATE.getByName(`${config.tenant}:${user}`), (_, { storage }) => {
    storage.sql.exec(`UPDATE records SET ${change} WHERE key LIKE 'token:%'`);
  });
}

/** A token that is not good here: 401, the challenge that makes a client sign in, and nothing of the token itself. */
async function expectRefused(token: string): Promise<void> {
  const response = await flow.post(token, LIST);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  expect(response.headers.get('www-authenticate')).toContain('resource_metadata="https://gate.example/');
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ error: 'invalid_token' });
  expect((JSON.parse(text) as { error_description: string }).error_description.length).toBeGreaterThan(20);
  expect(text).not.toContain(token.split(':')[2]);
}

const isServed = async (token: string) => (await flow.post(token, LIST)).status !== 401;

describe('an access token', () => {
  it('lives 15 minutes, and says so', async () => {
    const { access_token, expires_in } = await flow.signedIn('gh_6200');
    expect(expires_in).toBe(15 * 60);
    later(15 * MINUTE - 5000);
    expect(await isServed(access_token)).toBe(true);
    later(6000);
    await expectRefused(access_token);
  });

  it('is refused when it has expired also where it was remembered a moment ago', async () => {
    const { access_token } = await flow.signedIn('gh_6201');
    expect(await isServed(access_token)).toBe(true);
    later(15 * MINUTE + 1000);
    await expectRefused(access_token);
  });

  it.each([
    ['by its own word', "value = json_set(value, '$.expiresAt', 1)"],
    ['by its record', 'expiration = 1'],
  ])('is refused when it has expired %s', async (_, change) => {
    const user = `gh_620${change.length}`;
    const { access_token } = await flow.signedIn(user);
    await alter(user, change);
    await expectRefused(access_token);
  });

  it.each([
    'https://other.example/mcp',
    'https://gate.example/other',
    'https://gate.example/mcp/',
    'https://gate.example',
  ])('is refused when it was issued for %s', async (audience) => {
    const user = `gh_63${audience.length}`;
    const { access_token } = await flow.signedIn(user);
    await alter(user, `value = json_set(value, '$.audience', '${audience}')`);
    // Once it is remembered, too.
    for (let i = 0; i < 2; i++) await expectRefused(access_token);
  });

  it('is not issued for another resource, whoever asks for it and where', async () => {
    const code = await flow.codeOf('gh_6204');
    const refused = await flow.redeem(code, { resource: 'https://other.example/mcp' });
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
    const { refresh_token } = await flow.signedIn('gh_6205');
    const again = await flow.refresh(refresh_token, { resource: 'https://other.example/mcp' });
    expect(again).toMatchObject({ status: 400, body: { error: 'invalid_target' } });
  });

  it('brings only scopes that this gate knows, whatever it was granted', () => {
    const props = { user: { id: 'gh_1', login: 'octocat' }, clientName: 'T', upstreamToken: 'u', repositories: null };
    const scope = ['tools:list', 'admin:everything', 'tools:execute:nothing:write'];
    const auth = { token: 'u:g:s', scope, clientId: 'c', expiresAt: 4e9 };
    expect(principalOf(config, { props, auth }).scopes).toEqual(['tools:list']);
    for (const lacking of [
      { ...auth, token: 'u' },
      { ...auth, clientId: undefined },
      { ...auth, expiresAt: undefined },
    ])
      expect(() => principalOf(config, { props, auth: lacking } as never)).toThrow('lacks its grant');
  });
});
