/** The arithmetic of GitHub's quota at its edges, with the time passed in. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { Quota, resourceOf } from '../../../src/github/quota.ts';
import { NOW } from './answering.ts';

const answer = (remaining: number, { limit = 5000, seconds = 1800 } = {}) =>
  new Headers({
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(NOW / 1000 + seconds),
  });

/** A quota of which GitHub has just said how much is left. */
function told(...headers: Headers[]): Quota {
  const quota = new Quota();
  for (const said of headers) {
    quota.done('core', said, NOW);
  }
  return quota;
}

/** How many milliseconds a request has to wait, or after how many seconds it may be repeated. */
function asked(quota: Quota, now = NOW, resource = 'core'): number | string {
  try {
    return quota.take(resource, now);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'upstream_rate_limited') throw error;
    return `after ${error.retryAfterSeconds}`;
  }
}

describe('the reserve', () => {
  it('is 5 %: the last request before it is let through, the next refused until the window ends', () => {
    expect(asked(told(answer(251)))).toBe(0);
    const quota = told(answer(250));
    expect(asked(quota)).toBe('after 1800');
    expect(asked(quota, NOW + 1_799_001)).toBe('after 1');
    expect(asked(quota, NOW + 1_800_000)).toBe(0);
  });

  it('counts requests underway, until they came back, also without an answer', () => {
    const quota = told(answer(251));
    expect(asked(quota)).toBe(0);
    expect(asked(quota)).toBe('after 1800');
    quota.done('core', undefined, NOW);
    quota.done('core', answer(1000), NOW);
    // The lower word holds within one window.
    expect(asked(quota)).toBe('after 1800');
  });

  it('of a small window is at least one request', () => {
    const quota = new Quota();
    quota.take('code_search', NOW);
    quota.done('code_search', answer(1, { limit: 10, seconds: 60 }), NOW);
    expect(asked(quota, NOW, 'code_search')).toBe('after 60');
    expect(asked(quota, NOW, 'core')).toBe(0);
  });
});

describe('spacing', () => {
  it('begins at 10 %, spreads what is left over the rest of the window, and is true about when to come back', () => {
    expect(asked(told(answer(501)))).toBe(0);
    const quota = told(answer(350, { seconds: 200 }));
    // 100 requests above the reserve in 200 seconds: one each 2 seconds.
    expect(asked(quota)).toBe(0);
    expect(asked(quota)).toBe(2000);
    expect(asked(quota)).toBe(4000);
    expect(asked(quota)).toBe('after 6');
    expect(asked(quota, NOW + 5999)).toBe(1);
    expect(asked(quota, NOW + 8000)).toBe(0);
  });

  it('never makes anybody wait above 10 %', () => {
    const quota = told(answer(2000));
    expect(Array.from({ length: 1000 }, () => asked(quota)).every((wait) => wait === 0)).toBe(true);
  });
});

describe('what GitHub says', () => {
  it('of an older window does not count, and a new window counts afresh', () => {
    expect(asked(told(answer(10), answer(4000, { seconds: 100 })))).toBe('after 1800');
    expect(asked(told(answer(10), answer(4999, { seconds: 3600 })))).toBe(0);
  });

  it.each([
    ['nothing', new Headers()],
    ['a window that is over', answer(0, { seconds: -1 })],
    ['a window of a year', answer(0, { seconds: 31_000_000 })],
    ['nonsense', new Headers({ 'x-ratelimit-limit': '-5', 'x-ratelimit-remaining': 'x', 'x-ratelimit-reset': '1e9' })],
  ])('locks nobody out where it is %s', (_, headers) => {
    expect(asked(told(headers))).toBe(0);
  });

  it('is filed under the window it names', () => {
    const quota = told(answer(0));
    const other = new Headers(answer(4000));
    other.set('x-ratelimit-resource', 'dependency_snapshots');
    quota.done('core', other, NOW);
    expect(asked(quota)).toBe('after 1800');
  });
});

describe('a secondary limit', () => {
  it('holds for every window until it is over, and a shorter one does not shorten it', () => {
    const quota = new Quota();
    quota.block(30, NOW);
    quota.block(5, NOW);
    expect(asked(quota)).toBe('after 30');
    expect(asked(quota, NOW + 29_001, 'search')).toBe('after 1');
    expect(asked(quota, NOW + 30_000, 'search')).toBe(0);
  });
});

it('windows are told from paths', () => {
  const paths = ['/search/code', '/search/issues', '/graphql', '/repos/search/code', '/user'];
  expect(paths.map(resourceOf)).toEqual(['code_search', 'search', 'graphql', 'core', 'core']);
});
