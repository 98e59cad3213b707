/** What is counted and leaves no row, from a gate and from strangers into a Writer and D1. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { Counters, MAX_KNOCKS } from '../../src/audit/counters.ts';
import { enterTools, readTotals, writeKnocks } from '../../src/audit/counts-sql.ts';
import { familiesOf } from '../../src/audit/families.ts';
import { Ledger } from '../../src/audit/ledger.ts';
import { renderMetrics } from '../../src/audit/metrics.ts';
import { writeRows } from '../../src/audit/sql.ts';
import { ulid } from '../../src/core/ids.ts';
import type { ClosedRecord } from '../../src/core/record.ts';
import { GateStore } from '../../src/gate/store.ts';
import { closedRecord } from '../support/closed-record.ts';
import { batchOf, chained, rowsOf } from '../support/log-rows.ts';
import type { CountedRow } from '../support/metrics.ts';
import { differences } from '../support/metrics.ts';
import { migrate } from './migrate.ts';

const NOON = Date.parse('2026-11-24T12:00:30Z');
const knock = (reason: string, address: string) => JSON.stringify(['auth_failures', reason, address]);

beforeAll(async () => await migrate(env.AUDIT_DB));

describe('a gate', () => {
  it('counts a request without a row once, however often it is asked about it, and sends it until it was taken', async () => {
    await runInDurableObject(env.GATE.getByName('counts:1'), (_, state) => {
      const store = new GateStore(state.storage, () => NOON);
      const windows = [{ name: 'other', key: 'other:a', count: 2, seconds: 60 }];
      const ask = (id: string, method: string) => store.admit({ id, windows, deadlineMs: 1, counted: { method } });
      for (const id of ['1', '1', '2', '3', '3']) ask(id, 'tools/list');
      store.admit({ id: '4', windows: [], deadlineMs: 1, counted: { method: 'ping', denied: true } });
      store.admit({ id: '5', windows: [], deadlineMs: 1 });
      const parcel = store.counts.parcel();
      expect(parcel?.counts).toEqual({
        '["requests","tools/list","admitted"]': 2,
        '["requests","tools/list","denied"]': 1,
        '["rate_limited","tools/list"]': 1,
        '["requests","ping","denied"]': 1,
      });
      // Its answer was lost, and something was counted meanwhile: the same parcel goes out again.
      store.admit({ id: '6', windows: [], deadlineMs: 1, counted: { method: 'ping' } });
      expect(store.counts.parcel()).toEqual(parcel);
      store.counts.sent(parcel as NonNullable<typeof parcel>);
      const next = store.counts.parcel();
      expect(next?.counts).toEqual({ '["requests","ping","admitted"]': 1 });
      expect(next?.n).toBeGreaterThan(parcel?.n as number);
    });
  });

  it('brings counts of lists to a Writer of its tenant though it has no record', async () => {
    const gate = env.GATE.getByName('counted:gh_1');
    const token = { grantId: 'g', tokenId: 't' };
    await gate.admit({ id: ulid(NOON), token, windows: [], deadlineMs: 1, counted: { method: 'tools/list' } });
    await runDurableObjectAlarm(gate);
    const states = await Promise.all([0, 1].map((i) => env.WRITER.getByName(`counted-${i}`).state()));
    expect(states.map(({ counts }) => counts)).toContainEqual({ '["requests","tools/list","admitted"]': 1 });
  });
});

describe('a ledger', () => {
  it('takes a parcel once, and what its records asked of GitHub', async () => {
    await runInDurableObject(env.WRITER.getByName('parcels-0'), (_, state) => {
      const ledger = new Ledger(state.storage, () => ['key']);
      const upstream = { statuses: { 200: 2, failed: 1 } };
      const items = ['P1', 'P2'].map((id, i) => ({ n: i + 1, record: { ...closedRecord(id), upstream } }));
      const parcel = { n: 1, counts: { '["requests","ping","admitted"]': 4 } };
      for (let i = 0; i < 3; i++) ledger.append('parcels-0', 'gate1', items, parcel);
      ledger.append('parcels-0', 'gate2', [], parcel);
      expect(ledger.counters.all()).toEqual({
        '["requests","ping","admitted"]': 8,
        '["upstream","200"]': 4,
        '["upstream","failed"]': 2,
      });
      expect(rowsOf(ledger.unconfirmed.oldest(10, 1_000_000))).toMatchObject([closedRecord('P1'), closedRecord('P2')]);
      expect(ledger.unconfirmed.waiting()).toBe(2);
    });
  });
});

describe('who knocks', () => {
  it('is kept by minute, network and reason, the many as one', async () => {
    await runInDurableObject(env.WRITER.getByName('knocks-0'), (_, state) => {
      const counters = new Counters(state.storage);
      for (let i = 0; i < MAX_KNOCKS + 10; i++) counters.add({ [knock('invalid_token', `10.0.${i}.0/24`)]: 2 }, NOON);
      counters.add({ [knock('invalid_token', '10.0.1.0/24')]: 5 }, NOON);
      const knocks = counters.knocks();
      expect(knocks).toHaveLength(MAX_KNOCKS + 1);
      expect(knocks.find(({ address }) => address === '10.0.1.0/24')?.failures).toBe(7);
      expect(knocks.find(({ address }) => address === '(other)')?.failures).toBe(20);
      expect(counters.all()).toEqual({ '["auth_failures","invalid_token"]': 2 * (MAX_KNOCKS + 10) + 5 });
      expect(new Set(knocks.map(({ minute }) => minute))).toEqual(new Set(['2026-11-24T12:00']));

      // What comes while D1 is written is not lost with what was written.
      counters.add({ [knock('invalid_token', '10.0.1.0/24')]: 1 }, NOON);
      counters.confirmKnocks(knocks, NOON);
      expect(counters.knocks()).toEqual([
        { minute: '2026-11-24T12:00', address: '10.0.1.0/24', reason: 'invalid_token', failures: 8 },
      ]);
      counters.confirmKnocks(counters.knocks(), NOON + 3 * 60_000);
      expect(state.storage.sql.exec('SELECT count(*) AS n FROM knocks').one()).toEqual({ n: 0 });
      expect(counters.all()['["auth_failures","invalid_token"]']).toBe(2 * (MAX_KNOCKS + 10) + 6);
    });
  });

  it('is in D1 once however often it is written, and gone after 30 days', async () => {
    const row = { minute: '2026-11-24T12:00', address: '10.0.1.0/24', reason: 'invalid_token', failures: 3 };
    const rows = async () =>
      (
        await env.AUDIT_DB.prepare(
          "SELECT minute, address, reason, failures FROM mcp_auth_failures WHERE tenant_id = 'k'",
        ).all()
      ).results;
    await writeKnocks(env.AUDIT_DB, 'k', [row], NOON);
    await writeKnocks(env.AUDIT_DB, 'k', [row], NOON);
    // An answer that was lost and comes late says less than what is there.
    await writeKnocks(env.AUDIT_DB, 'k', [{ ...row, failures: 9 }], NOON);
    await writeKnocks(env.AUDIT_DB, 'k', [row], NOON);
    expect(await rows()).toEqual([{ ...row, failures: 9 }]);
    await writeKnocks(env.AUDIT_DB, 'k', [], NOON + 31 * 86_400_000);
    expect(await rows()).toEqual([]);
  });
});

describe('the totals', () => {
  it('take 2,000 made-up names as one, keep the names in the rows, and agree with them', async () => {
    await enterTools(env.AUDIT_DB, ['issue_write', 'get_me']);
    const made: ClosedRecord[] = Array.from({ length: 2_000 }, (_, i) => ({
      ...closedRecord(ulid(NOON + i)),
      tool_name: `made_up_${i}`,
      result_status: 'error',
      error_code: 'unknown_tool',
      duration_ms: i * 20,
    }));
    const real: ClosedRecord[] = [
      // A tool that never succeeded is one all the same.
      {
        ...closedRecord('T1'),
        tool_name: 'issue_write',
        result_status: 'denied',
        error_code: 'rate_limited',
        repeat_count: 40,
      },
      { ...closedRecord('T2'), tool_name: 'get_me', result_status: 'unknown', duration_ms: null },
      { ...closedRecord('T3'), method: 'auth/sign_in', tool_name: null, duration_ms: null },
      { ...closedRecord('T4'), tool_name: 'of_a_later_catalogue', duration_ms: 30_001 },
    ];
    const rows = chained([...made, ...real], 'totals');
    // The last of them are sent again: nothing is counted twice.
    for (let from = 0; from < rows.length; from += 1000)
      await writeRows(env.AUDIT_DB, batchOf(rows.slice(from, from + 1000)));
    await writeRows(env.AUDIT_DB, batchOf(rows.slice(-20)));

    const all = (await env.AUDIT_DB.prepare('SELECT * FROM mcp_audit_log').all<CountedRow>()).results;
    const text = renderMetrics(familiesOf(await readTotals(env.AUDIT_DB), []));
    expect(differences(text, all)).toEqual([]);
    expect(text).not.toContain('made_up');
    expect(text).toContain('tool="issue_write",status="denied"} 40\n');
    expect(text).toContain('tool="of_a_later_catalogue"');
    const { results } = await env.AUDIT_DB.prepare(
      'SELECT (SELECT count(*) FROM mcp_call_counts) AS counts, (SELECT count(*) FROM mcp_call_totals) AS totals, (SELECT count(DISTINCT tool_name) FROM mcp_audit_log) AS names',
    ).all<{ counts: number; totals: number; names: number }>();
    expect(results[0]?.names).toBeGreaterThan(2_000);
    expect(results[0]?.totals).toBeLessThan(20);
    expect(results[0]?.counts).toBeLessThan(20);
  }, 30_000);
});
