/** What a gate notes about the use of its grants, on a real Durable Object's SQLite, with a clock of the test. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { GrantUses } from '../../src/gate/uses.ts';

const DAY = 86_400_000;

/** Runs a test inside a new gate object. `reopen` forgets what was in memory, as an eviction does. */
async function inGate(
  name: string,
  test: (gate: { reopen: () => GrantUses; at: (now: number) => void; written: () => number }) => void,
): Promise<void> {
  await runInDurableObject(env.GATE.getByName(name), (_, { storage }) => {
    let now = 1_000_000;
    let written = 0;
    // Counts what a write costs: rows that SQLite says it wrote.
    const counting = {
      sql: {
        exec: (statement: string, ...values: SqlStorageValue[]) => {
          const cursor = storage.sql.exec(statement, ...values);
          if (statement.startsWith('INSERT')) written += cursor.rowsWritten;
          return cursor;
        },
      },
    } as DurableObjectStorage;
    test({
      reopen: () => new GrantUses(counting, () => now),
      at: (time) => {
        now = time;
      },
      written: () => written,
    });
  });
}

describe('the last use of a grant', () => {
  it('is exact while the object lives, at most a minute old after, and written once a minute', async () => {
    await inGate('uses-minute', ({ reopen, at, written }) => {
      const uses = reopen();
      expect(uses.of('a')).toEqual({ grantId: 'a', usedAt: undefined, bound: false });
      for (let i = 0; i < 600; i++) {
        at(1_000_000 + i * 100);
        uses.used('a');
      }
      expect(written()).toBe(1);
      expect(uses.of('a').usedAt).toBe(1_059_900);
      expect(reopen().of('a').usedAt).toBe(1_000_000);
      at(1_060_000);
      uses.used('a');
      expect(written()).toBe(2);
      expect(reopen().of('a').usedAt).toBe(1_060_000);
    });
  });

  it('is not written more often by an object that is evicted between calls', async () => {
    await inGate('uses-evicted', ({ reopen, at, written }) => {
      for (let i = 0; i < 4; i++) {
        at(1_000_000 + i * 14_000);
        reopen().used('a');
      }
      expect(written()).toBe(1);
    });
  });

  it('keeps grants apart, and goes with them', async () => {
    await inGate('uses-apart', ({ reopen }) => {
      const uses = reopen();
      uses.used('a');
      uses.issued('b', true);
      expect(uses.of('a')).toMatchObject({ usedAt: 1_000_000, bound: false });
      expect(uses.of('b')).toMatchObject({ usedAt: undefined, bound: true });
      uses.used('b');
      uses.issued('b', false);
      expect(uses.of('b')).toMatchObject({ usedAt: 1_000_000, bound: false });
      uses.forget('b');
      expect(uses.of('b')).toMatchObject({ usedAt: undefined, bound: false });
      expect(reopen().of('a').usedAt).toBe(1_000_000);
    });
  });

  it('is forgotten when its grant has expired, and kept by a refresh', async () => {
    await inGate('uses-purge', ({ reopen, at }) => {
      const uses = reopen();
      uses.used('idle');
      uses.used('alive');
      at(1_000_000 + 29 * DAY);
      uses.issued('alive', false);
      at(1_000_000 + 31 * DAY);
      uses.purge();
      expect(reopen().of('idle').usedAt).toBeUndefined();
      expect(reopen().of('alive').usedAt).toBe(1_000_000);
    });
  });

  it('makes no table where nothing was used', async () => {
    const stub = env.GATE.getByName('uses-none');
    await runInDurableObject(stub, (_, { storage }) => {
      const uses = new GrantUses(storage, Date.now);
      uses.of('a');
      uses.forget('a');
      uses.purge();
      expect(storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'grant_uses'").toArray()).toEqual([]);
    });
    await evictDurableObject(stub);
  });
});

describe('a name that is claimed', () => {
  it('is taken once, whoever asks at the same time, until it expires', async () => {
    const registry = env.REGISTRY.getByName('default:claims');
    const later = Math.floor(Date.now() / 1000) + 600;
    const answers = await Promise.all(Array.from({ length: 50 }, () => registry.claim('page-sign-in:a', later)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await registry.claim('page-sign-in:b', 1)).toBe(true);
    expect(await registry.claim('page-sign-in:b', later)).toBe(true);
    expect(await registry.claim('page-sign-in:b', later)).toBe(false);
  });
});
