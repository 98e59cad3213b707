/**
 * What a gate reads back when it wakes, whatever happened before: nothing lost, nothing twice, no second outcome, and
 * every number with the record that it was sent with.
 */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { ClosedRecord, OpenRecord, Outcome } from '../../src/core/record.ts';
import { closeRecord } from '../../src/core/record.ts';
import type { Settlement } from '../../src/gate/admission.ts';
import type { Request } from '../../src/gate/decide.ts';
import { Journal } from '../../src/gate/journal.ts';
import { GateStore } from '../../src/gate/store.ts';
import type { WindowRule } from '../../src/gate/windows.ts';
import type { Gate } from '../../src/objects/gate.ts';
import { closedRecord } from '../support/closed-record.ts';
import { random } from '../support/random.ts';

const user: WindowRule = { name: 'user', key: 'user', count: 1_000_000, seconds: 60 };
const hourly: WindowRule = { name: 'tool', key: 'tool:slow', count: 1_000_000, seconds: 3600 };
const success: Outcome = { result_status: 'success', duration_ms: 5, error_code: null, error_message: null };
const failure: Outcome = { ...success, result_status: 'error', error_code: 'not_found', error_message: 'Not there.' };
const denied: Outcome = { ...success, result_status: 'denied', error_code: 'insufficient_scope' };

function openRecord(id: string): OpenRecord {
  const { result_status: _, duration_ms: __, error_code: ___, error_message: ____, ...record } = closedRecord(id);
  const { repeat_count: _____, ...open } = record;
  return open;
}

function call(id: string, more: Partial<Request> = {}): Request {
  return { id, windows: [user], record: openRecord(id), deadlineMs: 95_000, ...more };
}

const settlement = (id: string, outcome: Outcome = success): Settlement => ({ id, outcome });

/** How many records are open. */
function openIn(store: GateStore): number {
  for (let concurrent = 1; ; concurrent++) {
    if (!store.isFull({ ...call('who asks'), concurrent })) return concurrent - 1;
  }
}

/** All that a gate says of itself. */
function stateOf(store: GateStore) {
  return { outbox: store.outbox(100_000), open: openIn(store), quotas: store.quotas([user, hourly]) };
}

interface Bench {
  readonly storage: DurableObjectStorage;
  /** A gate that has just woken. */
  readonly wake: () => GateStore;
  readonly at: (now: number) => void;
  /** Sends all that waits, as a Writer sees it. */
  readonly ship: (store: GateStore) => readonly (readonly [n: number, id: string, status: string])[];
  readonly rows: () => number;
}

async function inGate(name: string, test: (bench: Bench) => void): Promise<void> {
  await runInDurableObject(env.GATE.getByName(`journal ${name}`), (_, { storage }) => {
    let now = 1_000_000;
    test({
      storage,
      wake: () => new GateStore(storage, () => now),
      at: (time) => {
        now = time;
      },
      ship: (store) => {
        const waiting = store.outbox(100_000);
        const last = waiting.at(-1);
        if (last !== undefined) store.shipped(last.n);
        return waiting.map(({ n, record }) => [n, record.id, record.result_status] as const);
      },
      rows: () => storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM journal').one().n,
    });
  });
}

describe('a gate that wakes', () => {
  it('after an admission knows the call as open, and closes it as unknown at its deadline', async () => {
    await inGate('admitted', ({ wake, at, ship }) => {
      expect(wake().admit(call('a'))).toEqual({ ok: true });
      const woken = wake();
      expect(openIn(woken)).toBe(1);
      expect(woken.admit(call('a'))).toEqual({ ok: true });
      expect(openIn(woken)).toBe(1);
      at(1_095_000);
      const late = wake();
      late.expire();
      expect(ship(late)).toEqual([[expect.any(Number), 'a', 'unknown']]);
      const after = wake();
      after.expire();
      after.settle([settlement('a')]);
      expect(stateOf(after)).toMatchObject({ outbox: [], open: 0 });
    });
  });

  it.each([
    { how: 'went along with an admission', along: true },
    { how: 'came alone', along: false },
  ])('after an outcome that $how has the closed record, under the same number', async ({ along }) => {
    await inGate(`outcome ${along}`, ({ wake, ship }) => {
      const store = wake();
      store.admit(call('a'));
      store.admit(call('b'));
      const settled = [settlement('b', failure), settlement('a')];
      if (along) store.admit(call('c'), undefined, settled);
      else store.settle(settled);
      const before = stateOf(store);
      expect(before.outbox.map(({ record }) => record)).toEqual([
        closeRecord(openRecord('b'), failure),
        closeRecord(openRecord('a'), success),
      ]);
      expect(stateOf(wake())).toEqual(before);
      // Its answer was lost, and it is asked again.
      const woken = wake();
      woken.settle([{ ...settlement('a', failure), again: true }]);
      woken.admit(call('c'), undefined, [{ ...settlement('b'), again: true }]);
      expect(stateOf(woken).outbox).toEqual(before.outbox);
      expect(woken.counts.parcel()).toBeUndefined();
      // The Writer has it, and the gate ends before it notes that: it is sent once more, under its number.
      const sent = before.outbox.map(({ n, record }) => [n, record.id, record.result_status]);
      expect(ship(wake())).toEqual(sent);
      const later = wake();
      later.admit(call('d'));
      later.settle([settlement('d')]);
      expect(ship(later)[0]?.[0]).toBeGreaterThan(sent.at(-1)?.[0] as number);
      expect(stateOf(wake()).outbox).toEqual([]);
    });
  });

  it('after an admission that was refused has the outcomes that came with it', async () => {
    await inGate('refused', ({ wake, ship }) => {
      const store = wake();
      const windows = [{ ...user, count: 2 }];
      for (const id of ['a', 'b']) store.admit(call(id, { windows }));
      expect(store.admit(call('c', { windows }), undefined, [settlement('a')])).toMatchObject({ ok: false });
      // The same question again, with one more.
      expect(store.admit(call('c', { windows }), undefined, [settlement('b')])).toMatchObject({ ok: false });
      const woken = wake();
      expect(stateOf(woken)).toEqual(stateOf(store));
      expect(ship(woken).map(([, id, status]) => [id, status])).toEqual([
        ['a', 'success'],
        ['c', 'denied'],
        ['b', 'success'],
      ]);
    });
  });

  it('has outcomes in the order in which they came, those that are refusals among them', async () => {
    await inGate('mixed', ({ wake, rows }) => {
      const store = wake();
      for (const id of ['a', 'b', 'c', 'd']) store.admit(call(id));
      const settled = [settlement('a'), settlement('b', denied), settlement('c', denied), settlement('d', failure)];
      store.admit(call('e'), undefined, settled);
      const before = stateOf(store);
      // The second refusal is gathered with the first: it is open no more, and no record of its own.
      expect(before.outbox.map(({ record }) => record.id)).toEqual(['a', 'b', 'd']);
      expect(before.open).toBe(1);
      expect(stateOf(wake())).toEqual(before);
      expect(wake().nextWake()).toBe(0);
      expect(rows()).toBe(4 + 2 + 1);
    });
  });

  it('keeps all of an admission and the outcomes that came with it, or nothing', async () => {
    await inGate('all or nothing', ({ wake }) => {
      const store = wake();
      store.admit(call('a'));
      store.admit(call('b'));
      const before = stateOf(store);
      const fails = () => {
        throw new Error('the tenant cannot be asked');
      };
      const settled = [settlement('a'), settlement('b', denied)];
      expect(() => store.admit(call('c'), fails, [settlement('a')])).toThrow();
      expect(stateOf(store)).toEqual(before);
      expect(stateOf(wake())).toEqual(before);
      const broken = { ...call('c'), deadlineMs: 1n as unknown as number };
      expect(() => store.admit(broken, undefined, settled.slice(0, 1))).toThrow();
      expect(stateOf(store)).toEqual(before);
      expect(stateOf(wake())).toEqual(before);
      store.admit(call('c'), undefined, settled);
      expect(store.outbox(10).map(({ record }) => record.id)).toEqual(['a', 'b']);
    });
  });

  it('after a shipment has only what came after it, under greater numbers', async () => {
    await inGate('shipped', ({ wake, ship }) => {
      const store = wake();
      for (const id of ['a', 'b', 'c']) store.admit(call(id));
      store.settle([settlement('b')]);
      const [first] = store.outbox(1);
      store.record([closedRecord('r')]);
      store.settle([settlement('a', failure)]);
      store.shipped(first?.n as number);
      const woken = wake();
      expect(stateOf(woken)).toEqual(stateOf(store));
      const sent = ship(woken);
      expect(sent.map(([, id]) => id)).toEqual(['r', 'a']);
      expect(sent.map(([n]) => n)).toEqual([(first?.n as number) + 1, (first?.n as number) + 2]);
      const empty = wake();
      expect(stateOf(empty)).toMatchObject({ outbox: [], open: 1 });
      empty.settle([settlement('c')]);
      expect(ship(empty)).toEqual([[(first?.n as number) + 3, 'c', 'success']]);
    });
  });

  it('after it forgot has no row left, and goes on with its numbers', async () => {
    await inGate('forgotten', ({ wake, at, ship, rows }) => {
      const store = wake();
      store.admit(call('a'));
      at(1_050_000);
      store.admit(call('b'), undefined, [settlement('a')]);
      store.settle([settlement('b')]);
      const sent = ship(store);
      // The row of the call is old enough, those of its outcome are not.
      at(1_125_000);
      store.expire();
      expect(rows()).toBe(2);
      expect(stateOf(wake())).toMatchObject({ outbox: [], open: 0 });
      at(1_170_000);
      store.expire();
      expect(rows()).toBe(0);
      expect(store.nextWake()).toBe(Infinity);
      for (const next of [store, wake()]) {
        next.record([closedRecord(`r${next === store}`)]);
        const [[n] = []] = ship(next);
        expect(n).toBeGreaterThan(sent.at(-1)?.[0] as number);
      }
    });
  });

  it('keeps a record that a Writer does not take, however long', async () => {
    await inGate('unsent', ({ wake, at, ship, rows }) => {
      const store = wake();
      store.admit(call('a'));
      store.admit(call('b'), undefined, [settlement('a')]);
      for (let hour = 1; hour <= 3; hour++) {
        at(1_000_000 + hour * 3_600_000);
        store.expire();
        expect(stateOf(wake())).toEqual(stateOf(store));
      }
      expect(ship(wake()).map(([, id, status]) => [id, status])).toEqual([
        ['a', 'success'],
        ['b', 'unknown'],
      ]);
      const woken = wake();
      woken.expire();
      expect(rows()).toBe(0);
      expect(woken.nextWake()).toBe(Infinity);
    });
  });

  it('keeps a call that is open for long while thousands come and go, and little besides', async () => {
    await inGate('long', ({ wake, at, ship, rows }) => {
      let store = wake();
      store.admit(call('hourly', { windows: [hourly] }));
      store.admit(call('long', { deadlineMs: 700_000 }));
      let last = 'hourly';
      const statuses = new Map<string, string>();
      const most: number[] = [];
      for (let i = 0; i < 6000; i++) {
        at(1_000_000 + i * 100);
        store.admit(call(`${i}`), undefined, [settlement(last)]);
        last = `${i}`;
        if (i % 50 !== 0) continue;
        store.expire();
        for (const [, id, status] of ship(store)) {
          expect(statuses.has(id)).toBe(false);
          statuses.set(id, status);
        }
        if (i % 500 === 0) store = wake();
        most.push(rows());
      }
      // Those of two minutes, and of the ten seconds in between.
      expect(Math.max(...most)).toBeLessThan(1200 + 100 + 50 + 2);
      expect(openIn(wake())).toBe(2);
      const woken = wake();
      woken.settle([settlement('long', failure), settlement(last)]);
      expect(
        ship(woken)
          .slice(-2)
          .map(([, id, status]) => [id, status]),
      ).toEqual([
        ['long', 'error'],
        [last, 'success'],
      ]);
      at(1_000_000 + 6000 * 100 + 120_000);
      woken.expire();
      // Only what counts in a window of an hour.
      expect(rows()).toBe(1);
      const quiet = wake();
      expect(quiet.quotas([hourly])[0]?.remaining).toBe(hourly.count - 1);
      expect(stateOf(quiet)).toMatchObject({ outbox: [], open: 0 });
    });
  });

  it('knows what it knew, whatever happened, and each call has one row in the end', async () => {
    for (let seed = 1; seed <= 12; seed++) {
      await inGate(`seed ${seed}`, ({ wake, at, rows }) => {
        const next = random(seed * 77);
        const below = (n: number) => Math.floor(next() * n);
        let now = 1_000_000;
        let store = wake();
        let running: string[] = [];
        const expected = new Map<string, string>();
        const written = new Map<number, ClosedRecord>();
        const send = (isNoted: boolean) => {
          const shipment = store.outbox(1 + below(40));
          for (const { n, record } of shipment) {
            // A number that a Writer knows is the record that it knows.
            expect(written.get(n) ?? record, `seed ${seed}`).toEqual(record);
            written.set(n, record);
          }
          const last = shipment.at(-1);
          if (isNoted && last !== undefined) store.shipped(last.n);
        };
        const ended = () => {
          const settled = running.splice(0, below(4)).map((id) => settlement(id, next() < 0.8 ? success : failure));
          for (const { id, outcome } of settled) expected.set(id, outcome.result_status);
          return settled;
        };
        for (let i = 0; i < 400; i++) {
          now += next() < 0.02 ? below(200_000) : below(1500);
          at(now);
          const kind = next();
          const id = `${seed}-${i}`;
          if (kind < 0.5) {
            const windows = next() < 0.1 ? [user, hourly] : [user];
            const answer = store.admit(
              call(id, { windows, deadlineMs: next() < 0.1 ? 700_000 : 95_000 }),
              undefined,
              ended(),
            );
            expect(answer.ok).toBe(true);
            expected.set(id, 'unknown');
            // Some never end.
            if (next() < 0.95) running.push(id);
          } else if (kind < 0.6) store.settle(ended());
          else if (kind < 0.65) store.admit({ id, windows: [user], deadlineMs: 0 }, undefined, ended());
          else if (kind < 0.7) {
            store.record([closedRecord(id)]);
            expected.set(id, 'success');
          } else if (kind < 0.75) {
            const record = { ...openRecord(id), arguments: `{"i":${i}}` };
            store.admit(call(id, { record }));
            store.settle([settlement(id, denied)]);
            expected.set(id, 'denied');
          } else if (kind < 0.87) send(next() < 0.8);
          else {
            store.expire();
            // What passed its deadline has ended without an outcome.
            const left = new Set(
              store.outbox(100_000).flatMap(({ record }) => (record.result_status === 'unknown' ? record.id : [])),
            );
            running = running.filter((one) => !left.has(one));
          }
          const woken = wake();
          expect(stateOf(woken), `seed ${seed}, step ${i}`).toEqual(stateOf(store));
          if (next() < 0.2) store = woken;
        }
        now += 3_700_000;
        at(now);
        store.expire();
        for (let sent = -1; sent !== written.size; ) {
          sent = written.size;
          for (let round = 0; round < 20; round++) send(true);
        }
        now += 120_000;
        at(now);
        const last = wake();
        last.expire();
        expect(rows()).toBe(0);
        const found = [...written.values()].map((record) => [record.id, record.result_status] as const);
        expect(found).toHaveLength(expected.size);
        expect(new Map(found)).toEqual(expected);
      });
    }
  }, 60_000);
});

describe('the object', () => {
  const token = { grantId: 'g', tokenId: 't' };
  // A shipment would take away what is looked at.
  const keep = async (gate: DurableObjectStub<Gate>) => {
    await runInDurableObject(gate, (object) => {
      object.alarm = async () => undefined;
    });
    return gate;
  };
  const wakeQuietly = async (gate: DurableObjectStub<Gate>) => {
    await runInDurableObject(gate, (_, { storage }) => storage.deleteAlarm());
    await evictDurableObject(gate);
  };
  const admission = (id: string, settled: readonly Settlement[] = []) => ({ ...call(id), token, settled });

  it('keeps outcomes in the row of the admission that brought them, and sends them soon', async () => {
    const gate = await keep(env.GATE.getByName('journal along'));
    await gate.admit(admission('a'));
    await gate.admit(admission('b', [settlement('a')]));
    const alarm = await runInDurableObject(gate, (_, { storage }) => storage.getAlarm());
    expect(alarm ?? 0).toBeLessThan(Date.now() + 5000);
    await wakeQuietly(gate);
    await runInDurableObject(gate, (_, { storage }) => {
      expect([...new Journal(storage).entries()].map(([, { id, closed }]) => [id, closed?.length])).toEqual([
        ['a', 0],
        ['b', 1],
      ]);
      const store = new GateStore(storage, Date.now);
      expect(store.outbox(10).map(({ record }) => [record.id, record.result_status])).toEqual([['a', 'success']]);
    });
  });

  it('keeps outcomes also where the admission is refused, has to wait, or is not decided', async () => {
    const gate = await keep(env.GATE.getByName('journal kept'));
    for (const id of ['a', 'b', 'c', 'd']) await gate.admit(admission(id));
    const none = { ...user, count: 1 };
    expect(await gate.admit({ ...admission('e', [settlement('a')]), windows: [none] })).toMatchObject({ ok: false });
    expect(await gate.admit({ ...admission('f', [settlement('b')]), concurrent: 2 })).toMatchObject({ ok: false });
    const proof = { key: 'proof', attempt: 'one' };
    expect(await gate.admit({ ...admission('g'), proof })).toMatchObject({ ok: true });
    const replayed = { ...admission('h', [settlement('c', failure)]), proof: { ...proof, attempt: 'two' } };
    expect(await gate.admit(replayed)).toEqual({ ok: false, code: 'replayed' });
    await wakeQuietly(gate);
    await runInDurableObject(gate, (_, { storage }) => {
      const store = new GateStore(storage, Date.now);
      expect(store.outbox(10).map(({ record }) => [record.id, record.result_status])).toEqual([
        ['a', 'success'],
        ['e', 'denied'],
        ['b', 'success'],
        ['f', 'denied'],
        ['c', 'error'],
      ]);
      expect(openIn(store)).toBe(2);
    });
  });
});

describe('what is long', () => {
  it('has rows of its own: refusals that repeat, and more outcomes than one row takes', async () => {
    await inGate('long', ({ storage, wake, at, ship, rows }) => {
      const store = wake();
      const kept = '好'.repeat(60_000);
      // The first of a kind is a row at once, the second is gathered.
      for (let kind = 0; kind < 14; kind++) {
        for (const time of ['first', 'second']) {
          const id = `${time} ${kind}`;
          store.admit(call(id, { record: { ...openRecord(id), arguments: kept, tool_name: `tool_${kind}` } }));
          store.settle([settlement(id, denied)]);
        }
      }
      expect(ship(store)).toHaveLength(14);
      at(1_060_000);
      store.expire();
      expect(stateOf(wake())).toEqual(stateOf(store));
      expect(ship(wake())).toHaveLength(14);

      const ids = Array.from({ length: 450 }, (_, i) => `many ${i}`);
      const woken = wake();
      for (const id of ids) woken.admit(call(id));
      const before = rows();
      woken.admit(
        call('along'),
        undefined,
        ids.slice(0, 225).map((id) => settlement(id)),
      );
      woken.settle(ids.slice(225).map((id) => settlement(id)));
      expect(rows() - before).toBe(4);
      expect(stateOf(wake())).toEqual(stateOf(woken));
      expect(ship(wake()).map(([, id]) => id)).toEqual(ids);
      const longest = storage.sql.exec<{ most: number }>(
        'SELECT max(length(CAST(entry AS BLOB))) AS most FROM journal',
      );
      expect(longest.one().most).toBeLessThan(500_000);
    });
  });

  it('does not pile up behind what a Writer does not take: what has no record is forgotten', async () => {
    await inGate('behind', ({ wake, at, ship, rows }) => {
      const store = wake();
      store.admit(call('waits'));
      store.settle([settlement('waits')]);
      for (let i = 0; i < 50; i++) {
        store.admit({ id: `list ${i}`, windows: [user], deadlineMs: 0, counted: { method: 'tools/list' } });
      }
      store.admit(call('runs'));
      at(1_000_000 + 600_000);
      const woken = wake();
      woken.expire();
      // The two calls, the outcome of the first, and that the second is unknown.
      expect(rows()).toBe(4);
      expect(stateOf(wake())).toEqual(stateOf(woken));
      expect(ship(wake()).map(([, id, status]) => [id, status])).toEqual([
        ['waits', 'success'],
        ['runs', 'unknown'],
      ]);
    });
  });
});

describe('tables of the layout before', () => {
  it('are taken over also where a deployment was rolled back, and then made again', async () => {
    await inGate('rolled back', ({ storage, wake, ship }) => {
      const store = wake();
      store.admit(call('sent'));
      store.settle([settlement('sent')]);
      ship(store);
      store.admit(call('open'));
      storage.sql.exec(`
        CREATE TABLE calls (
          n INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL, keys TEXT NOT NULL,
          answer TEXT NOT NULL, deadline INTEGER, record TEXT
        );
        CREATE TABLE outbox (n INTEGER PRIMARY KEY, id TEXT NOT NULL, record TEXT NOT NULL);`);
      storage.sql.exec(
        'INSERT INTO calls VALUES (1, ?, 1000000, 1120000, ?, ?, 1095000, ?)',
        'between',
        '["user"]',
        '{"ok":true}',
        JSON.stringify(openRecord('between')),
      );
      const woken = wake();
      expect(openIn(woken)).toBe(2);
      woken.settle([settlement('between'), settlement('open', failure)]);
      expect(ship(wake()).map(([, id, status]) => [id, status])).toEqual([
        ['between', 'success'],
        ['open', 'error'],
      ]);
    });
  });

  it('are taken over: what is open, what waits, what counts, what was answered, and the numbers', async () => {
    await inGate('carried over', ({ storage, wake, at, ship }) => {
      storage.sql.exec(`
        CREATE TABLE calls (
          n INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL, keys TEXT NOT NULL,
          answer TEXT NOT NULL, deadline INTEGER, record TEXT
        );
        CREATE TABLE outbox (n INTEGER PRIMARY KEY, id TEXT NOT NULL, record TEXT NOT NULL);
        CREATE TABLE shipped (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL);
        INSERT INTO shipped VALUES (1, 40);`);
      const refusal = { ok: false, code: 'rate_limited', limit: 'user', message: 'Full.', retryAfterSeconds: 9 };
      const keys = JSON.stringify(['user']);
      for (const [n, id, answer, opened] of [
        [7, 'sent', { ok: true }, false],
        [8, 'open', { ok: true }, true],
        [9, 'closed', { ok: true }, true],
        [10, 'refused', refusal, false],
      ] as const) {
        storage.sql.exec(
          'INSERT INTO calls VALUES (?, ?, 990000, 1110000, ?, ?, ?, ?)',
          n,
          id,
          answer.ok ? keys : '[]',
          JSON.stringify(answer),
          opened ? 1_085_000 : null,
          opened ? JSON.stringify(openRecord(id)) : null,
        );
      }
      const closed = closeRecord(openRecord('closed'), failure);
      storage.sql.exec('INSERT INTO outbox VALUES (41, ?, ?)', 'closed', JSON.stringify(closed));

      const store = wake();
      expect(store.outbox(10)).toEqual([{ n: 41, record: closed }]);
      expect(openIn(store)).toBe(1);
      expect(store.quotas([user])[0]?.remaining).toBe(user.count - 3);
      expect(['sent', 'open', 'closed', 'refused'].map((id) => store.admit(call(id)))).toEqual([
        { ok: true },
        { ok: true },
        { ok: true },
        refusal,
      ]);
      store.admit(call('new'), undefined, [settlement('open')]);
      expect(stateOf(wake())).toEqual(stateOf(store));
      expect(ship(wake())).toEqual([
        [41, 'closed', 'error'],
        [42, 'open', 'success'],
      ]);
      at(1_095_000);
      const woken = wake();
      woken.expire();
      expect(ship(woken)).toEqual([[43, 'new', 'unknown']]);
    });
  });
});
