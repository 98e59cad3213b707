/** The limit of a tenant by leased shares: never above it, whatever is lost, late or forgotten, and how far below. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { shardOf } from '../../src/auth/store/face.ts';
import type { AdmitRequest } from '../../src/gate/admission.ts';
import type { ShareAnswer, ShareAsk } from '../../src/gate/lessor.ts';
import { Lessor, leaseMs, mostHeld } from '../../src/gate/lessor.ts';
import { Shares } from '../../src/gate/shares.ts';
import { closedRecord } from '../support/closed-record.ts';
import { random } from '../support/random.ts';

/** What happens in one run: everything that can. */
interface Rates {
  readonly lost: number;
  readonly forgets: number;
  readonly jumps: number;
}

const CALM: Rates = { lost: 0, forgets: 0, jumps: 0 };
const ROUGH: Rates = { lost: 0.15, forgets: 0.01, jumps: 0.01 };

interface Gate {
  shares: Shares;
  /** Milliseconds that its clock is ahead. */
  skew: number;
}

/** Some gates and a lessor on a clock of their own, in true time: only `advance` lets it pass. */
class World {
  now = 10_000_000;
  /** When calls were let through, and when they were refused with nothing but the tenant's limit in the way. */
  readonly admitted: number[] = [];
  readonly refused: { at: number; waitMs: number }[] = [];
  asks = 0;
  readonly limit: ShareAsk['limit'];
  readonly #storage: DurableObjectStorage;
  readonly #next: () => number;
  readonly #rates: Rates;
  readonly #gates: Gate[];
  #lessor: Lessor;
  #pending: { at: number; go: () => void }[] = [];
  #ids = 0;

  constructor(storage: DurableObjectStorage, limit: ShareAsk['limit'], gates: number, seed: number, rates: Rates) {
    this.#storage = storage;
    this.limit = limit;
    this.#next = random(seed);
    this.#rates = rates;
    this.#lessor = new Lessor(storage, () => this.now);
    this.#gates = Array.from({ length: gates }, () => {
      const gate = { skew: rates.jumps > 0 ? Math.floor((this.#next() - 0.5) * 20_000) : 0 } as Gate;
      gate.shares = this.#memory(gate);
      return gate;
    });
  }

  #memory(gate: Gate): Shares {
    return new Shares(
      (ask) => this.#ask(ask),
      () => this.now + gate.skew,
      () => `holder-${this.#ids++}`,
    );
  }

  async #ask(ask: ShareAsk): Promise<ShareAnswer | undefined> {
    const { lost } = this.#rates;
    this.asks += 1;
    await this.#later(Math.floor(this.#next() * 40));
    if (this.#next() < lost / 2) throw new Error('lost on the way there');
    const answer = this.#lessor.lease(ask);
    await this.#later(Math.floor(this.#next() * (lost > 0 ? 400 : 40)));
    if (this.#next() < lost / 2) throw new Error('lost on the way back');
    return answer;
  }

  #later(ms: number): Promise<void> {
    return new Promise((go) => {
      this.#pending.push({ at: this.now + ms, go });
    });
  }

  /** Lets time pass, and what waits for it happen in order. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      await settled();
      const [due] = this.#pending.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (due === undefined) break;
      this.now = Math.max(this.now, due.at);
      this.#pending = this.#pending.filter((entry) => entry !== due);
      due.go();
    }
    this.now = until;
  }

  /** One call at one gate: as the object does it. */
  async call(index: number): Promise<void> {
    const { shares } = this.#gates[index] as Gate;
    try {
      while (shares.needsAnswer()) await shares.answered(this.limit);
    } catch {
      return;
    }
    const waitMs = shares.take(this.limit, (work) => void work);
    if (waitMs === 0) this.admitted.push(this.now);
    else this.refused.push({ at: this.now, waitMs });
  }

  /** Memory is lost, and clocks jump: those of gates both ways, that of the lessor back, where it stands still. */
  disturb(): void {
    const { forgets, jumps } = this.#rates;
    for (const gate of this.#gates) {
      if (this.#next() < forgets) gate.shares = this.#memory(gate);
      if (this.#next() < jumps) gate.skew += Math.floor((this.#next() - 0.5) * 30_000);
    }
    if (this.#next() < forgets) this.#lessor = new Lessor(this.#storage, () => this.now);
  }

  countIn(from: number, to: number): number {
    return this.admitted.filter((at) => at > from && at <= to).length;
  }
}

/** Every continuation that is ready has run. */
async function settled(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

const inRegistry = async (name: string, test: (storage: DurableObjectStorage) => Promise<void>) =>
  await runInDurableObject(env.REGISTRY.getByName(name), (_, { storage }) => test(storage));

/** In: a world in which everything has happened. Throws where a window holds more than the limit. */
function expectNeverAbove({ admitted, limit }: World, run: string): void {
  admitted.forEach((at, i) => {
    const before = admitted[i - limit.count];
    if (before !== undefined) expect(at - before, `${run}: call ${i}`).toBeGreaterThanOrEqual(limit.seconds * 1000);
  });
}

/** What is held and not used is at most as much as was used shortly before: half of the limit can always be used. */
function expectNotFarBelow(world: World, gates: number, run: string): void {
  const { limit } = world;
  const span = limit.seconds * 1000 + 3 * (leaseMs(limit.seconds) + 1000);
  for (const { at } of world.refused) {
    const near = world.countIn(at - span, at);
    expect(near * 2 + gates, `${run}: refused at ${at} after ${near} calls`).toBeGreaterThanOrEqual(limit.count);
  }
}

describe('shares of a tenant', () => {
  it.each([
    ['calm', CALM],
    ['with answers lost, memory lost, and clocks that jump', ROUGH],
  ])(
    'are never more than the limit in any window: %s',
    async (name, rates) => {
      for (let seed = 1; seed <= 30; seed++) {
        await inRegistry(`${name} ${seed}`, async (storage) => {
          const next = random(seed * 31);
          const gates = 1 + Math.floor(next() * 6);
          const limit = { count: 1 + Math.floor(next() * 40), seconds: 1 + Math.floor(next() * 6) };
          const world = new World(storage, limit, gates, seed, rates);
          for (let step = 0; step < 250; step++) {
            world.disturb();
            const burst = next() < 0.15 ? Math.floor(next() * 30) : Math.floor(next() * 3);
            for (let i = 0; i < burst; i++) void world.call(Math.floor(next() * gates));
            await world.advance(Math.floor(next() * (next() < 0.05 ? 8000 : 400)));
          }
          await world.advance(5000);
          const run = `seed ${seed}, ${gates} gates, ${limit.count}/${limit.seconds}`;
          expectNeverAbove(world, run);
          if (rates === CALM) expectNotFarBelow(world, gates, run);
          expect(world.admitted.length, run).toBeGreaterThan(0);
        });
      }
    },
    60_000,
  );

  it('reach five sixths of the limit with steady traffic above it', async () => {
    await inRegistry('steady', async (storage) => {
      const limit = { count: 300, seconds: 60 };
      const world = new World(storage, limit, 10, 3, CALM);
      // Ten gates, each with twice its part of the limit.
      for (let step = 0; step < 1800; step++) {
        void world.call(step % 10);
        await world.advance(100);
      }
      expectNeverAbove(world, 'steady');
      const begin = 10_000_000 + 60_000;
      for (let at = begin + 60_000; at <= world.now; at += 5000) {
        expect(world.countIn(at - 60_000, at)).toBeGreaterThanOrEqual(250);
      }
      expect(world.admitted.length).toBeGreaterThan(800);
    });
  }, 60_000);

  it('below the limit refuse nothing, and a call seldom waits for an answer', async () => {
    await inRegistry('below', async (storage) => {
      const world = new World(storage, { count: 1000, seconds: 60 }, 5, 4, CALM);
      let waited = 0;
      for (let step = 0; step < 1200; step++) {
        const before = world.admitted.length;
        const call = world.call(step % 5);
        // At once, without time: a lease was there.
        await settled();
        if (world.admitted.length === before) waited += 1;
        await world.advance(100);
        await call;
      }
      expect(world.refused).toEqual([]);
      expect(world.admitted).toHaveLength(1200);
      expect(waited).toBeLessThanOrEqual(20);
      expect(world.asks).toBeLessThan(400);
    });
  }, 60_000);

  it('an answer that got lost grants nothing twice, and a report that comes twice counts once', async () => {
    await inRegistry('lost', async (storage) => {
      let now = 1_000_000;
      const lessor = new Lessor(storage, () => now);
      const limit = { count: 10, seconds: 60 };
      const ask = { holder: 'a', used: 0, wanted: 1, limit };
      expect(lessor.lease(ask)).toEqual({ granted: 1, retryAfterMs: 0 });
      expect(lessor.lease(ask)).toEqual({ granted: 1, retryAfterMs: 0 });
      expect(lessor.lease({ ...ask, used: 1 })).toEqual({ granted: 2, retryAfterMs: 0 });
      expect(lessor.lease({ ...ask, used: 1 })).toEqual({ granted: 2, retryAfterMs: 0 });
      // A holder that claims to have used more than it was granted has used what it was granted.
      expect(lessor.lease({ ...ask, used: 99 })).toEqual({ granted: 3, retryAfterMs: 0 });
      now += leaseMs(60) + 1000;
      // Its lease has ended: it has to begin as another, and what it held counts as used.
      expect(lessor.lease({ ...ask, used: 2 })).toBeUndefined();
      expect(storage.sql.exec('SELECT sum(calls) AS n FROM share_uses').one()).toEqual({ n: 3 });
      for (let i = 0; i < 7; i++) {
        expect(lessor.lease({ ...ask, holder: `b${i}` })).toEqual({ granted: 1, retryAfterMs: 0 });
      }
      const none = lessor.lease({ ...ask, holder: 'c' });
      expect(none?.granted).toBe(0);
      // The first use leaves the window a minute after it was reported, at the end of its step.
      expect(none?.retryAfterMs).toBe(1_060_000 - now);
      now = 1_060_000;
      expect(lessor.lease({ ...ask, holder: 'd' })).toEqual({ granted: 1, retryAfterMs: 0 });
    });
  });

  it('one gate holds a tenth of the limit at most', async () => {
    await inRegistry('tenth', async (storage) => {
      const lessor = new Lessor(storage, () => 1_000_000);
      const limit = { count: 95, seconds: 60 };
      expect(mostHeld(95)).toBe(10);
      expect(lessor.lease({ holder: 'a', used: 0, wanted: 500, limit })?.granted).toBe(10);
    });
  });
});

describe('gates of a tenant', () => {
  const call = (tenant: string, id: string): AdmitRequest => ({
    id,
    token: { grantId: 'g', tokenId: 't' },
    windows: [],
    deadlineMs: 90_000,
    tenant: { count: 40, seconds: 60 },
    record: closedRecord(id, { tenant_id: tenant }),
  });

  it('let through no more than its limit together, in parallel, and refuse with a time to wait', async () => {
    const gates = Array.from({ length: 5 }, (_, i) => env.GATE.getByName(`shared:gh_${i}`));
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => gates[i % 5]?.admit(call('shared', `call-${i}`))),
    );
    const admitted = answers.filter((answer) => answer?.ok).length;
    expect(admitted).toBeLessThanOrEqual(40);
    expect(admitted).toBeGreaterThanOrEqual(30);
    const refused = answers.find((answer) => answer?.ok === false);
    expect(refused).toMatchObject({ code: 'rate_limited', limit: 'tenant' });
    if (refused?.ok !== false || !('message' in refused)) throw new Error('nothing was refused');
    expect(refused.message).toBe('The limit of 40 in 60 seconds for all people of this tenant is reached.');
    expect(refused.retryAfterSeconds).toBeGreaterThan(0);
    expect(refused.retryAfterSeconds).toBeLessThanOrEqual(72);
    // The same question has the same answer, and takes no second share.
    const again = await gates[0]?.admit(call('shared', 'call-0'));
    expect(again?.ok).toBe(answers[0]?.ok);
    const other = await env.GATE.getByName('elsewhere:gh_1').admit(call('elsewhere', 'other'));
    expect(other.ok).toBe(true);
  });

  it('refuse where nobody can be asked, and go on where one can again', async () => {
    const lessor = env.REGISTRY.getByName(`broken:${shardOf('limit:tenant')}`);
    expect(await env.GATE.getByName('broken:gh_2').admit(call('broken', '0'))).toMatchObject({ ok: true });
    await runInDurableObject(lessor, (_, { storage }) => storage.sql.exec('DROP TABLE share_holders').toArray());
    const gate = env.GATE.getByName('broken:gh_1');
    expect(await gate.admit(call('broken', '1'))).toMatchObject({
      ok: false,
      code: 'rate_limited',
      limit: 'tenant',
      message: 'The limit of this tenant could not be asked for.',
      retryAfterSeconds: 5,
    });
    // Woken anew, it has what it needs.
    await evictDurableObject(lessor);
    expect(await gate.admit(call('broken', '2'))).toMatchObject({ ok: true });
  });

  it('ask for no share for a call that they refuse themselves', async () => {
    const gate = env.GATE.getByName('own:gh_1');
    const windows = [{ name: 'client', key: 'client:a', count: 1, seconds: 60 }];
    for (let i = 0; i < 5; i++) await gate.admit({ ...call('own', `${i}`), windows });
    const uses = await runInDurableObject(
      env.REGISTRY.getByName(`own:${shardOf('limit:tenant')}`),
      (_, { storage }) => storage.sql.exec('SELECT sum(granted) AS n FROM share_holders').one().n,
    );
    expect(uses).toBe(1);
  });
});
