import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { checkArrival, hostAndOrigin, isPublicRead, knownHosts } from '../../../src/edge/host.ts';

const reach = { publicUrl: 'https://gate.example.com', trustedHosts: ['tunnel.example.net', 'lan.example.net:8443'] };
const known = knownHosts(reach);
const local = knownHosts({ publicUrl: 'http://localhost:8788', trustedHosts: ['127.0.0.1:8788'] });

function outcome(
  fields: { host?: string; origin?: string; urlHost?: string; method?: string; path?: string },
  hosts = known,
): number {
  const host = fields.host ?? 'gate.example.com';
  const checked = checkArrival(
    {
      method: fields.method ?? 'POST',
      path: fields.path ?? '/mcp',
      urlHost: fields.urlHost ?? host,
      host,
      origin: fields.origin,
    },
    hosts,
  );
  return checked.ok ? 200 : checked.error.status;
}

describe('host', () => {
  it.each([
    'gate.example.com',
    'GATE.Example.COM',
    'gate.example.com:443',
    'tunnel.example.net',
    'tunnel.example.net:443',
    'lan.example.net:8443',
  ])('answers under %s', (host) => {
    expect(outcome({ host })).toBe(200);
  });

  it.each([
    '',
    'evil.com',
    'gate.example.com.evil.com',
    'evil-gate.example.com',
    'gate.example.com.',
    'gate.example.com:80',
    'gate.example.com:8443',
    'gate.example.com:0443',
    'gate.example.com@evil.com',
    'evil.com@gate.example.com',
    'user:pw@gate.example.com',
    'gate.example.com, gate.example.com',
    'gate.example.com,evil.com',
    'gate.example.com evil.com',
    ' gate.example.com',
    'gate.example.com#',
    'gate.example.com/',
    'gate.example.com%2eevil.com',
    'gate。example.com',
    'gаte.example.com',
    'lan.example.net',
    'lan.example.net:443',
    'localhost',
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]:8788',
    'null',
    '*',
  ])('does not answer under %j', (host) => {
    expect(outcome({ host })).toBe(421);
  });

  it('wants both the URL and the Host header to be its own', () => {
    expect(outcome({ urlHost: 'evil.com', host: 'gate.example.com' })).toBe(421);
    expect(outcome({ urlHost: 'gate.example.com', host: 'evil.com' })).toBe(421);
  });

  it('tells loopback names apart: only the configured ones are its own', () => {
    expect(outcome({ host: 'localhost:8788' }, local)).toBe(200);
    expect(outcome({ host: '127.0.0.1:8788' }, local)).toBe(200);
    expect(outcome({ host: '127.0.0.1:8789' }, local)).toBe(421);
    expect(outcome({ host: '[::1]:8788' }, local)).toBe(421);
    expect(outcome({ host: 'localhost' }, local)).toBe(421);
    expect(outcome({ host: '127.0.0.1.nip.io:8788' }, local)).toBe(421);
  });

  it('knows no host but its own when none is trusted', () => {
    const alone = knownHosts({ publicUrl: 'https://gate.example.com', trustedHosts: [] });
    expect(outcome({ host: 'tunnel.example.net' }, alone)).toBe(421);
  });
});

describe('origin', () => {
  it.each(['https://gate.example.com', 'https://tunnel.example.net', 'https://lan.example.net:8443', undefined])(
    'lets %s through',
    (origin) => {
      expect(outcome(origin === undefined ? {} : { origin })).toBe(200);
    },
  );

  it.each([
    'null',
    '',
    'http://gate.example.com',
    'https://gate.example.com.evil.com',
    'https://gate.example.com.',
    'https://gate.example.com:443',
    'https://gate.example.com:8443',
    'https://gate.example.com/',
    'https://gate.example.com/mcp',
    'https://sub.gate.example.com',
    'https://evil-gate.example.com',
    'https://gate.example.com@evil.com',
    'https://evil.com@gate.example.com',
    'https://evil.com#gate.example.com',
    'https://evil.com?https://gate.example.com',
    'https://gate.example.com https://evil.com',
    'https://gate.example.com, https://evil.com',
    'https://gate.example.com, https://gate.example.com',
    'HTTPS://GATE.EXAMPLE.COM',
    'gate.example.com',
    '//gate.example.com',
    'https:gate.example.com',
    'https://gаte.example.com',
    'https://xn--gte-5cd.example.com',
    'http://tunnel.example.net',
    'https://lan.example.net',
    'https://[::1]',
    'https://127.0.0.1',
    'http://localhost:8788',
    'chrome-extension://abcdefghijklmnop',
    'vscode-webview://gate.example.com',
    'file://',
    'data:',
    '*',
    'undefined',
    '\u0000',
  ])('refuses %j', (origin) => {
    expect(outcome({ origin })).toBe(403);
  });

  it('trusts plain http only on this machine', () => {
    expect(outcome({ host: 'localhost:8788', origin: 'http://localhost:8788' }, local)).toBe(200);
    expect(outcome({ host: 'localhost:8788', origin: 'http://127.0.0.1:8788' }, local)).toBe(200);
    expect(outcome({ host: 'localhost:8788', origin: 'http://localhost:6274' }, local)).toBe(403);
    expect(outcome({ host: 'localhost:8788', origin: 'http://localhost' }, local)).toBe(403);
  });

  it.each(['/token', '/register', '/authorize', '/mcp', '/', '/callback', '/.well-known', '/well-known/x'])(
    'is checked on %s, whatever the method',
    (path) => {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
        expect(outcome({ origin: 'https://evil.com', path, method })).toBe(403);
      }
    },
  );

  it('does not matter when reading a public document, and does when writing there', () => {
    const path = '/.well-known/oauth-authorization-server';
    expect(outcome({ origin: 'null', path, method: 'GET' })).toBe(200);
    expect(outcome({ origin: 'https://evil.com', path, method: 'OPTIONS' })).toBe(200);
    expect(outcome({ origin: 'https://evil.com', path, method: 'POST' })).toBe(403);
    expect(outcome({ host: 'evil.com', path, method: 'GET' })).toBe(421);
    expect(isPublicRead({ method: 'GET', path: '/.well-known/../mcp' })).toBe(true);
    expect(new URL('https://gate.example.com/.well-known/../mcp').pathname).toBe('/mcp');
  });
});

describe('hostAndOrigin', () => {
  const app = new Hono().use(hostAndOrigin(reach)).all('*', (c) => c.json({ reached: true }));
  const send = (path: string, headers: Record<string, string> = {}, method = 'POST') =>
    app.request(`https://gate.example.com${path}`, { method, headers });

  it('answers MCP in the shape of JSON-RPC', async () => {
    for (const path of ['/mcp', '/t/acme/mcp', '/']) {
      const answer = await send(path, { origin: 'null' });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({
        jsonrpc: '2.0',
        id: null,
        error: { code: -32010, data: { code: 'forbidden_origin', retryable: false } },
      });
    }
  });

  it('answers OAuth endpoints in the shape of OAuth', async () => {
    for (const path of ['/token', '/register', '/authorize']) {
      const answer = await send(path, { origin: 'https://evil.com' });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ error: 'forbidden_origin', error_description: expect.any(String) });
    }
  });

  it('names the right address to who came under a wrong host', async () => {
    const answer = await app.request('https://other.example.com/mcp', { method: 'POST' });
    expect(answer.status).toBe(421);
    const body = JSON.stringify(await answer.json());
    expect(body).toContain('https://gate.example.com');
    expect(body).not.toContain('other.example.com');
  });

  it('never repeats what it refused', async () => {
    const answer = await send('/mcp', { origin: 'https://evil.com/<script>' });
    expect(await answer.text()).not.toContain('evil');
  });

  it('lets pages of any origin read the public documents, without credentials', async () => {
    const path = '/.well-known/oauth-protected-resource/mcp';
    const read = await send(path, { origin: 'https://inspector.example' }, 'GET');
    expect(read.status).toBe(200);
    expect(read.headers.get('access-control-allow-origin')).toBe('*');
    expect(read.headers.get('access-control-allow-credentials')).toBeNull();
    const preflight = await send(path, { origin: 'null', 'access-control-request-method': 'GET' }, 'OPTIONS');
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('*');
  });

  it('gives no cross-origin permission elsewhere', async () => {
    const answer = await send(
      '/mcp',
      { origin: 'https://evil.com', 'access-control-request-method': 'POST' },
      'OPTIONS',
    );
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});
