import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { API, answering, json, NOW, rejection, TOKEN } from './answering.ts';

const QUERY = 'query($login: String!) { user(login: $login) { login } }';
const shape = z.object({ user: z.object({ login: z.string() }) });
const ask = (answer: () => Response, apiUrl = API) => {
  const fake = answering(answer, apiUrl);
  return { ...fake, work: fake.github.graphql(QUERY, { login: 'mona' }, shape) };
};
const refused = (error: object, headers = {}) =>
  rejection(ask(() => json({ data: { user: null }, errors: [error] }, 200, headers)).work);

describe('GraphQL', () => {
  it.each([
    [API, `${API}/graphql`],
    ['https://ghe.test/api/v3', 'https://ghe.test/api/graphql'],
    ['https://ghe.test/api/v3/', 'https://ghe.test/api/graphql'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/graphql'],
  ])('of %s is at %s, with the values in the variables', async (apiUrl, url) => {
    const { work, asked } = ask(() => json({ data: { user: { login: 'mona', extra: 1 } } }), apiUrl);
    expect(await work).toEqual({ user: { login: 'mona' } });
    expect(asked[0]?.method).toBe('POST');
    expect(asked[0]?.url.href).toBe(url);
    expect(asked[0]?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
    expect(asked[0]?.headers.get('user-agent')).toBe('gatehouse');
    expect(asked[0]?.body).toEqual({ query: QUERY, variables: { login: 'mona' } });
  });

  it.each([
    ['NOT_FOUND', 'upstream_not_found'],
    ['FORBIDDEN', 'upstream_forbidden'],
    ['INSUFFICIENT_SCOPES', 'upstream_forbidden'],
    ['UNAUTHENTICATED', 'upstream_unauthorized'],
    ['RATE_LIMITED', 'upstream_rate_limited'],
    ['RATE_LIMIT', 'upstream_rate_limited'],
    ['UNPROCESSABLE', 'upstream_invalid'],
    ['STALE_DATA', 'upstream_conflict'],
    ['SERVICE_UNAVAILABLE', 'upstream_unavailable'],
  ])('answers %s as %s, also beside data', async (type, code) => {
    // The last request of a window: only a refusal for quota is about quota.
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 90) };
    const error = await refused({ type, path: ['user'], message: 'Could not "do" it.\u202e' }, headers);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).not.toMatch(/[\u202e]|"do"/);
    if (code === 'upstream_rate_limited') expect(error).toMatchObject({ retryAfterSeconds: 90 });
  });

  it('tells a wrong value, an unknown query and a failure apart', async () => {
    const problems = {
      message: 'Variable $login of type String! was provided invalid value',
      extensions: { problems: [{ path: [] }] },
    };
    expect(await refused(problems)).toMatchObject({ code: 'upstream_invalid' });
    const unknown = { message: "Field 'x' doesn't exist", extensions: { code: 'undefinedField' } };
    expect(await refused(unknown)).toMatchObject({ code: 'upstream_malformed', hint: expect.stringContaining('old') });
    expect(await refused({ message: 'Something went wrong' })).toMatchObject({ code: 'upstream_unavailable' });
  });

  it('checks status, JSON and shape like REST', async () => {
    const failing = [
      [json({ message: 'Bad credentials' }, 401), 'upstream_unauthorized'],
      [json({}, 502), 'upstream_unavailable'],
      [new Response('<html>'), 'upstream_malformed'],
      [json({ data: { user: null } }), 'upstream_malformed'],
      [json([]), 'upstream_malformed'],
      [new Response('x', { headers: { 'content-length': String(30 * 1024 * 1024) } }), 'too_large'],
      [new Response(null, { status: 307, headers: { location: 'https://evil.test/graphql' } }), 'upstream_malformed'],
    ] as const;
    for (const [response, code] of failing) expect(await rejection(ask(() => response).work)).toMatchObject({ code });
  });

  it('stops with the signal', async () => {
    const { github, abort } = answering(() => json({}));
    abort.abort(new Error('gone'));
    expect(await rejection(github.graphql(QUERY, {}, shape))).toMatchObject({ message: 'gone' });
  });
});
