/** Attempts of an address, on a real Registry's SQLite, with a clock of the test. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { Attempts } from '../../src/gate/attempts.ts';
import { random } from '../support/random.ts';

const inRegistry = async (name: string, test: (storage: DurableObjectStorage) => void) =>
  await runInDurableObject(env.REGISTRY.getByName(name), (_, { storage }) => test(storage));
const rows = (storage: DurableObjectStorage) =>
  storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM attempts').one().n;

describe('attempts', () => {
  it('agree with counting every window by hand, when the clock jumps and memory is lost', async () => {
    await inRegistry('by hand', (storage) => {
      const next = random(7);
      const limit = { count: 3, seconds: 2 };
      const admitted: { key: string; at: number }[] = [];
      let clock = 1_000_000;
      let latest = clock;
      let attempts = new Attempts(storage, () => clock);
      for (let i = 0; i < 600; i++) {
        const step = next();
        if (step < 0.5) clock += Math.floor(next() * 700);
        else if (step < 0.55) clock += 2000;
        else if (step < 0.6) clock -= Math.floor(next() * 3000);
        else if (step < 0.62) {
          attempts = new Attempts(storage, () => clock);
          latest = admitted.at(-1)?.at ?? 0;
        }
        latest = Math.max(latest, clock);
        const key = next() < 0.7 ? 'a' : 'b';
        const now = latest;
        const counted = admitted.filter((entry) => entry.key === key && entry.at > now - 2000);
        const seconds = attempts.take(key, limit);
        if (seconds === 0) {
          expect(counted.length, `step ${i}`).toBeLessThan(3);
          admitted.push({ key, at: now });
        } else {
          expect(counted.length, `step ${i}`).toBeGreaterThanOrEqual(3);
          expect(seconds).toBeGreaterThanOrEqual(1);
        }
      }
      expect(admitted.length).toBeGreaterThan(100);
    });
  });

  it('leave nothing where they are refused, and no more than the most in all', async () => {
    await inRegistry('bounded', (storage) => {
      const attempts = new Attempts(storage, () => 1000, 50);
      for (let i = 0; i < 10; i++) expect(attempts.take('one', { count: 2, seconds: 60 }) === 0).toBe(i < 2);
      expect(rows(storage)).toBe(2);
      for (let i = 0; i < 200; i++) attempts.take(`address ${i}`, { count: 2, seconds: 60 });
      expect(rows(storage)).toBe(50);
    });
  });

  it('are forgotten by the alarm once they count nowhere', async () => {
    const registry = env.REGISTRY.getByName('forgotten');
    expect(await registry.attempt('sign_in:203.0.113.7', { count: 1, seconds: 1 })).toBe(0);
    expect(await registry.attempt('sign_in:203.0.113.7', { count: 1, seconds: 1 })).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await runDurableObjectAlarm(registry)).toBe(true);
    await runInDurableObject(registry, (_, { storage }) => expect(rows(storage)).toBe(0));
  });
});
