/** Tenants where D1 cannot say who there is: no migration runs in this file, so that the table is missing. */
import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';

const get = (path: string, init: RequestInit = {}) =>
  exports.default.fetch(new Request(`https://gate.example${path}`, { redirect: 'manual', ...init }));

describe('without D1', () => {
  it('every tenant is refused for a while, known or not, in the shape of its endpoint', async () => {
    for (const path of ['/t/acme', '/t/acme/authorize', '/.well-known/oauth-authorization-server/t/acme']) {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('retry-after')], path).toEqual([503, '10']);
      expect(await answer.json()).toMatchObject({ error: 'temporarily_unavailable' });
    }
    const posted = await get('/t/acme/mcp', { method: 'POST', headers: { authorization: 'Bearer a:b:c' } });
    expect(posted.status).toBe(503);
    expect(await posted.json()).toMatchObject({
      error: { data: { code: 'temporarily_unavailable', retryable: true } },
    });
    const page = await get('/t/acme/account', { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('Try again shortly');
    // The first request of a file loads the Worker.
  }, 30_000);

  it('default goes on: it has its settings in the Worker', async () => {
    expect((await get('/')).status).toBe(200);
    expect((await get('/mcp', { method: 'POST' })).status).toBe(401);
    expect((await get('/.well-known/oauth-authorization-server')).status).toBe(200);
  });

  it('a name that can be no tenant is not asked about', async () => {
    for (const name of ['ACME', '-', 'a_b', 'x'.repeat(40)]) expect((await get(`/t/${name}/mcp`)).status).toBe(404);
  });
});
