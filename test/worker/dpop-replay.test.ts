/** The memory of used proofs, on a real Durable Object's SQLite, with a clock of the test. */

import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { PROOF_WINDOW } from '../../src/auth/dpop/proof.ts';
import { ReplayMemory, rememberMs, replayKey } from '../../src/auth/dpop/replay.ts';

const NOW = 1_800_000_000_000;
const KEEP = rememberMs(PROOF_WINDOW);
const key = (jti: string) => replayKey({ jkt: 'k'.repeat(43), jti, htu: 'https://gate.example/mcp' });

async function inGate(name: string, test: (open: () => ReplayMemory, count: () => number) => void): Promise<void> {
  await runInDurableObject(env.GATE.getByName(name), (_, { storage }) =>
    test(
      () => new ReplayMemory(storage, PROOF_WINDOW),
      () => storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM dpop_used').one().n,
    ),
  );
}

describe('the replay memory (RFC 9449 section 11.1)', () => {
  it('takes a proof once, whatever others come between', async () => {
    await inGate('dpop-once', (open) => {
      const memory = open();
      expect(memory.firstUse(key('a'), NOW)).toBe(true);
      expect(memory.firstUse(key('b'), NOW)).toBe(true);
      expect(memory.firstUse(key('a'), NOW)).toBe(false);
      expect(memory.firstUse(key('a'), NOW + KEEP - 1)).toBe(false);
    });
  });

  it('remembers across an eviction of the object', async () => {
    await inGate('dpop-evicted', (open) => expect(open().firstUse(key('a'), NOW)).toBe(true));
    await evictDurableObject(env.GATE.getByName('dpop-evicted'));
    await inGate('dpop-evicted', (open) => expect(open().firstUse(key('a'), NOW + 1)).toBe(false));
  });

  it('gives the same request the same answer, and no other request', async () => {
    await inGate('dpop-attempts', (open) => {
      expect(open().firstUse(key('a'), NOW, 'req_1')).toBe(true);
      expect(open().firstUse(key('a'), NOW + 5, 'req_1')).toBe(true);
      expect(open().firstUse(key('a'), NOW + 6, 'req_2')).toBe(false);
      expect(open().firstUse(key('a'), NOW + 7)).toBe(false);
      // The refused request did not take the place of the first.
      expect(open().firstUse(key('a'), NOW + 8, 'req_1')).toBe(true);
    });
  });

  it('does not take nameless requests for one', async () => {
    await inGate('dpop-nameless', (open) => {
      expect([open().firstUse(key('a'), NOW, ''), open().firstUse(key('a'), NOW, '')]).toEqual([true, false]);
    });
  });

  it('forgets at the end of the time, by itself or by its alarm, and not before', async () => {
    await inGate('dpop-purge', (open, count) => {
      const memory = open();
      // An object that never saw a proof has no table for them.
      memory.purge(NOW);
      expect(count).toThrow('no such table');
      memory.firstUse(key('a'), NOW);
      memory.firstUse(key('b'), NOW + 1000);
      memory.purge(NOW + KEEP - 1);
      expect(count()).toBe(2);
      memory.purge(NOW + KEEP);
      expect(count()).toBe(1);
      expect(memory.firstUse(key('b'), NOW + 1000 + KEEP)).toBe(true);
      memory.purge(NOW + 1000 + 2 * KEEP);
      expect(count()).toBe(0);
      expect(memory.firstUse(key('a'), NOW + 1000 + 2 * KEEP)).toBe(true);
    });
  });

  it('purges what an earlier life of the object remembered', async () => {
    await inGate('dpop-purge-evicted', (open, count) => {
      for (const jti of ['a', 'b', 'c']) open().firstUse(key(jti), NOW);
      open().purge(NOW + KEEP);
      expect(count()).toBe(0);
    });
  });

  it('does not forget what was kept in another table before', async () => {
    await runInDurableObject(env.GATE.getByName('dpop-earlier'), (_, { storage }) => {
      storage.sql.exec('CREATE TABLE dpop_proofs (key TEXT PRIMARY KEY, attempt TEXT, until INTEGER) WITHOUT ROWID');
      storage.sql.exec('INSERT INTO dpop_proofs VALUES (?, ?, ?)', key('a'), 'req_1', NOW + 1000);
      const memory = new ReplayMemory(storage, PROOF_WINDOW);
      expect(memory.firstUse(key('a'), NOW + 999, 'req_2')).toBe(false);
      expect(memory.firstUse(key('a'), NOW + 999, 'req_1')).toBe(true);
      expect(memory.firstUse(key('a'), NOW + 1000, 'req_2')).toBe(true);
      expect(storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'dpop_proofs'").toArray()).toEqual([]);
    });
  });

  it('does not forget sooner when the clock jumps back, also while the object slept', async () => {
    await inGate('dpop-jump', (open) => {
      const memory = open();
      memory.firstUse(key('a'), NOW);
      memory.firstUse(key('b'), NOW - 100_000);
      expect(memory.firstUse(key('b'), NOW + KEEP - 1)).toBe(false);
      open().firstUse(key('c'), NOW - 100_000);
      expect(open().firstUse(key('c'), NOW + KEEP - 1)).toBe(false);
    });
  });

  it('joins the transaction of its object: what is rolled back was not used', async () => {
    await runInDurableObject(env.GATE.getByName('dpop-transaction'), (_, { storage }) => {
      const memory = new ReplayMemory(storage, PROOF_WINDOW);
      const failing = () =>
        storage.transactionSync(() => {
          expect(memory.firstUse(key('a'), NOW)).toBe(true);
          throw new Error('something else failed');
        });
      expect(failing).toThrow('something else failed');
      expect(memory.firstUse(key('a'), NOW)).toBe(true);
    });
  });

  it('takes one of 200 uses of the same proof that come at once', async () => {
    const gate = env.GATE.getByName('dpop-parallel');
    const uses = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        runInDurableObject(gate, (_, { storage }) =>
          new ReplayMemory(storage, PROOF_WINDOW).firstUse(key('a'), NOW, `req_${i}`),
        ),
      ),
    );
    expect(uses.filter(Boolean)).toHaveLength(1);
  });
});
