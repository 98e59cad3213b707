import { Hono } from 'hono/tiny';
import { describe, expect, it } from 'vitest';
import { rememberLast } from '../../../src/app/routes.ts';

describe('a router that remembers', () => {
  it('finds for each request what stands at its method and path, whatever was asked before', async () => {
    const app = new Hono();
    rememberLast(app.router);
    app.get('/a', (c) => c.text('get a'));
    app.post('/a', (c) => c.text('post a'));
    app.get('/of/:name', (c) => c.text(c.req.param('name')));
    const ask = async (method: string, path: string) => await (await app.request(path, { method })).text();
    for (let i = 0; i < 2; i++) {
      expect(await ask('GET', '/a')).toBe('get a');
      expect(await ask('GET', '/a')).toBe('get a');
      expect(await ask('POST', '/a')).toBe('post a');
      expect(await ask('GET', '/of/one')).toBe('one');
      expect(await ask('GET', '/of/two')).toBe('two');
      expect(await ask('POST', '/of/two')).toContain('404');
    }
  });
});
