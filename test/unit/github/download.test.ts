/** Logs and archives: redirects to stores, without the token, within limits. */
import { describe, expect, it } from 'vitest';
import { type Answer, API, answering, rejection, TOKEN } from './answering.ts';

const STORE = 'https://store.test/log.txt?sig=1';
const LOGS = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs';
const place = { owner: 'octo', repo: 'hello', job_id: 5 };
const to = (location: string, status = 302) => new Response(null, { status, headers: { location } });

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

const download = (answer: Answer, api = API, maxBytes = 1000) => {
  const fake = answering(answer, api);
  return { ...fake, text: textOf(fake.github.download(LOGS, place, maxBytes)) };
};

describe('a download', () => {
  it('follows to the store without credentials', async () => {
    const { text, asked } = download(({ url }) => (url.origin === API ? to(STORE) : new Response('hello')));
    expect(await text).toBe('hello');
    expect(asked.map(({ url }) => url.href)).toEqual([`${API}/repos/octo/hello/actions/jobs/5/logs`, STORE]);
    expect(asked[0]?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    expect([...(asked[1]?.headers.keys() ?? [])]).toEqual(['user-agent']);
  });

  it('keeps credentials inside the API only, and does not give them again to a redirect back', async () => {
    const hops = [`${API}/repositories/1/actions/jobs/5/logs`, STORE, `${API}/user`];
    const { text, asked } = download(() => {
      const next = hops.shift();
      return next === undefined ? new Response('end') : to(next);
    });
    expect(await text).toBe('end');
    expect(asked.map(({ headers }) => headers.has('authorization'))).toEqual([true, true, false, false]);
  });

  it('takes the content from the API where that has it', async () => {
    expect(await download(() => new Response('here')).text).toBe('here');
  });

  it.each([
    ['http://store.test/log'],
    ['http://127.0.0.1/log'],
    ['https://127.0.0.1/log'],
    ['https://localhost/log'],
    ['https://user:pw@store.test/log'],
    ['ftp://store.test/log'],
    ['//'],
    ['file:///etc/passwd'],
  ])('does not follow to %s', async (location) => {
    const { text, asked } = download(() => to(location));
    expect(await rejection(text)).toMatchObject({ code: 'upstream_malformed' });
    expect(asked).toHaveLength(1);
  });

  it('follows inside this machine where the API is there too', async () => {
    const local = 'http://127.0.0.1:8080';
    const { text } = download(
      ({ url }) => (url.origin === local ? to('http://localhost:8081/x') : new Response('ok')),
      local,
    );
    expect(await text).toBe('ok');
  });

  it('follows three times and no more', async () => {
    let hop = 0;
    const { text, asked } = download(() => to(`https://store.test/${++hop}`));
    expect(await rejection(text)).toMatchObject({ code: 'upstream_malformed' });
    expect(asked).toHaveLength(4);
  });

  it('tells a refusal of GitHub from one of the store', async () => {
    const refusedBy = async (where: string, status: number) => {
      const answer: Answer = ({ url }) => (url.origin === where ? new Response('<Error/>', { status }) : to(STORE));
      return await rejection(download(answer).text);
    };
    expect(await refusedBy(API, 403)).toMatchObject({ code: 'upstream_forbidden' });
    expect(await refusedBy(API, 410)).toMatchObject({ code: 'upstream_not_found' });
    expect(await refusedBy('https://store.test', 403)).toMatchObject({ code: 'upstream_unavailable' });
    expect(await refusedBy('https://store.test', 404)).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('Run the workflow again'),
    });
  });

  it('stops at its limit, at a broken transfer, and with the signal', async () => {
    expect(await rejection(download(() => new Response('x'.repeat(20)), API, 10).text)).toMatchObject({
      code: 'too_large',
    });
    const broken = new ReadableStream({
      pull: (controller) => controller.error(new TypeError('connection lost')),
    });
    expect(await rejection(download(() => new Response(broken)).text)).toMatchObject({ code: 'upstream_unavailable' });
    const hanging = download(() => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) })));
    setTimeout(() => hanging.abort.abort(new Error('gone')), 5);
    expect(await rejection(hanging.text)).toMatchObject({ message: 'gone' });
  });

  it('ends the transfer where the reader has enough', async () => {
    let cancelled = false;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel: () => {
        cancelled = true;
      },
    });
    const { github } = answering(() => new Response(endless));
    for await (const _ of github.download(LOGS, place, 1_000_000)) break;
    await expect.poll(() => cancelled).toBe(true);
  });
});

describe('a location', () => {
  it('is where the API redirects to, which is not asked', async () => {
    const { github, asked } = answering(() => to(STORE));
    expect((await github.location(LOGS, place)).href).toBe(STORE);
    expect(asked).toHaveLength(1);
  });

  it('is nowhere where the API refuses or answers itself', async () => {
    const refused = answering(() => new Response('{}', { status: 404 })).github.location(LOGS, place);
    expect(await rejection(refused)).toMatchObject({ code: 'upstream_not_found' });
    const answered = answering(() => new Response('log')).github.location(LOGS, place);
    expect(await rejection(answered)).toMatchObject({ code: 'upstream_malformed' });
    const away = answering(() => to('http://store.test/')).github.location(LOGS, place);
    expect(await rejection(away)).toMatchObject({ code: 'upstream_malformed' });
  });
});
