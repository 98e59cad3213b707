import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { logError } from '../../../src/core/log.ts';
import type { EdgeVariables } from '../../../src/edge/index.ts';
import { answering, edge, newRequestId } from '../../../src/edge/index.ts';

const counting = (bytes: Uint8Array<ArrayBuffer>) => bytes.map((_, index) => index * 7);

function gate(options: { reach?: boolean } = {}) {
  const lines: Record<string, unknown>[] = [];
  let clock = 1_700_000_000_000;
  const app = new Hono<{ Variables: EdgeVariables }>().use(
    ...edge({
      reach: options.reach === false ? undefined : { publicUrl: 'https://gate.example.com', trustedHosts: [] },
      now: () => (clock += 5),
      randomness: counting,
      write: (line) => lines.push(JSON.parse(line)),
    }),
  );
  return { app, lines };
}

describe('newRequestId', () => {
  it('is req_ and 16 base32 characters, from the given randomness alone', () => {
    expect(newRequestId(counting)).toMatch(/^req_[a-z2-7]{16}$/);
    expect(newRequestId(counting)).toBe(newRequestId(counting));
    expect(newRequestId((bytes) => crypto.getRandomValues(bytes))).not.toBe(newRequestId(counting));
  });
});

describe('answering', () => {
  it('is in the answer and in exactly one line, with the facts others added', async () => {
    const { app, lines } = gate();
    app.post('/mcp', (c) => {
      c.var.log.facts.era = 'modern';
      c.var.log.facts.tool_name = 'get_me';
      return c.json({ seen: c.var.requestId });
    });
    const answer = await app.request('https://gate.example.com/mcp?code=secret-code', { method: 'POST', body: '{}' });
    const id = answer.headers.get('x-request-id');
    expect(await answer.json()).toEqual({ seen: id });
    expect(lines).toEqual([
      {
        timestamp: '2023-11-14T22:13:20.010Z',
        request_id: id,
        method: 'POST',
        path: '/mcp',
        status: 200,
        duration_ms: 5,
        era: 'modern',
        tool_name: 'get_me',
      },
    ]);
  });

  it('does not take a name from the request', async () => {
    const { app } = gate();
    app.get('/', (c) => c.text(''));
    const headers = { 'x-request-id': 'req_forged', 'cf-ray': 'forged' };
    const answer = await app.request('https://gate.example.com/', { headers });
    expect(answer.headers.get('x-request-id')).not.toContain('forged');
  });

  it('names refusals and failures too', async () => {
    const { app, lines } = gate();
    app.get('/throws', () => {
      throw new Error('token ghp_abcdefghijklmnopqrstuvwxyz0123456789 leaked');
    });
    app.onError((error, c) => {
      logError(c.var.log, error);
      return c.text('failed', 500);
    });
    const refused = await app.request('https://evil.example/mcp', { method: 'POST' });
    const failed = await app.request('https://gate.example.com/throws');
    expect([refused.status, failed.status]).toEqual([421, 500]);
    expect(refused.headers.get('x-request-id')).toBe(lines[0]?.request_id);
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
    expect(failed.headers.get('x-request-id')).toBe(lines[1]?.request_id);
    expect(lines[1]).toMatchObject({ status: 500, error_message: 'Error: token [redacted] leaked' });
    expect(JSON.stringify(lines)).not.toContain('ghp_');
  });

  it('still names requests, and checks no host, while the gate is not set up', async () => {
    const { app, lines } = gate({ reach: false });
    app.all('*', (c) => c.text('set me up', 503));
    const answer = await app.request('https://anything.example/');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(lines).toHaveLength(1);
  });

  it('keeps a stream open behind its line', async () => {
    const lines: string[] = [];
    const app = new Hono<{ Variables: EdgeVariables }>()
      .use(answering({ publicUrl: undefined, now: () => 0, randomness: counting, write: (line) => lines.push(line) }))
      .get('/', () => new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode('a')) })));
    const answer = await app.request('https://gate.example.com/');
    expect(lines).toHaveLength(1);
    await answer.body?.cancel();
  });
});
