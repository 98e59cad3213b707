import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AppError, errorBody, errorText } from '../../../src/core/errors.ts';
import { createGitHub } from '../../../src/github/client.ts';
import { type Answer, answering, json, NOW, rejection, TOKEN, WEB } from './answering.ts';

const user = z.object({ login: z.string() });
const SECRET = 'SECRET-IN-A-BODY';
const reset = String(NOW / 1000 + 120);

async function failure(answer: Answer): Promise<AppError> {
  const { github } = answering(answer);
  const error = await rejection(github.request('GET /user', {}, user));
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

const said = (message: string, more: object = {}) => ({
  message,
  documentation_url: 'https://docs.github.com',
  ...more,
});

describe('a failure of GitHub', () => {
  const table: readonly (readonly [string, () => Response, object])[] = [
    ['401', () => json(said('Bad credentials'), 401), { code: 'upstream_unauthorized', retryable: false }],
    [
      '403 with a used-up quota',
      () => json(said('API rate limit exceeded'), 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }),
      { code: 'upstream_rate_limited', retryAfterSeconds: 120, retryable: true },
    ],
    [
      '403 with retry-after',
      () =>
        json(said('You have exceeded a secondary rate limit.'), 403, {
          'retry-after': '7',
          'x-ratelimit-reset': reset,
        }),
      { code: 'upstream_rate_limited', retryAfterSeconds: 7 },
    ],
    [
      '403 with retry-after and other words',
      () => json(said('Slow down'), 403, { 'retry-after': '9', 'x-ratelimit-remaining': '17' }),
      { code: 'upstream_rate_limited', retryAfterSeconds: 9 },
    ],
    [
      '403 with a secondary limit and no time',
      () => json(said('You have exceeded a secondary rate limit.'), 403),
      { code: 'upstream_rate_limited', retryAfterSeconds: 60 },
    ],
    [
      '403 whose quota ended a moment ago',
      () => json(said(''), 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 - 5) }),
      { code: 'upstream_rate_limited', retryAfterSeconds: 1 },
    ],
    [
      '403 with quota left',
      () => json(said('Resource not accessible by integration'), 403, { 'x-ratelimit-remaining': '4999' }),
      {
        code: 'upstream_forbidden',
        message: 'GitHub refuses this to the signed-in account. GitHub says: "Resource not accessible by integration".',
      },
    ],
    ['404', () => json(said('Not Found'), 404), { code: 'upstream_not_found' }],
    ['410', () => json(said('Issues are disabled for this repo'), 410), { code: 'upstream_not_found' }],
    ['409', () => json(said('Git Repository is empty.'), 409), { code: 'upstream_conflict' }],
    [
      '422',
      () =>
        json(
          said('Validation Failed', {
            errors: [
              { resource: 'Issue', field: 'title', code: 'missing_field' },
              { resource: 'Search', field: 'q', code: 'invalid', message: 'The listed users cannot be searched' },
              'a plain sentence',
              { field: 7 },
            ],
          }),
          422,
        ),
      {
        code: 'upstream_invalid',
        message:
          'GitHub rejected the request: title: missing_field; query: The listed users cannot be searched; a plain sentence; invalid.',
        details: {
          upstream_status: 422,
          fields: [
            { field: 'title', rule: 'missing_field' },
            { field: 'query', rule: 'The listed users cannot be searched' },
          ],
        },
      },
    ],
    ['400', () => json(said('Problems parsing JSON'), 400), { code: 'upstream_invalid' }],
    [
      '429 with an HTTP date',
      () => json(said(''), 429, { 'retry-after': new Date(NOW + 30_000).toUTCString() }),
      { code: 'upstream_rate_limited', retryAfterSeconds: 30 },
    ],
    ['429 without a time', () => new Response('slow down', { status: 429 }), { retryAfterSeconds: 60 }],
    ['451', () => json(said('Repository access blocked'), 451), { code: 'upstream_forbidden' }],
    ['500', () => new Response('<html>oops', { status: 500 }), { code: 'upstream_unavailable', retryable: true }],
    [
      '503 with retry-after',
      () => new Response('', { status: 503, headers: { 'retry-after': '11' } }),
      { code: 'upstream_unavailable', retryAfterSeconds: 11 },
    ],
    ['500 with 50 MB', () => endless(50), { code: 'upstream_unavailable' }],
    [
      '500 announced as 50 MB',
      () => new Response('x', { status: 500, headers: { 'content-length': '52428800' } }),
      { code: 'upstream_unavailable' },
    ],
    ['304', () => new Response(null, { status: 304 }), { code: 'upstream_malformed' }],
    ['not JSON', () => new Response('<html>', { status: 200 }), { code: 'upstream_malformed' }],
    ['half of JSON', () => new Response('{"login": "mo', { status: 200 }), { code: 'upstream_malformed' }],
    ['empty', () => new Response('', { status: 200 }), { code: 'upstream_malformed' }],
    [
      'another shape',
      () => json({ login: { toString: 'x' } }),
      { code: 'upstream_malformed', message: "GitHub's answer lacks what this server needs at login." },
    ],
    ['a list where an object is due', () => json([1]), { code: 'upstream_malformed' }],
  ];

  it.each(table)('%s is told apart', async (_, answer, expected) => {
    expect(await failure(answer)).toMatchObject(expected);
  });

  it.each(table.filter(([name]) => /^\d/.test(name)))('%s names the upstream status', async (name, answer) => {
    expect((await failure(answer)).details?.upstream_status).toBe(Number(name.slice(0, 3)));
  });

  it('links to single sign-on, where the link is to this GitHub', async () => {
    const sso = (url: string) =>
      failure(() =>
        json(said('Resource protected by organization SAML enforcement.'), 403, {
          'x-github-sso': `required; url=${url}`,
        }),
      );
    expect((await sso(`${WEB}/orgs/acme/sso?authorization_request=abc`)).hint).toContain(`${WEB}/orgs/acme/sso`);
    expect((await sso('https://evil.test/sso')).hint).not.toContain('evil');
    expect((await sso('javascript:alert(1)')).hint).not.toContain('javascript');
  });

  it('never shows a body, the token, control characters or more than a short sentence', async () => {
    const nasty = `x\u202e\u0000\n"${'long '.repeat(200)}`;
    for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) {
      const error = await failure(() =>
        json({ message: nasty, errors: Array(20).fill({ field: nasty, message: nasty }), secret: SECRET }, status),
      );
      const shown = errorText(error) + JSON.stringify(errorBody(error));
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain(TOKEN);
      expect(shown).toMatch(/^[\x20-\x7e]*$/);
      expect(error.message.length).toBeLessThan(2500);
    }
    const malformed = await failure(() => new Response(`not json ${SECRET}`));
    expect(JSON.stringify(errorBody(malformed))).not.toContain(SECRET);
  });

  it('of the network is upstream_unavailable, without the words of the network', async () => {
    const error = await failure(() => {
      throw new TypeError(`connect ECONNREFUSED ${SECRET}`);
    });
    expect(error).toMatchObject({ code: 'upstream_unavailable', message: 'GitHub could not be reached.' });
    const broken = await failure(
      () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) })),
    );
    expect(broken.code).toBe('upstream_unavailable');
  });

  it('of 50 MB is too_large, and reading stops near the limit', async () => {
    let sent = 0;
    const error = await failure(() => endless(50, 200, (bytes) => (sent += bytes)));
    expect(error).toMatchObject({ code: 'too_large', details: { limit_bytes: 20 * 1024 * 1024 } });
    expect(sent).toBeLessThan(23 * 1024 * 1024);
  });

  it('announced as 50 MB is too_large before it is read', async () => {
    const error = await failure(() => {
      const response = endless(50, 200);
      return new Response(response.body, { headers: { 'content-length': String(50 * 1024 * 1024) } });
    });
    expect(error.code).toBe('too_large');
  });
});

describe('against a real server', () => {
  it('a hang ends with the signal, and the server sees the connection close', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = createServer((request) => request.on('close', closed)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const signal = AbortSignal.timeout(100);
    const github = createGitHub({ apiUrl: url, webUrl: url, token: TOKEN, limit: null, signal });
    expect(await rejection(github.request('GET /user', {}, user))).toBe(signal.reason);
    await gone;
    server.close();
  });

  it('redirects and refusals come through the platform as they are', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/user') response.writeHead(301, { location: '/user/7' }).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"login":"mona"}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const github = createGitHub({
      apiUrl: url,
      webUrl: url,
      token: TOKEN,
      limit: null,
      signal: AbortSignal.timeout(5000),
    });
    expect((await github.request('GET /user', {}, user)).data.login).toBe('mona');
    server.close();
    server.closeAllConnections();
    const error = await rejection(github.request('GET /user', {}, user));
    expect(error).toMatchObject({ code: 'upstream_unavailable' });
  });
});

/** A body of so many MB, made as it is read. */
function endless(megabytes: number, status = 500, onSend: (bytes: number) => void = () => {}) {
  let left = megabytes;
  const chunk = new Uint8Array(1024 * 1024).fill(32);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- <= 0) return controller.close();
      onSend(chunk.byteLength);
      controller.enqueue(chunk.slice());
    },
  });
  return new Response(body, { status });
}
