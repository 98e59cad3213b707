import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { commandFor, setupResponse } from '../../../src/pages/index.ts';

const SECRET = 'too-short-secret';
const parsed = parseConfig({
  SECRET_KEY: SECRET,
  PUBLIC_URL: 'https://gate.example.com/path',
  GITHUB_CLIENT_ID: '<b>id',
});
const problems = parsed.ok ? [] : parsed.error;
const ask = (path: string, init?: RequestInit) =>
  setupResponse(new Request(`https://any.example${path}`, init), problems);

describe('setupResponse', () => {
  it('gives a person one list: each setting, its rule, the command that sets it', async () => {
    const answer = ask('/authorize', { headers: { accept: 'text/html,application/xhtml+xml' } });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toContain('text/html');
    const html = await answer.text();
    expect(problems.length).toBeGreaterThanOrEqual(3);
    for (const { variable } of problems) {
      expect(html).toContain(`<code>${variable}</code>`);
      expect(html).toContain(commandFor(variable));
    }
    expect(html).toContain('npx wrangler secret put GITHUB_CLIENT_SECRET');
  });

  it('gives a program the same as JSON, and an MCP client as a JSON-RPC error', async () => {
    const json = await ask('/token', { method: 'POST' }).json();
    expect(json).toMatchObject({ error: 'temporarily_unavailable', settings: expect.any(Array) });
    for (const path of ['/mcp', '/t/acme/mcp', '/']) {
      const rpc = ask(path, { method: 'POST', headers: { accept: 'text/html' } });
      expect(rpc.status).toBe(503);
      expect(await rpc.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { data: { code: 'not_set_up' } } });
    }
  });

  it('never shows a value', async () => {
    for (const init of [{ headers: { accept: 'text/html' } }, {}]) {
      const text = await ask('/', init).text();
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain('gate.example.com/path');
    }
  });
});
