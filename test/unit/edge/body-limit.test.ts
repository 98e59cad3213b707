import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { BodyVariables } from '../../../src/edge/body-limit.ts';
import {
  bodyLimit,
  bodyLimitOf,
  MAX_DRAIN,
  MAX_MCP_BODY,
  MAX_OTHER_BODY,
  readBody,
} from '../../../src/edge/body-limit.ts';

const URL_ = 'https://gate.example.com/mcp';

/** A body of unknown length that counts what was taken from it. */
function trickle(chunks: number, size: number) {
  const seen = { pulled: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.pulled >= chunks) return controller.close();
        seen.pulled += 1;
        controller.enqueue(new Uint8Array(size).fill(97));
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

function post(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request(URL_, { method: 'POST', body, headers, duplex: 'half' } as RequestInit);
}

describe('readBody', () => {
  it('gives the bytes, none where there is no body', async () => {
    expect(await readBody(post('hällo'), 100)).toEqual({ ok: true, value: new TextEncoder().encode('hällo') });
    expect(await readBody(new Request(URL_), 100)).toEqual({ ok: true, value: new Uint8Array(0) });
    expect(await readBody(post(''), 0)).toMatchObject({ ok: true });
  });

  it('counts bytes, not characters, and lets exactly the limit through', async () => {
    expect((await readBody(post('ä'.repeat(50)), 100)).ok).toBe(true);
    expect((await readBody(post('ä'.repeat(51)), 100)).ok).toBe(false);
  });

  it('refuses a huge Content-Length without reading anything', async () => {
    const { stream, seen } = trickle(1000, 1000);
    const read = await readBody(post(stream, { 'content-length': String(MAX_DRAIN + 1) }), 1000);
    expect(read).toMatchObject({ ok: false, error: { status: 413, code: 'too_large' } });
    expect(seen).toEqual({ pulled: 0, cancelled: true });
  });

  it('lets a client finish that announced too much, so that it hears the answer', async () => {
    const { stream, seen } = trickle(1000, 1000);
    const read = await readBody(post(stream, { 'content-length': '1000000' }), 1000);
    expect(read).toMatchObject({ ok: false, error: { code: 'too_large' } });
    expect(seen).toEqual({ pulled: 1000, cancelled: false });
  });

  it.each(['1', '0', '-5', 'NaN', '', '1e2', '99'])('does not believe a Content-Length of %j', async (length) => {
    const { stream } = trickle(1000, 1000);
    const read = await readBody(post(stream, { 'content-length': length }), 5000);
    expect(read).toMatchObject({ ok: false, error: { code: 'too_large' } });
  });

  it('does not listen to an endless body for ever', async () => {
    const { stream, seen } = trickle(Number.POSITIVE_INFINITY, 1_000_000);
    expect(await readBody(post(stream), 5000)).toMatchObject({ ok: false, error: { code: 'too_large' } });
    expect(seen.pulled).toBeLessThanOrEqual(2 + Math.ceil(MAX_DRAIN / 1_000_000));
    expect(seen.cancelled).toBe(true);
  });

  it('still says what was wrong when the sender breaks off behind the limit', async () => {
    let pulled = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        if (pulled > 3) return controller.error(new Error('reset'));
        controller.enqueue(new Uint8Array(1000));
      },
    });
    expect(await readBody(post(broken), 1500)).toMatchObject({ ok: false, error: { code: 'too_large' } });
  });

  it('says so when the sender breaks off', async () => {
    const broken = new ReadableStream({
      pull(controller) {
        controller.error(new Error('connection reset: secret detail'));
      },
    });
    const read = await readBody(post(broken), 100);
    expect(read).toMatchObject({ ok: false, error: { status: 400, code: 'unreadable_body' } });
    expect(JSON.stringify(read)).not.toContain('secret detail');
  });
});

describe('bodyLimit', () => {
  const parsed: string[] = [];
  const app = new Hono<{ Variables: BodyVariables }>().use(bodyLimit()).all('*', async (c) => {
    parsed.push(c.req.path);
    const { raw } = c.req;
    const handedOn = raw.bodyUsed ? 'taken' : (await raw.arrayBuffer()).byteLength;
    return c.text(`${c.req.method} ${c.var.body?.byteLength ?? 0} ${handedOn} ${c.req.header('x-kept') ?? ''}`);
  });
  const send = (path: string, body: BodyInit | null, headers: Record<string, string> = {}) =>
    app.request(`https://gate.example.com${path}`, { method: 'POST', body, headers, duplex: 'half' } as RequestInit);

  it('gives MCP a megabyte and everything else 64 KiB', () => {
    expect(bodyLimitOf({ method: 'POST', path: '/mcp' })).toBe(MAX_MCP_BODY);
    expect(bodyLimitOf({ method: 'POST', path: '/t/acme/mcp' })).toBe(MAX_MCP_BODY);
    for (const path of ['/token', '/register', '/authorize', '/mcp/../token', '/mcpx', '/x/mcp']) {
      expect(bodyLimitOf({ method: 'POST', path })).toBe(MAX_OTHER_BODY);
    }
  });

  it('hands a body within the limit on, with method and headers', async () => {
    const answer = await send('/mcp', 'x'.repeat(MAX_MCP_BODY), { 'x-kept': 'yes' });
    // Whoever serves MCP takes the bytes, not the request's body.
    expect(await answer.text()).toBe(`POST ${MAX_MCP_BODY} taken yes`);
    expect(await (await send('/token', trickle(3, 10).stream)).text()).toBe('POST 30 30 ');
    expect(await (await app.request('https://gate.example.com/mcp')).text()).toBe('GET 0 0 ');
  });

  it('hands a form on as a form', async () => {
    const forms = new Hono()
      .use(bodyLimit())
      .post('*', async (c) => c.text(String((await c.req.formData()).get('handle'))));
    const body = new URLSearchParams({ handle: 'h ä' });
    const answer = await forms.request('https://gate.example.com/authorize', { method: 'POST', body });
    expect(await answer.text()).toBe('h ä');
  });

  it('refuses a larger one with 413 in the shape of the endpoint, before anything is parsed', async () => {
    parsed.length = 0;
    const mcp = await send('/mcp', trickle(Number.POSITIVE_INFINITY, 100_000).stream);
    expect(mcp.status).toBe(413);
    expect(await mcp.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { data: { code: 'too_large' } } });
    for (const path of ['/token', '/register']) {
      const answer = await send(path, 'x'.repeat(MAX_OTHER_BODY + 1));
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ error: 'invalid_request', error_description: expect.any(String) });
    }
    expect(parsed).toEqual([]);
  });

  it('keeps the signal by which a hang-up is seen', async () => {
    const abort = new AbortController();
    const seen = new Promise<void>((resolve) => {
      const signals = new Hono().use(bodyLimit()).post('*', (c) => {
        c.req.raw.signal.addEventListener('abort', () => resolve());
        abort.abort();
        return c.text('');
      });
      void signals.request(new Request(URL_, { method: 'POST', body: 'x', signal: abort.signal }));
    });
    await seen;
  });
});
