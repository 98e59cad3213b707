/** What is kept of GitHub between calls: never across people, never without asking GitHub again, never without bounds. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createGitHub } from '../../../src/github/client.ts';
import type { Limit } from '../../../src/github/limit/index.ts';
import { MAX_ANSWER_BYTES, Memory } from '../../../src/github/memory.ts';
import { type Answer, API, type Asked, json, NOW, rejection, WEB } from './answering.ts';

let memory: Memory;
let asked: Asked[];
let paused: number[];
let now: number;
beforeEach(() => {
  memory = new Memory();
  asked = [];
  paused = [];
  now = NOW;
});

function client(token: string, answer: Answer, limit: Limit | null = null) {
  return createGitHub({
    apiUrl: API,
    webUrl: WEB,
    token,
    limit,
    memory,
    signal: new AbortController().signal,
    now: () => now,
    pause: async (ms) => {
      paused.push(ms);
      now += ms;
    },
    fetch: async (input, init) => {
      const request = {
        method: init?.method ?? 'GET',
        url: new URL(String(input)),
        headers: new Headers(init?.headers),
        body: undefined,
      };
      asked.push(request);
      return await answer(request);
    },
  });
}

/** Answers 304 to whoever names the ETag, as GitHub does. */
const tagged =
  (body: unknown, etag = '"v1"', headers: Record<string, string> = {}): Answer =>
  ({ headers: sent }) =>
    sent.get('if-none-match') === etag
      ? new Response(null, { status: 304, headers: { etag, 'x-fresh': '1', 'content-type': 'text/none' } })
      : json(body, 200, { etag, ...headers });
const conditions = () => asked.map(({ headers }) => headers.get('if-none-match'));
const user = z.object({ login: z.string() });
const place = { owner: 'a', repo: 'b' };

describe('a repeated read', () => {
  it('asks whether it changed, and gives the kept answer, head and all, where it did not', async () => {
    const github = client('one', tagged({ login: 'mona' }, 'W/"v1"', { link: `<${API}/user?page=2>; rel="next"` }));
    const first = await github.request('GET /user', {}, user);
    const again = await github.request('GET /user', {}, user);
    expect(conditions()).toEqual([null, 'W/"v1"']);
    expect(again).toMatchObject({ data: first.data, status: 200 });
    const head = ['link', 'content-type', 'x-fresh'].map((name) => again.headers.get(name));
    expect(head).toEqual([first.headers.get('link'), first.headers.get('content-type'), '1']);
  });

  it('gives the new answer where it changed, and keeps that', async () => {
    let version = 1;
    const github = client('one', (request) => tagged({ login: `v${version}` }, `"v${version}"`)(request));
    await github.request('GET /user', {}, user);
    version = 2;
    expect((await github.request('GET /user', {}, user)).data.login).toBe('v2');
    expect((await github.request('GET /user', {}, user)).data.login).toBe('v2');
    expect(conditions()).toEqual([null, '"v1"', '"v2"']);
  });

  it('is checked like a fresh one: another shape, and a limit to repositories', async () => {
    const answer = tagged({ full_name: 'a/b' });
    await client('one', answer).request('GET /repos/{owner}/{repo}', place, z.unknown());
    const github = client('one', answer);
    const shaped = rejection(github.request('GET /repos/{owner}/{repo}', place, z.object({ id: z.number() })));
    expect(await shaped).toMatchObject({ code: 'upstream_malformed' });
    const nothing: Limit = {
      text: 'x/y',
      contains: () => false,
      containsOwner: () => false,
      narrow: () => ({ ok: false, error: 'no' }),
    };
    const before = asked.length;
    const limited = rejection(client('one', answer, nothing).request('GET /repos/{owner}/{repo}', place, z.unknown()));
    expect(await limited).toMatchObject({ code: 'forbidden_by_policy' });
    expect(asked).toHaveLength(before);
  });

  it('is not that of another media type, of another address, nor a write', async () => {
    const github = client('one', tagged({ login: 'x' }));
    const route = 'GET /repos/{owner}/{repo}/contents/{path}';
    await github.request(route, { ...place, path: 'x' }, z.unknown());
    await github.bytes(route, { ...place, path: 'x' }, 1000);
    await github.request(route, { ...place, path: 'x', ref: 'y' }, z.unknown());
    await github.request('POST /repos/{owner}/{repo}/issues', { ...place, title: 't' }, z.unknown());
    await github.request('POST /repos/{owner}/{repo}/issues', { ...place, title: 't' }, z.unknown());
    expect(conditions()).toEqual([null, null, null, null, null]);
  });

  it('cannot be changed by whoever got the bytes before', async () => {
    const github = client('one', tagged({ login: 'x' }));
    const read = () => github.bytes('GET /repos/{owner}/{repo}/contents/{path}', { ...place, path: 'x' }, 1000);
    for (let round = 0; round < 2; round++) (await read()).data.fill(0);
    expect(new TextDecoder().decode((await read()).data)).toBe('{"login":"x"}');
    expect(conditions()).toEqual([null, '"v1"', '"v1"']);
  });

  it('holds to the most bytes of this call, as a fresh one would', async () => {
    const github = client('one', tagged('x'.repeat(100)));
    const read = (most: number) =>
      github.bytes('GET /repos/{owner}/{repo}/contents/{path}', { ...place, path: 'x' }, most);
    await read(1000);
    expect(await rejection(read(50))).toMatchObject({ code: 'too_large' });
  });
});

it('two people never share an answer, nor a limit', async () => {
  const body = { login: 'mona' };
  await client('one', tagged(body)).request('GET /user', {}, user);
  await client('two', tagged({ login: 'hubot' })).request('GET /user', {}, user);
  expect(conditions()).toEqual([null, null]);
  const limited = () => json({ message: 'secondary rate limit' }, 403, { 'retry-after': '9' });
  await rejection(client('one', limited).request('GET /user', {}, user));
  expect(await rejection(client('one', tagged(body)).request('GET /user', {}, user))).toMatchObject({
    code: 'upstream_rate_limited',
    retryAfterSeconds: 9,
  });
  expect((await client('two', tagged({ login: 'hubot' })).request('GET /user', {}, user)).data.login).toBe('hubot');
});

describe('nothing is kept', () => {
  const twice = async (answer: Answer) => {
    const github = client('one', answer);
    for (let round = 0; round < 2; round++) {
      await github.request('GET /user', {}, z.unknown()).catch(() => undefined);
    }
    return conditions()[1];
  };
  const filled = (bytes: number) => 'x'.repeat(bytes - 2);

  it.each<[string, Answer]>([
    ['without an ETag', () => json({})],
    ['of another status', () => json({}, 201, { etag: '"v1"' })],
    ['of a refusal', () => json({}, 404, { etag: '"v1"' })],
    ['with an ETag that is none', () => json({}, 200, { etag: 'v1' })],
    ['with more than 256 KiB', tagged(filled(MAX_ANSWER_BYTES + 1))],
  ])('%s', async (_, answer) => {
    expect(await twice(answer)).toBeNull();
  });

  it('but exactly 256 KiB are', async () => {
    expect(await twice(tagged(filled(MAX_ANSWER_BYTES)))).toBe('"v1"');
  });

  it('of what is gone since', async () => {
    const answers: Answer[] = [tagged({}), () => json({}, 404), tagged({})];
    const github = client('one', (request) => (answers.shift() as Answer)(request));
    for (let round = 0; round < 3; round++) await github.request('GET /user', {}, z.unknown()).catch(() => undefined);
    expect(conditions()).toEqual([null, '"v1"', null]);
  });
});

describe('bounds', () => {
  const read = (path: string) =>
    client('one', tagged('x'.repeat(1000))).request(
      'GET /repos/{owner}/{repo}/contents/{path}',
      { ...place, path },
      z.unknown(),
    );

  it.each([
    ['entries', { answers: 2 }],
    ['bytes', { bytes: 5000 }],
  ])('of %s: what was used longest ago goes first', async (_, bounds) => {
    memory = new Memory(bounds);
    for (const path of ['a', 'b', 'a', 'c', 'a', 'b']) await read(path);
    expect(conditions()).toEqual([null, null, '"v1"', null, '"v1"', null]);
  });

  it('of people', async () => {
    memory = new Memory({ people: 1 });
    const limited = () => json({}, 429, { 'retry-after': '9' });
    await rejection(client('one', limited).request('GET /user', {}, user));
    await client('two', tagged({ login: 'x' })).request('GET /user', {}, user);
    await client('one', tagged({ login: 'x' })).request('GET /user', {}, user);
    expect(asked).toHaveLength(3);
  });
});

describe('the quota', () => {
  const left = (remaining: number, seconds: number) => ({
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(NOW / 1000 + seconds),
  });

  it('near its end makes requests wait, then refuses them without asking GitHub', async () => {
    const github = client('one', () => json({ login: 'x' }, 200, left(450, 400)));
    for (let round = 0; round < 3; round++) await github.request('GET /user', {}, user);
    expect(paused).toEqual([2000]);
    const low = client('one', () => json({ login: 'x' }, 200, left(250, 400)));
    await low.request('GET /user', {}, user);
    const before = asked.length;
    const error = await rejection(low.request('GET /user', {}, user));
    expect(error).toMatchObject({
      code: 'upstream_rate_limited',
      retryAfterSeconds: Math.ceil((NOW + 400_000 - now) / 1000),
    });
    expect(asked).toHaveLength(before);
  });

  it('of GraphQL is another; its secondary limit holds for all, in an answer with status 200 too', async () => {
    const github = client('one', ({ method }) =>
      method === 'POST' ? json({ errors: [{ type: 'RATE_LIMITED', message: 'secondary' }] }) : json({ login: 'x' }),
    );
    await rejection(github.graphql('query { viewer { login } }', {}, z.unknown()));
    expect(await rejection(github.request('GET /user', {}, user))).toMatchObject({ retryAfterSeconds: 60 });
    now += 60_000;
    expect((await github.request('GET /user', {}, user)).data.login).toBe('x');
  });

  it('is not that of the stores behind downloads', async () => {
    const store = 'https://store.test/log';
    const github = client('one', ({ url }) =>
      url.href === store
        ? new Response('log', { headers: left(0, 400) })
        : new Response(null, { status: 302, headers: { location: store } }),
    );
    const route = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs';
    for (let round = 0; round < 2; round++) {
      for await (const _ of github.download(route, { ...place, job_id: 1 }, 100));
    }
    expect(asked).toHaveLength(4);
  });

  it('a request that broke off is no longer underway', async () => {
    const github = client('one', () => json({ login: 'x' }, 200, left(251, 400)));
    await github.request('GET /user', {}, user);
    const broken = client('one', () => Promise.reject(new TypeError('gone')));
    await rejection(broken.request('GET /user', {}, user));
    now += 400_000 - 1;
    expect(await rejection(broken.request('GET /user', {}, user))).toMatchObject({ code: 'upstream_unavailable' });
  });
});
