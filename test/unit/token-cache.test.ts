import { describe, expect, it } from 'vitest';
import { TokenCache } from '../../src/auth/token-cache.ts';

describe('the cache of validated tokens', () => {
  it('asks once in thirty seconds, keeps no refusal, and does not grow without end', async () => {
    let now = 0;
    let asked = 0;
    const cache = new TokenCache<string>(() => now);
    const get = (token: string, answer: string | null = `of ${token}`) =>
      cache.get(token, async () => {
        asked += 1;
        return answer;
      });
    expect(await get('a')).toBe('of a');
    expect(await get('a')).toBe('of a');
    expect(asked).toBe(1);
    now = 30_000;
    expect(await get('a')).toBe('of a');
    expect(asked).toBe(2);
    expect(await get('b', null)).toBeNull();
    expect(await get('b')).toBe('of b');
    expect(asked).toBe(4);
    for (let i = 0; i < 1000; i++) await get(`t${i}`);
    asked = 0;
    await get('a');
    expect(asked).toBe(1);
  });
});
