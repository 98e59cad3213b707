/**
 * The windows of a gate against counting by hand: never more than a limit in any window, never less than could be; at
 * edges, with many at once, with clocks that jump, and with memory that is lost.
 */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { OpenRecord } from '../../src/core/record.ts';
import type { AdmitRequest, Refusal } from '../../src/gate/admission.ts';
import { Journal } from '../../src/gate/journal.ts';
import { GateStore } from '../../src/gate/store.ts';
import type { WindowRule } from '../../src/gate/windows.ts';
import { random } from '../support/random.ts';

const DEADLINE_MS = 5000;
const success = { result_status: 'success', duration_ms: 1, error_code: null, error_message: null } as const;

const recordOf = (id: string) => ({ id, method: 'tools/call' }) as OpenRecord;

interface Admitted {
  readonly at: number;
  readonly keys: readonly string[];
}

/** Admissions of a key in the window that ends at `now`, the end included, the begin not. */
const within = (admitted: readonly Admitted[], rule: WindowRule, now: number) =>
  admitted.filter(({ at, keys }) => keys.includes(rule.key) && at > now - rule.seconds * 1000 && at <= now).length;

describe('the windows of a gate', () => {
  it('decide as counting by hand does, whatever happens', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      await runInDurableObject(env.GATE.getByName(`by hand ${seed}`), (_, { storage }) => {
        const next = random(seed * 101);
        const below = (n: number) => Math.floor(next() * n);
        const limit = (most: number) => ({ count: 1 + below(most), seconds: 1 + below(4) });
        const [client, user, tool] = [limit(5), limit(8), limit(3)];
        const concurrent = 1 + below(6);
        let clock = 1_000_000;
        let latest = 0;
        let store = new GateStore(storage, () => clock);
        const admitted: Admitted[] = [];
        const asked: { at: number }[] = [];
        const answers = new Map<string, boolean>();
        let open: { id: string; deadline: number }[] = [];
        for (let i = 0; i < 250; i++) {
          // Mostly a little forward, often not at all, to the very edge, far, or back.
          const step = next();
          if (step < 0.4) clock += below(600);
          else if (step < 0.5)
            clock = Math.max(clock, (admitted.at(-1 - below(3))?.at ?? clock) + 1000 * (1 + below(4)));
          else if (step < 0.53) clock += 5000;
          else if (step < 0.58) clock -= below(6000);
          if (next() < 0.03) {
            store = new GateStore(storage, () => clock);
            latest = asked.at(-1)?.at ?? 0;
          }
          if (next() < 0.1) {
            latest = Math.max(latest, clock);
            store.expire();
            open = open.filter(({ deadline }) => deadline > Math.max(clock, asked.at(-1)?.at ?? 0));
          }
          while (open.length > 0 && next() < 0.4) {
            const [done] = open.splice(below(open.length), 1);
            store.settle([{ id: done?.id ?? '', outcome: success }]);
          }
          const now = Math.max(clock, asked.at(-1)?.at ?? 0);
          const by = `client:${below(2)}`;
          const windows: WindowRule[] = [
            { name: 'client', key: by, ...client },
            { name: 'user', key: 'user', ...user },
            ...(next() < 0.4 ? [{ name: 'tool', key: `tool:${by}`, ...tool }] : []),
          ];
          const id = `${i}`;
          const hasRecord = next() < 0.8;
          const fits = windows.every((rule) => within(admitted, rule, now) < rule.count);
          const expected = fits && (!hasRecord || open.length < concurrent);
          const request = {
            id,
            windows,
            concurrent,
            deadlineMs: DEADLINE_MS,
            ...(hasRecord && { record: recordOf(id) }),
          };
          const answer = store.admit(request);
          const run = `seed ${seed}, step ${i}`;
          expect(answer.ok, run).toBe(expected);
          for (const quota of store.quotas(windows)) {
            const rule = windows.find(({ name }) => name === quota.name) as WindowRule;
            const left = rule.count - within(admitted, rule, now) - (answer.ok ? 1 : 0);
            expect(quota.remaining, `${run}: ${quota.name}`).toBe(left);
          }
          if (!answer.ok && answer.code === 'rate_limited') {
            // True: a call that comes then, and nothing before it, passes the windows; a second earlier it does not.
            const then = now + answer.retryAfterSeconds * 1000;
            expect(
              windows.every((rule) => within(admitted, rule, then) < rule.count),
              run,
            ).toBe(true);
            expect(
              windows.every((rule) => within(admitted, rule, then - 1000) < rule.count),
              run,
            ).toBe(false);
          }
          asked.push({ at: now });
          answers.set(id, answer.ok);
          if (answer.ok) {
            admitted.push({ at: now, keys: windows.map(({ key }) => key) });
            if (hasRecord) open.push({ id, deadline: now + DEADLINE_MS });
          }
          // The same question again has the same answer, and counts once.
          const again = `${i - below(5)}`;
          if (next() < 0.1 && answers.has(again)) {
            expect(store.admit({ ...request, id: again }).ok, `${run}: ${again} again`).toBe(answers.get(again));
          }
        }
      });
    }
  }, 60_000);

  it('hold for calls that come at once, over all clients, and across evictions', async () => {
    const gate = env.GATE.getByName('at once');
    const rules = (by: number): WindowRule[] => [
      { name: 'client', key: `client:${by}`, count: 7, seconds: 1 },
      { name: 'user', key: 'user', count: 12, seconds: 1 },
    ];
    const next = random(5);
    for (let burst = 0; burst < 8; burst++) {
      const calls = Array.from({ length: 25 }, (_, i): AdmitRequest => {
        const windows = rules(Math.floor(next() * 3));
        return { id: `${burst}-${i}`, token: { grantId: 'g', tokenId: 't' }, windows, deadlineMs: DEADLINE_MS };
      });
      await Promise.all(calls.map((call) => gate.admit(call)));
      await new Promise((resolve) => setTimeout(resolve, 150 + next() * 250));
      if (burst % 4 === 3) await evictDurableObject(gate);
    }
    const rows = await runInDurableObject(gate, (_, { storage }) => [...new Journal(storage).entries()]);
    expect(rows).toHaveLength(200);
    const admitted: Admitted[] = [];
    for (const [i, { at, keys = [], answer }] of rows) {
      if (answer === undefined) {
        admitted.push({ at, keys });
        for (const rule of [0, 1, 2].flatMap(rules)) {
          expect(within(admitted, rule, at), `call ${i}: ${rule.key}`).toBeLessThanOrEqual(rule.count);
        }
      } else {
        const { limit } = answer as Refusal;
        // Refused for a limit that was full, and for no other reason.
        const full = [0, 1, 2].flatMap(rules).filter((rule) => rule.name === limit);
        expect(
          full.some((rule) => within(admitted, rule, at) === rule.count),
          `call ${i}`,
        ).toBe(true);
      }
    }
    expect(admitted.length).toBeGreaterThan(20);
  }, 60_000);
});
