import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { BASE_CSP } from '../../../src/core/base-headers.ts';
import type { EdgeVariables } from '../../../src/edge/answering.ts';
import { answering } from '../../../src/edge/answering.ts';
import { addSecurityHeaders, mergeCsp } from '../../../src/edge/headers.ts';

const publicUrl = 'https://gate.example.com';

describe('addSecurityHeaders', () => {
  it('sets what is missing', () => {
    const headers = new Headers();
    addSecurityHeaders(headers, { publicUrl });
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      'content-security-policy': BASE_CSP,
      'strict-transport-security': 'max-age=31536000',
    });
  });

  it('keeps what an inner handler said', () => {
    const headers = new Headers({ 'cache-control': 'no-cache, no-transform', 'referrer-policy': 'no-referrer' });
    addSecurityHeaders(headers, { publicUrl });
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('promises https only where there is https', () => {
    for (const url of ['http://localhost:8788', undefined]) {
      const headers = new Headers();
      addSecurityHeaders(headers, { publicUrl: url });
      expect(headers.has('strict-transport-security')).toBe(false);
    }
  });

  it('does not cut pop-ups off from the client that opened them', () => {
    const headers = new Headers();
    addSecurityHeaders(headers, { publicUrl });
    expect(headers.has('cross-origin-opener-policy')).toBe(false);
  });
});

describe('mergeCsp', () => {
  it.each([
    [null, "default-src 'none'; frame-ancestors 'none'"],
    ['', "default-src 'none'; frame-ancestors 'none'"],
    ["frame-ancestors 'none'", "frame-ancestors 'none'; default-src 'none'"],
    [
      "default-src 'self'; style-src 'unsafe-inline'",
      "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    ],
    ["DEFAULT-SRC 'self';;", "DEFAULT-SRC 'self'; frame-ancestors 'none'"],
    ['frame-ancestors https://a.example', "frame-ancestors https://a.example; default-src 'none'"],
    [
      "default-src 'self', frame-ancestors 'self'",
      "default-src 'self', frame-ancestors 'self', default-src 'none'; frame-ancestors 'none'",
    ],
    // A directive is named by its first word, not by a prefix.
    ["default-src-elem 'self'", "default-src-elem 'self'; default-src 'none'; frame-ancestors 'none'"],
  ])('completes %j', (inner, merged) => {
    expect(mergeCsp(inner, "default-src 'none'; frame-ancestors 'none'")).toBe(merged);
  });
});

describe('an answer', () => {
  const secured = () =>
    new Hono<{ Variables: EdgeVariables }>().use(
      answering({ publicUrl, now: Date.now, randomness: (bytes) => bytes, write: () => undefined }),
    );

  it('is on every answer: errors, not found, and answers whose headers cannot be changed', async () => {
    const app = secured()
      .get('/throws', () => {
        throw new Error('secret detail');
      })
      .get('/frozen', () => Response.redirect('https://client.example/', 302))
      .get('/empty', () => new Response(null, { status: 204 }))
      .onError((_, c) => c.text('failed', 500));
    for (const [path, status] of [
      ['/throws', 500],
      ['/none', 404],
      ['/frozen', 302],
      ['/empty', 204],
    ] as const) {
      const answer = await app.request(`${publicUrl}${path}`);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
  });

  it('keeps every cookie', async () => {
    const app = secured().get('/', () => {
      const headers = new Headers();
      headers.append('set-cookie', '__Host-a=1; Path=/; Secure');
      headers.append('set-cookie', '__Host-b=2; Path=/; Secure');
      return new Response(null, { status: 302, headers });
    });
    const answer = await app.request(`${publicUrl}/`);
    expect(answer.headers.getSetCookie()).toEqual(['__Host-a=1; Path=/; Secure', '__Host-b=2; Path=/; Secure']);
  });

  it('passes a stream on while it is still open', async () => {
    let push: ReadableStreamDefaultController<Uint8Array> | undefined;
    const app = secured().get('/', () => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          push = controller;
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    });
    const answer = await app.request(`${publicUrl}/`);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const reader = answer.body?.getReader();
    push?.enqueue(new TextEncoder().encode('data: 1\n\n'));
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: 1\n\n');
    await reader?.cancel();
  });
});
