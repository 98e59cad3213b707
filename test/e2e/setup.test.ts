/** A gate that lacks its settings says so, to everybody, in their own language, and does nothing else. */
import { expect, inject, it } from 'vitest';
import { startStack } from '../../src/cli/stack.ts';
import { shoot } from '../fuzz/shot.ts';

it('answers everything with one list of what is missing, and never with a value', async () => {
  const stack = await startStack({
    bundleDir: inject('bundleDir'),
    settings: { SECRET_KEY: 'too-short-a-secret', TRUSTED_HOSTS: 'http://intranet.example/api', LIMIT_CLIENT: 'many' },
    allowBadSettings: true,
  });
  try {
    for (const path of ['/', '/authorize?client_id=x', '/callback', '/anything']) {
      const page = await fetch(`${stack.url}${path}`, { headers: { accept: 'text/html' } });
      expect(page.status).toBe(503);
      const html = await page.text();
      for (const name of ['SECRET_KEY', 'TRUSTED_HOSTS', 'LIMIT_CLIENT']) expect(html).toContain(name);
      expect(html).not.toContain('too-short-a-secret');
      expect(html).not.toContain('intranet.example');
    }
    for (const path of ['/mcp', '/token', '/register', '/.well-known/oauth-protected-resource/mcp']) {
      const answer = await fetch(`${stack.url}${path}`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain('SECRET_KEY must have at least 32 characters');
    }
    const port = Number(new URL(stack.url).port);
    const strange = await shoot(port, { method: 'GET', target: '/mcp', headers: [['host', 'a b']] });
    expect(strange.status).toBe(503);
  } finally {
    await stack.stop();
  }
});
