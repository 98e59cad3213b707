/** The gate's store, on a real Durable Object's SQLite, with a clock of the test. */

import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { OpenRecord } from '../../src/core/record.ts';
import type { AdmitRequest } from '../../src/gate/admission.ts';
import { MAX_WAITING } from '../../src/gate/decide.ts';
import { MAX_REFUSALS } from '../../src/gate/memory.ts';
import { MOST_KINDS } from '../../src/gate/repeats.ts';
import { GateStore } from '../../src/gate/store.ts';

const client = { name: 'client', key: 'client:a', count: 3, seconds: 60 };
const token = { grantId: 'g', tokenId: 't' };
const success = { result_status: 'success', duration_ms: 5, error_code: null, error_message: null } as const;

function record(id: string): OpenRecord {
  return {
    id,
    timestamp: '2026-01-01T00:00:00.000Z',
    tenant_id: 'default',
    user_id: 'gh_1',
    user_login: 'octocat',
    client_id: 'a',
    client_name: 'A',
    server_id: 'gate.example',
    session_id: null,
    call_id: id,
    request_id: 'req_1',
    grant_id: 'g',
    method: 'tools/call',
    tool_name: 'get_me',
    arguments: null,
  };
}

function call(id: string, more: Partial<AdmitRequest> = {}): AdmitRequest {
  return { id, token, windows: [client], record: record(id), deadlineMs: 90_000, ...more };
}

function answersIn(store: GateStore): number {
  const { admitted, refused } = store.memory();
  return admitted.size + refused.size;
}

/** Runs a test inside a new gate object; `at` sets the clock of the store. */
async function inGate(name: string, test: (store: () => GateStore, at: (now: number) => void) => void): Promise<void> {
  await runInDurableObject(env.GATE.getByName(name), (_, state) => {
    let now = 1_000_000;
    test(
      () => new GateStore(state.storage, () => now),
      (time) => {
        now = time;
      },
    );
  });
}

describe('admission', () => {
  it('admits exactly the count, refuses with a true retry time, and admits again when it says', async () => {
    await inGate('exact', (open, at) => {
      const store = open();
      for (const id of ['1', '2', '3']) expect(store.admit(call(id))).toEqual({ ok: true });
      at(1_010_000);
      const refused = store.admit(call('4'));
      expect(refused).toMatchObject({ ok: false, code: 'rate_limited', limit: 'client', retryAfterSeconds: 50 });
      at(1_059_999);
      expect(store.admit(call('5')).ok).toBe(false);
      at(1_060_000);
      expect(store.admit(call('6')).ok).toBe(true);
    });
  });

  it('counts windows of different keys apart, and all of them at once', async () => {
    const user = { name: 'user', key: 'user', count: 4, seconds: 60 };
    await inGate('keys', (open) => {
      const store = open();
      const from = (id: string, key: string) => store.admit(call(id, { windows: [{ ...client, key }, user] }));
      expect(['1', '2', '3'].map((id) => from(id, 'client:a').ok)).toEqual([true, true, true]);
      expect(from('4', 'client:a')).toMatchObject({ limit: 'client' });
      expect(from('5', 'client:b').ok).toBe(true);
      expect(from('6', 'client:b')).toMatchObject({ limit: 'user' });
    });
  });

  it('gives the same answer to the same call, admitted or refused, also after its memory is gone', async () => {
    await inGate('again', (open) => {
      const store = open();
      for (const id of ['1', '2', '3', '4']) store.admit(call(id));
      const again = open();
      expect(again.admit(call('3'))).toEqual({ ok: true });
      expect(again.admit(call('4'))).toMatchObject({ ok: false, code: 'rate_limited' });
      expect(again.outbox(10).map(({ record: { id } }) => id)).toEqual(['4']);
      // Three admitted calls, not more, although one was asked for twice.
      expect(again.admit(call('5')).ok).toBe(false);
    });
  });

  it('does not make room when the clock jumps back', async () => {
    await inGate('jump', (open, at) => {
      const store = open();
      for (const id of ['1', '2', '3']) store.admit(call(id));
      at(500_000);
      expect(store.admit(call('4'))).toMatchObject({ ok: false, retryAfterSeconds: 60 });
      expect(open().admit(call('5'))).toMatchObject({ ok: false, retryAfterSeconds: 60 });
    });
  });

  it('counts what has no record without making one', async () => {
    await inGate('lists', (open) => {
      const store = open();
      const { record: _, ...list } = call('1');
      expect(store.admit(list).ok).toBe(true);
      store.settle([{ id: '1', outcome: success }]);
      expect(store.outbox(10)).toEqual([]);
    });
  });

  it('lets only so many calls run at once, and says when one of them has ended for certain', async () => {
    await inGate('concurrent', (open, at) => {
      const wide = { windows: [], concurrent: 2 };
      let store = open();
      expect(store.admit(call('1', { ...wide, deadlineMs: 30_000 })).ok).toBe(true);
      at(1_010_000);
      expect(store.admit(call('2', { ...wide, deadlineMs: 90_000 })).ok).toBe(true);
      const refused = store.admit(call('3', wide));
      expect(refused).toMatchObject({ ok: false, code: 'too_many_concurrent_calls', retryAfterSeconds: 20 });
      expect(refused).toMatchObject({ message: '2 calls of this person are running; 2 may run at the same time.' });
      // Lists do not run for long, and have no record to count.
      const { record: _, ...list } = call('4', wide);
      expect(store.admit(list).ok).toBe(true);
      // The same from a gate that has lost its memory.
      store = open();
      expect(store.admit(call('5', wide)).ok).toBe(false);
      store.settle([{ id: '2', outcome: success }]);
      expect(store.admit(call('6', wide)).ok).toBe(true);
      expect(store.admit(call('7', wide)).ok).toBe(false);
      // A call whose Worker died counts until its deadline, not longer.
      at(1_030_000);
      store.expire();
      expect(store.admit(call('8', wide)).ok).toBe(true);
      expect(store.admit(call('9', wide)).ok).toBe(false);
      // The limit was lowered: two have to end before there is room for one.
      expect(store.admit(call('10', { ...wide, concurrent: 1 }))).toMatchObject({ retryAfterSeconds: 90 });
    });
  });

  it('counts an outcome that comes twice, or too late, as one call less', async () => {
    await inGate('concurrent-once', (open) => {
      const store = open();
      const one = { windows: [], concurrent: 1 };
      store.admit(call('1', one));
      for (const id of ['1', '1', 'unknown']) store.settle([{ id, outcome: success }]);
      expect(store.admit(call('2', one)).ok).toBe(true);
      expect(store.admit(call('3', one)).ok).toBe(false);
    });
  });

  it('keeps no key in memory whose admissions count nowhere any more', async () => {
    await inGate('memory', (open, at) => {
      const store = open();
      for (let i = 0; i < 100; i++) store.admit(call(`${i}`, { windows: [{ ...client, key: `client:${i}` }] }));
      expect(store.memory().times.size).toBe(100);
      at(1_060_000);
      // One that is asked about again, and was forgotten meanwhile, starts anew.
      expect(store.admit(call('x', { windows: [{ ...client, key: 'client:0' }] })).ok).toBe(true);
      store.expire();
      expect(store.memory().times.size).toBe(100);
      at(1_000_000 + 3_600_000);
      store.expire();
      expect(store.memory().times.size).toBe(1);
    });
  });

  it('refuses calls it could not record, and takes them again when there is room', async () => {
    await inGate('full', (open) => {
      const store = open();
      store.record(
        Array.from({ length: MAX_WAITING }, (_, i) => ({ ...record(`r${i}`), ...success, repeat_count: 1 })),
      );
      expect(store.admit(call('1'))).toMatchObject({ ok: false, code: 'audit_unavailable', retryAfterSeconds: 30 });
      expect(open().admit(call('0'))).toMatchObject({ ok: false, code: 'audit_unavailable' });
      // They have no row: so many is all that is known of them.
      expect(store.counts.parcel()?.counts).toEqual({ '["unrecorded"]': 2 });
      expect(store.outbox(MAX_WAITING + 1)).toHaveLength(MAX_WAITING);
      store.shipped(store.outbox(MAX_WAITING).at(-1)?.n ?? 0);
      expect(store.admit(call('2')).ok).toBe(true);
    });
  });
});

describe('records', () => {
  it('closes once: the first outcome counts, later ones are dropped', async () => {
    await inGate('once', (open) => {
      const store = open();
      store.admit(call('1'));
      store.settle([{ id: '1', outcome: success }]);
      store.settle([{ id: '1', outcome: { ...success, result_status: 'error' } }]);
      store.settle([{ id: 'unknown', outcome: success }]);
      expect(store.outbox(10).map(({ record: row }) => row.result_status)).toEqual(['success']);
      expect(store.counts.parcel()?.counts).toEqual({ '["dropped_outcomes"]': 2 });
    });
  });

  it('takes a record that is handed over twice once', async () => {
    await inGate('twice', (open) => {
      const store = open();
      const closed = { ...record('1'), ...success, repeat_count: 1 };
      store.record([closed]);
      store.record([closed, { ...record('2'), ...success, repeat_count: 1 }]);
      expect(store.outbox(10).map(({ record: row }) => row.id)).toEqual(['1', '2']);
    });
  });

  it('loses nothing with its memory: what is open, what waits, what was sent, and the numbers given out', async () => {
    await inGate('woken', (open) => {
      const store = open();
      for (const id of ['1', '2', '3']) store.admit(call(id));
      store.settle([{ id: '2', outcome: success }]);
      const [sent] = store.outbox(10);
      store.shipped(sent?.n ?? 0);
      store.settle([{ id: '3', outcome: { ...success, result_status: 'error' } }]);

      const again = open();
      expect(again.outbox(10).map(({ record: row }) => [row.id, row.result_status])).toEqual([['3', 'error']]);
      again.settle([{ id: '2', outcome: success }]);
      again.settle([{ id: '3', outcome: success }]);
      expect(again.counts.parcel()?.counts).toEqual({ '["dropped_outcomes"]': 2 });
      again.settle([{ id: '1', outcome: success }]);
      expect(again.outbox(10).map(({ record: row }) => row.id)).toEqual(['3', '1']);
      const numbers = again.outbox(10).map(({ n }) => n);
      again.shipped(numbers[1] ?? 0);

      const empty = open();
      expect(empty.outbox(10)).toEqual([]);
      empty.record([{ ...record('4'), ...success, repeat_count: 1 }]);
      const all = [sent?.n ?? 0, ...numbers, empty.outbox(1)[0]?.n ?? 0];
      expect(all).toEqual([...new Set(all)].sort((a, b) => a - b));
    });
  });

  it('keeps all records of a batch or none', async () => {
    await inGate('batch', (open) => {
      const store = open();
      const closed = { ...record('1'), ...success, repeat_count: 1 };
      expect(() => store.record([closed, { ...closed, id: '2', duration_ms: 1n as unknown as number }])).toThrow();
      expect(store.outbox(10)).toEqual([]);
      store.record([closed]);
      expect(open().outbox(10)).toEqual(store.outbox(10));
      expect(store.outbox(10)).toHaveLength(1);
    });
  });

  it('closes as unknown at the deadline, not before, and not what was closed', async () => {
    await inGate('deadline', (open, at) => {
      const store = open();
      store.admit(call('1'));
      store.admit(call('2'));
      store.settle([{ id: '2', outcome: success }]);
      at(1_089_999);
      store.expire();
      expect(store.outbox(10)).toHaveLength(1);
      at(1_090_000);
      store.expire();
      expect(store.outbox(10).map(({ record: row }) => [row.id, row.result_status])).toEqual([
        ['2', 'success'],
        ['1', 'unknown'],
      ]);
      store.settle([{ id: '1', outcome: success }]);
      expect(store.outbox(10)).toHaveLength(2);
    });
  });

  it('knows when it is due', async () => {
    await inGate('due', (open, at) => {
      const store = open();
      expect(store.nextWake()).toBe(Infinity);
      store.admit(call('1'));
      expect(store.nextWake()).toBe(1_090_000);
      store.settle([{ id: '1', outcome: success }]);
      expect(store.nextWake()).toBe(0);
      store.shipped(store.outbox(1)[0]?.n ?? 0);
      expect(store.nextWake()).toBe(1_120_000);
      at(1_120_000);
      store.expire();
      expect(store.nextWake()).toBe(Infinity);
    });
  });

  it('is due for what is forgotten last, once, also where it looked a moment ago', async () => {
    await inGate('due-last', (open, at) => {
      let store = open();
      const long = { ...client, name: 'tool', key: 'tool:a', seconds: 600 };
      const { record: _, ...list } = call('1', { windows: [client, long] });
      store.admit(list);
      at(1_001_000);
      store.admit({ ...list, id: '2', windows: [client] });
      expect(store.nextWake()).toBe(1_600_000);
      store = open();
      expect(store.nextWake()).toBe(1_600_000);
      at(1_599_999);
      store.expire();
      expect(store.nextWake()).toBe(1_609_999);
      at(1_600_000);
      store.expire();
      expect(store.nextWake()).toBe(1_609_999);
      at(1_609_999);
      store.expire();
      expect(store.nextWake()).toBe(Infinity);
    });
  });
});

describe('the object', () => {
  it('rings for what is due first, whatever is scheduled at the same moment', async () => {
    for (let i = 0; i < 20; i++) {
      const gate = env.GATE.getByName(`alarm:${i}`);
      const { record: _, ...list } = call(`l${i}`);
      // A list wants to be tidied up in an hour, a record wants to go out now.
      await Promise.all([
        gate.admit(list),
        gate.record([{ ...record(`r${i}`), ...success, repeat_count: 1 }]),
        gate.admit({ ...list, id: `m${i}` }),
      ]);
      const alarm = await runInDurableObject(gate, (__, state) => state.storage.getAlarm());
      expect(alarm ?? 0).toBeLessThan(Date.now() + 5000);
    }
  });

  it('admits exactly 100 of 500 parallel calls, also across an eviction', async () => {
    const gate = env.GATE.getByName('parallel');
    const hundred = { ...client, count: 100 };
    const first = await Promise.all(
      Array.from({ length: 60 }, (_, i) => gate.admit(call(`a${i}`, { windows: [hundred] }))),
    );
    await evictDurableObject(gate);
    const rest = await Promise.all(
      Array.from({ length: 440 }, (_, i) => gate.admit(call(`b${i}`, { windows: [hundred] }))),
    );
    expect([...first, ...rest].filter((answer) => answer.ok)).toHaveLength(100);
  });
});

describe('refusals that repeat', () => {
  const none = { ...client, count: 1, seconds: 3600 };
  const refused = (id: string, tool = 'get_me', args: string | null = null) =>
    call(id, { windows: [none], record: { ...record(id), tool_name: tool, arguments: args } });
  const sent = (store: GateStore) => {
    const rows = store.outbox(1000).map(({ record: row }) => [row.id, row.tool_name, row.repeat_count] as const);
    const last = store.outbox(1000).at(-1);
    if (last !== undefined) store.shipped(last.n);
    return rows;
  };

  /** Uses the window up: what comes then is refused. */
  const exhausted = (store: GateStore) => {
    store.admit(call('first', { windows: [none] }));
    store.settle([{ id: 'first', outcome: success }]);
    expect(sent(store)).toHaveLength(1);
    return store;
  };

  it('are a row at once and one more for all others of the minute', async () => {
    await inGate('repeats', (open, at) => {
      const store = exhausted(open());
      for (let i = 1; i <= 50; i++) expect(store.admit(refused(`${i}`, 'get_me', `{"i":${i}}`)).ok).toBe(false);
      expect(sent(store)).toEqual([['1', 'get_me', 1]]);
      // Asked twice is refused once; an object that wakes anew goes on.
      store.admit(refused('50'));
      const again = open();
      again.admit(refused('51'));
      again.admit(refused('x', 'other'));
      expect(again.nextWake()).toBe(0);
      expect(sent(again)).toEqual([['x', 'other', 1]]);
      expect(again.nextWake()).toBe(1_060_000);
      at(1_059_999);
      again.expire();
      expect(sent(again)).toEqual([]);
      at(1_060_000);
      again.expire();
      expect(sent(again)).toEqual([['2', 'get_me', 50]]);
      // The other one did not come again: it is a first one the next time.
      again.admit(refused('y', 'other'));
      expect(sent(again)).toEqual([['y', 'other', 1]]);
    });
  });

  it('that go on are one row for each further minute, and a row at once after a minute of rest', async () => {
    await inGate('goes-on', (open, at) => {
      const store = exhausted(open());
      const rows: (readonly [string, string | null, number])[] = [];
      for (let second = 0; second < 180; second++) {
        at(1_000_000 + second * 1000);
        store.expire();
        rows.push(...sent(store));
        store.admit(refused(`${second}`));
      }
      at(1_000_000 + 180_000);
      const woken = open();
      woken.expire();
      rows.push(...sent(store), ...sent(woken));
      expect(rows).toEqual([
        ['0', 'get_me', 1],
        ['1', 'get_me', 59],
        ['60', 'get_me', 60],
        ['120', 'get_me', 60],
      ]);
      at(1_000_000 + 240_000);
      woken.admit(refused('late'));
      expect(sent(woken)).toEqual([['late', 'get_me', 1]]);
    });
  });

  it('by policy are told apart by their arguments, and are open no more', async () => {
    await inGate('policy', (open, at) => {
      const store = open();
      const denied = { ...success, result_status: 'denied', error_code: 'insufficient_scope' } as const;
      for (const [id, args] of [
        ['1', '{"repo":"a"}'],
        ['2', '{"repo":"b"}'],
        ['3', '{"repo":"a"}'],
      ] as const) {
        store.admit(call(id, { record: { ...record(id), arguments: args }, concurrent: 1 }));
        store.settle([{ id, outcome: denied }]);
      }
      expect(sent(store).map(([id]) => id)).toEqual(['1', '2']);
      at(1_060_000);
      open().expire();
      const woken = open();
      expect(sent(woken)).toEqual([['3', 'get_me', 1]]);
      expect(woken.admit(call('4', { windows: [], concurrent: 1 })).ok).toBe(true);
    });
  });

  it('of more tools than there are kinds become one kind, without a name', async () => {
    await inGate('kinds', (open, at) => {
      const store = exhausted(open());
      for (let i = 0; i < 1000; i++) store.admit(refused(`${i}`, `made_up_${i}`));
      const first = sent(store);
      expect(first).toHaveLength(101);
      at(1_060_000);
      store.expire();
      expect(sent(store)).toEqual([['101', null, 899]]);
    });
  });

  it('of ever more clients are gathered up to a number of kinds; what comes above it has a row of its own', async () => {
    await runInDurableObject(env.GATE.getByName('clients'), (_, { storage }) => {
      const store = exhausted(new GateStore(storage, () => 1_000_000));
      for (let i = 0; i < 1000; i++) {
        const id = `${i}`;
        const record_ = { ...record(id), client_id: `client-${i % 500}`, arguments: 'x'.repeat(10_000) };
        store.admit(call(id, { windows: [none], record: record_ }));
      }
      // Twice the same of each: those of the first 200 clients are gathered.
      expect(sent(store)).toHaveLength(2 * MOST_KINDS + 2 * 300);
      const { kinds, bytes } = storage.sql
        .exec<{ kinds: number; bytes: number }>('SELECT count(*) AS kinds, max(length(kind)) AS bytes FROM repeats')
        .one();
      expect(kinds).toBe(2 * MOST_KINDS);
      expect(bytes).toBeLessThan(100);
    });
  });

  it('are remembered up to a number, the newest, and counted to the last, however many come', async () => {
    await runInDurableObject(env.GATE.getByName('flood'), (_, { storage }) => {
      let now = 1_000_000;
      const store = exhausted(new GateStore(storage, () => now));
      const many = 2.5 * MAX_REFUSALS;
      for (let i = 0; i < many; i++) store.admit(refused(`${i}`));
      const rows = () => storage.sql.exec<{ n: number }>('SELECT count(*) AS n FROM journal').one().n;
      expect(answersIn(store)).toBeLessThanOrEqual(MAX_REFUSALS + 1);
      // And the first, which waits to be sent.
      expect(rows()).toBeLessThanOrEqual(MAX_REFUSALS + 2);
      const woken = new GateStore(storage, () => now);
      for (const one of [store, woken]) {
        // Who asks again gets the same answer, and is not counted twice; the admitted call is still in its window.
        for (let i = many - MAX_REFUSALS / 2; i < many; i++) expect(one.admit(refused(`${i}`)).ok).toBe(false);
        expect(one.admit(call('first', { windows: [none] })).ok).toBe(true);
      }
      // At the console, somebody who is no administrator is refused as often as they like, too.
      const denied = { ...success, result_status: 'denied', method: 'audit/read', repeat_count: 1 } as const;
      for (let i = 0; i < many; i++) woken.record([{ ...record(`c${i}`), ...denied }]);
      woken.record([{ ...record(`c${many - 1}`), ...denied }]);
      expect(answersIn(woken)).toBeLessThanOrEqual(MAX_REFUSALS + 1);
      expect(rows()).toBeLessThanOrEqual(MAX_REFUSALS + 3);
      now += 120_000;
      woken.expire();
      expect(sent(woken).reduce((sum, [, , count]) => sum + count, 0)).toBe(2 * many);
      expect(answersIn(woken)).toBe(1);
      // What was sent is forgotten at the next look.
      now += 120_000;
      woken.expire();
      expect(rows()).toBe(1);
    });
  });
});
