/** From a gate through a Writer into D1, and what D1 does to those who would change it. */

import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { GENESIS, hashRow } from '../../src/audit/chain.ts';
import { Ledger } from '../../src/audit/ledger.ts';
import type { AuditRow } from '../../src/audit/row.ts';
import { cutBatches, writeRows } from '../../src/audit/sql.ts';
import { ulid } from '../../src/core/ids.ts';
import { closedRecord as closed } from '../support/closed-record.ts';
import { migrate } from './migrate.ts';

async function rows(where = '1'): Promise<AuditRow[]> {
  return (
    await env.AUDIT_DB.prepare(`SELECT * FROM mcp_audit_log WHERE ${where} ORDER BY chain_id, seq`).all<AuditRow>()
  ).results;
}

beforeAll(async () => await migrate(env.AUDIT_DB));

describe('a ledger', () => {
  it('numbers without a gap, hashes each row with the one before, and takes nothing twice', async () => {
    await runInDurableObject(env.WRITER.getByName('ledger'), (_, state) => {
      const ledger = new Ledger(state.storage, () => ['key']);
      ledger.append('c', 'gate1', [
        { n: 1, record: closed('01') },
        { n: 2, record: closed('02') },
      ]);
      ledger.append('c', 'gate2', [{ n: 1, record: closed('03') }]);
      // The answer was lost: the gate sends again, with one more.
      ledger.append('c', 'gate1', [
        { n: 2, record: closed('02') },
        { n: 5, record: closed('04') },
      ]);
      const pending = new Ledger(state.storage, () => ['key']).pending(10, 1_000_000);
      expect(pending.map(({ id, seq }) => [id, seq])).toEqual([
        ['01', 1],
        ['02', 2],
        ['03', 3],
        ['04', 4],
      ]);
      expect(pending[0]?.prev_hash).toBe(GENESIS);
      for (const [i, row] of pending.entries()) {
        expect(row.hash).toBe(hashRow(row));
        if (i > 0) expect(row.prev_hash).toBe(pending[i - 1]?.hash);
      }
      ledger.confirm(new Set(['01', '02']));
      expect(ledger.pending(10, 1_000_000).map(({ id }) => id)).toEqual(['03', '04']);
      expect(ledger.head('c')).toMatchObject({ seq: 4, hash: pending[3]?.hash });
      expect(ledger.waiting()).toBe(2);
      expect(ledger.pending(10, 1).map(({ id }) => id)).toEqual(['03']);
    });
  });
});

describe('D1', () => {
  it('keeps every byte of a row, once, and confirms it by its hash', async () => {
    const row: AuditRow = { ...closed('D1A'), chain_id: 'd1', seq: 1, prev_hash: GENESIS, hash: 'h1' };
    expect(await writeRows(env.AUDIT_DB, [row])).toEqual(new Set(['D1A']));
    expect(await writeRows(env.AUDIT_DB, [row])).toEqual(new Set(['D1A']));
    expect(await rows("chain_id = 'd1'")).toEqual([{ ...row, redacted_count: null }]);
    // The same id with other content is not what was sent: not confirmed, and not written.
    expect(await writeRows(env.AUDIT_DB, [{ ...row, hash: 'h2' }]).catch(() => new Set())).toEqual(new Set());
    expect(await rows("chain_id = 'd1'")).toEqual([{ ...row, redacted_count: null }]);
  });

  it.each([
    ['UPDATE mcp_audit_log SET user_login = ?', 'append-only'],
    ['DELETE FROM mcp_audit_log WHERE id <> ?', 'append-only'],
    [
      `INSERT OR REPLACE INTO mcp_audit_log SELECT id, timestamp, tenant_id, user_id, ?, client_id, client_name, server_id,
       session_id, call_id, request_id, grant_id, method, tool_name, arguments, result_status, duration_ms, error_code,
       error_message, repeat_count, chain_id, seq, prev_hash, 'x', NULL FROM mcp_audit_log LIMIT 1`,
      'append-only',
    ],
    [
      `INSERT OR REPLACE INTO mcp_audit_log SELECT 'new' || ?, timestamp, tenant_id, user_id, user_login, client_id, client_name,
       server_id, session_id, call_id, request_id, grant_id, method, tool_name, arguments, result_status, duration_ms,
       error_code, error_message, repeat_count, chain_id, seq, prev_hash, 'x', NULL FROM mcp_audit_log LIMIT 1`,
      'append-only',
    ],
    [
      `INSERT OR REPLACE INTO mcp_audit_log (rowid, id, timestamp, tenant_id, user_id, user_login, client_id, client_name,
       server_id, call_id, request_id, method, result_status, chain_id, seq, prev_hash, hash)
       SELECT rowid, 'new' || ?, timestamp, tenant_id, user_id, user_login, client_id, client_name, server_id, call_id,
       request_id, method, result_status, 'other', 1, prev_hash, hash FROM mcp_audit_log LIMIT 1`,
      'append-only',
    ],
  ])('refuses %s', async (statement, reason) => {
    const before = await rows();
    expect(before.length).toBeGreaterThan(0);
    await expect(env.AUDIT_DB.prepare(statement).bind('mallory').run()).rejects.toThrow(reason);
    expect(await rows()).toEqual(before);
  });

  it('gets batches that fit, whatever the size of a row', () => {
    const big = { ...closed('B'), arguments: 'x'.repeat(900), chain_id: 'b', seq: 1, prev_hash: '', hash: '' };
    const one = Buffer.byteLength(JSON.stringify(big)) + 1;
    const batches = cutBatches(Array(25).fill(big), one * 10);
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(cutBatches([big, big], 10)).toEqual([[big], [big]]);
    expect(cutBatches([], 10)).toEqual([]);
  });
});

describe('the whole way', () => {
  it('brings every record of many gates into D1 once, with the right status, through kills in between', async () => {
    const ids: string[] = [];
    for (let user = 0; user < 4; user++) {
      const gate = env.GATE.getByName(`way:${user}`);
      for (let i = 0; i < 25; i++) {
        const id = ulid(Date.now());
        ids.push(id);
        const { result_status: _, ...open } = closed(id, { user_id: `gh_way${user}` });
        await gate.admit({ id, token: { grantId: 'g', tokenId: 't' }, windows: [], record: open, deadlineMs: 60_000 });
        const outcome = {
          result_status: i % 2 ? 'error' : 'success',
          duration_ms: i,
          error_code: i % 2 ? 'timeout' : null,
          error_message: null,
        } as const;
        await gate.settle([{ id, outcome }]);
      }
      if (user === 1) await abortAllDurableObjects();
    }
    for (let user = 0; user < 4; user++) await runDurableObjectAlarm(env.GATE.getByName(`way:${user}`));
    for (const chain of ['default-0', 'default-1']) await runDurableObjectAlarm(env.WRITER.getByName(chain));
    await expect.poll(async () => (await rows("user_id LIKE 'gh_way%'")).length, { timeout: 10_000 }).toBe(100);
    const written = await rows("user_id LIKE 'gh_way%'");
    expect(new Set(written.map(({ id }) => id))).toEqual(new Set(ids));
    expect(written.filter((row) => row.result_status === 'error')).toHaveLength(48);
    for (const row of written) expect(row.hash).toBe(hashRow(row));
  });
});
