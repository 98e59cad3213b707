/** How often one address may begin what anybody can begin: a page, an OAuth error, and nothing left behind. */
import { expect, it } from 'vitest';
import { callTool, tokenOf } from '../support/rpc.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack({ LIMIT_SIGN_IN: '3/60' });

const from = (address: string, accept = 'text/html') => ({ accept, 'cf-connecting-ip': address });
const register = (address: string) =>
  fetch(`${stack().url}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...from(address, 'application/json') },
    body: JSON.stringify({ redirect_uris: ['http://127.0.0.1:1/cb'], token_endpoint_auth_method: 'none' }),
  });

it('registrations: an OAuth error with the time to wait; another address goes on', async () => {
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) statuses.push((await register('203.0.113.7')).status);
  expect(statuses).toEqual([201, 201, 201]);
  const refused = await register('203.0.113.7');
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(50);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(await refused.json()).toEqual({
    error: 'temporarily_unavailable',
    error_description: `From one address, 3 clients may be registered in 60 seconds. Try again in ${seconds} seconds.`,
  });
  expect((await register('203.0.113.8')).status).toBe(201);
});

it.each(['/authorize?client_id=https://client.invalid/doc.json', '/account/sign-in'])(
  'sign-ins begun at %s: a page a person can read',
  async (path) => {
    const address = (i: number) => `2001:db8:${path.length}:1::${i}`;
    const begin = (at: string) => fetch(`${stack().url}${path}`, { headers: from(at), redirect: 'manual' });
    for (let i = 1; i <= 3; i++) expect((await begin(address(i))).status).not.toBe(429);
    // Another address of the same network is the same one.
    const refused = await begin(address(4));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('content-type')).toContain('text/html');
    expect(await refused.text()).toContain('From one address, 3 sign-ins may be begun in 60 seconds.');
    expect((await begin(`2001:db8:${path.length}:2::1`)).status).not.toBe(429);
  },
);

it('a flood of addresses makes no object, and what is signed in goes on', async () => {
  const { token } = await tokenOf(stack());
  const registries = async () => (await stack().miniflare.listDurableObjectIds('REGISTRY', 'gatehouse')).length;
  await Promise.all(Array.from({ length: 60 }, (_, i) => register(`198.51.100.${i}`)));
  const before = await registries();
  expect(before).toBeLessThanOrEqual(8);
  await Promise.all(Array.from({ length: 60 }, (_, i) => register(`198.51.100.${100 + i}`)));
  expect(await registries()).toBeLessThanOrEqual(8);
  expect((await callTool(stack(), token, 'get_me', {})).json.result.isError).not.toBe(true);
});
