import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AppError } from '../../../src/core/errors.ts';
import { API, answering, json, rejection, TOKEN } from './answering.ts';

const user = z.object({ login: z.string() });
const repository = z.object({ full_name: z.string() });

describe('a request', () => {
  it('carries version, user agent and token, and returns what the shape asks for', async () => {
    const { github, asked } = answering(() => json({ login: 'mona', extra: 1 }, 200, { 'x-oauth-scopes': 'repo' }));
    const reply = await github.request('GET /user', {}, user);
    expect(reply.data).toEqual({ login: 'mona' });
    expect(reply.headers.get('x-oauth-scopes')).toBe('repo');
    const [request] = asked;
    expect(request?.url.href).toBe(`${API}/user`);
    expect(request?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    expect(request?.headers.get('x-github-api-version')).toBe('2022-11-28');
    expect(request?.headers.get('user-agent')).toBe('gatehouse');
    expect(request?.headers.get('accept')).toBe('application/vnd.github+json');
  });

  it('keeps the path of a GitHub Enterprise Server', async () => {
    const { github, asked } = answering(() => json({ full_name: 'a/b' }), 'https://ghe.test/api/v3');
    await github.request('GET /repos/{owner}/{repo}', { owner: 'a', repo: 'b' }, repository);
    expect(asked[0]?.url.href).toBe('https://ghe.test/api/v3/repos/a/b');
  });

  it('sends the body of a write as JSON, and a plus sign of a search as a plus sign', async () => {
    const { github, asked } = answering(() => json({ number: 1, total_count: 0 }));
    const any = z.unknown();
    await github.request('POST /repos/{owner}/{repo}/issues', { owner: 'a', repo: 'b', title: 't', labels: [] }, any);
    await github.request('GET /search/issues', { q: 'c++ reactions:>1 "a&b"', per_page: 5 }, any);
    expect(asked[0]?.body).toEqual({ title: 't', labels: [] });
    expect(asked[0]?.headers.get('content-type')).toMatch(/^application\/json/);
    expect(asked[1]?.url.searchParams.get('q')).toBe('c++ reactions:>1 "a&b"');
    expect(asked[1]?.url.searchParams.get('per_page')).toBe('5');
  });

  it('keeps slashes of a path and encodes everything else', async () => {
    const { github, asked } = answering(() => json({}));
    const place = { owner: 'a', repo: 'b', path: 'docs/ä b/c?d#e%f.md' };
    await github.request('GET /repos/{owner}/{repo}/contents/{path}', place, z.unknown());
    expect(asked[0]?.url.pathname).toBe('/repos/a/b/contents/docs/%C3%A4%20b/c%3Fd%23e%25f.md');
    expect(asked[0]?.url.search).toBe('');
  });

  it('accepts an answer without content', async () => {
    const { github } = answering(() => new Response(null, { status: 204 }));
    expect((await github.request('GET /user', {}, z.undefined())).data).toBeUndefined();
  });

  it('returns bytes as they are, asking for the raw media type', async () => {
    const { github, asked } = answering(() => new Response(new Uint8Array([0, 255, 10])));
    const place = { owner: 'a', repo: 'b', path: 'x.bin' };
    const { data } = await github.bytes('GET /repos/{owner}/{repo}/contents/{path}', place, 3);
    expect([...data]).toEqual([0, 255, 10]);
    expect(asked[0]?.headers.get('accept')).toBe('application/vnd.github.raw+json');
    const tooLarge = rejection(github.bytes('GET /repos/{owner}/{repo}/contents/{path}', place, 2));
    expect(await tooLarge).toMatchObject({ code: 'too_large' });
  });
});

describe('a redirect', () => {
  const moved = (location: string, status = 301) => new Response(null, { status, headers: { location } });
  const place = { owner: 'old', repo: 'name' };
  const route = 'GET /repos/{owner}/{repo}';

  it('of a renamed repository is followed', async () => {
    const { github, asked } = answering(({ url }) =>
      url.pathname === '/repositories/7' ? json({ full_name: 'new/name' }) : moved(`${API}/repositories/7`),
    );
    expect((await github.request(route, place, repository)).data.full_name).toBe('new/name');
    expect(asked.map(({ headers }) => headers.get('authorization'))).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
  });

  it.each([
    ['another host', 'https://evil.test/repositories/7'],
    ['another port', 'https://api.github.test:8443/x'],
    ['plain http', 'http://api.github.test/x'],
    ['credentials', 'https://a:b@api.github.test/x'],
    ['a protocol-relative URL', '//evil.test/x'],
    ['nonsense', 'http://'],
  ])('to %s is refused before anything is sent there', async (_, location) => {
    const { github, asked } = answering(() => moved(location));
    const error = await rejection(github.request(route, place, repository));
    expect(error).toMatchObject({ code: 'upstream_malformed' });
    expect(asked).toHaveLength(1);
    expect((error as AppError).message).not.toContain('evil');
  });

  it('leaving the path of an Enterprise Server is refused', async () => {
    const { github, asked } = answering(() => moved('https://ghe.test/login'), 'https://ghe.test/api/v3');
    expect(await rejection(github.request(route, place, repository))).toMatchObject({ code: 'upstream_malformed' });
    expect(asked).toHaveLength(1);
  });

  it('is followed three times, not four', async () => {
    const chain = (length: number) =>
      answering(({ url }) => {
        const hop = Number(url.pathname.split('/').at(-1));
        return hop === length
          ? json({ full_name: 'x/y' })
          : moved(`${API}/hop/${Number.isNaN(hop) ? 1 : hop + 1}`, 307);
      });
    expect((await chain(3).github.request(route, place, repository)).data.full_name).toBe('x/y');
    expect(await rejection(chain(4).github.request(route, place, repository))).toMatchObject({
      code: 'upstream_malformed',
    });
  });

  it('of a write is followed with its method and body at 307, and not at 301', async () => {
    const post = (status: number) => {
      const fake = answering(({ url }) =>
        url.pathname === '/moved' ? json({ full_name: 'x/y' }) : moved('/moved', status),
      );
      const parameters = { ...place, title: 't' };
      return { ...fake, work: fake.github.request('POST /repos/{owner}/{repo}/issues', parameters, z.unknown()) };
    };
    const kept = post(307);
    await kept.work;
    expect(kept.asked.map(({ method, body }) => [method, body])).toEqual([
      ['POST', { title: 't' }],
      ['POST', { title: 't' }],
    ]);
    const lost = post(301);
    expect(await rejection(lost.work)).toMatchObject({ code: 'upstream_malformed' });
    expect(lost.asked).toHaveLength(1);
  });
});

describe('pages', () => {
  const items = z.array(z.object({ id: z.number() }));
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  const place = { owner: 'a', repo: 'b', issue_number: 1, per_page: 2 };
  const listing = (count: number, link: (next: number) => string = (next) => `${API}/repositories/7/c?page=${next}`) =>
    answering(({ url }) => {
      const page = Number(url.searchParams.get('page') ?? 1);
      const next = page < count ? `<${link(page + 1)}>; rel="next", <${API}/x?page=${count}>; rel="last"` : '';
      return json([{ id: page }], 200, next === '' ? {} : { link: next });
    });

  it('come one after another, with the number of the last', async () => {
    const { github, asked } = listing(3);
    const seen: unknown[] = [];
    for await (const { data, fetched, last, more } of github.pages(route, place, items, 10)) {
      seen.push([data[0]?.id, fetched, last, more]);
    }
    expect(seen).toEqual([
      [1, 1, 3, true],
      [2, 2, 3, true],
      [3, 3, undefined, false],
    ]);
    expect(asked[1]?.url.href).toBe(`${API}/repositories/7/c?page=2`);
  });

  it('stop at the cap and say that there are more', async () => {
    const { github, asked } = listing(9);
    let more: boolean | undefined;
    for await (const page of github.pages(route, place, items, 2)) more = page.more;
    expect(asked).toHaveLength(2);
    expect(more).toBe(true);
  });

  it('are not looked for outside the API', async () => {
    const { github, asked } = listing(3, () => 'https://evil.test/steal?page=2');
    const all = async () => {
      for await (const _ of github.pages(route, place, items, 10));
    };
    expect(await rejection(all())).toMatchObject({ code: 'upstream_malformed' });
    expect(asked).toHaveLength(1);
  });

  it('do not go round in circles', async () => {
    const { github, asked } = answering(({ url }) => json([], 200, { link: `<${url.href}>; rel="next"` }));
    for await (const page of github.pages(route, place, items, 10)) expect(page.more).toBe(false);
    expect(asked).toHaveLength(1);
  });
});

describe('an abort', () => {
  const reason = new Error('the client went away');

  it('before the request sends nothing and gives the signal its own reason', async () => {
    const { github, asked, abort } = answering(() => json({}));
    abort.abort(reason);
    expect(await rejection(github.request('GET /user', {}, user))).toBe(reason);
    expect(asked).toHaveLength(0);
  });

  it('during the answer ends a body that never ends', async () => {
    let cancelled = false;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"login":')),
      cancel: () => {
        cancelled = true;
      },
    });
    const { github, abort } = answering(() => new Response(body));
    const work = rejection(github.request('GET /user', {}, user));
    setTimeout(() => abort.abort(reason), 10);
    expect(await work).toBe(reason);
    expect(cancelled).toBe(true);
  });

  it('is not mistaken for a failure of GitHub where fetch rejects in its own words', async () => {
    const { github, abort } = answering(async () => {
      abort.abort(reason);
      throw new TypeError('network connection lost');
    });
    const error = await rejection(github.request('GET /user', {}, user));
    expect(error).toBe(reason);
    expect(error).not.toBeInstanceOf(AppError);
  });
});
