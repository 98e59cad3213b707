/** From a gate through a Writer into D1, and what D1 does to those who would change it. */

import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { GENESIS, hashRow, rowText } from '../../src/audit/chain.ts';
import { Ledger } from '../../src/audit/ledger.ts';
import type { AuditRow } from '../../src/audit/row.ts';
import { cutTexts, writeRows } from '../../src/audit/sql.ts';
import { ulid } from '../../src/core/ids.ts';
import { closedRecord as closed } from '../support/closed-record.ts';
import { batchOf, chained, rowsOf } from '../support/log-rows.ts';
import { migrate } from './migrate.ts';

async function rows(where = '1'): Promise<AuditRow[]> {
  return (
    await env.AUDIT_DB.prepare(`SELECT * FROM mcp_audit_log WHERE ${where} ORDER BY chain_id, seq`).all<AuditRow>()
  ).results;
}

/** The numbers from `first` to `last`. */
const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** The audit database, and how many statements it was asked. */
function counted(): { readonly db: D1Database; readonly asked: () => number } {
  let asked = 0;
  const db = new Proxy(env.AUDIT_DB, {
    get: (target, name) => {
      if (name === 'batch') {
        return (statements: D1PreparedStatement[]) => {
          asked += statements.length;
          return target.batch(statements);
        };
      }
      return target.prepare.bind(target);
    },
  });
  return { db, asked: () => asked };
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
      const pending = rowsOf(new Ledger(state.storage, () => ['key']).unconfirmed.oldest(10, 1_000_000));
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
      expect(ledger.head('c')).toMatchObject({ seq: 4, hash: pending[3]?.hash });
    });
  });
});

describe('rows that D1 has not confirmed', () => {
  it('are forgotten by what was kept together, when all of it was confirmed', async () => {
    await runInDurableObject(env.WRITER.getByName('pieces'), (_, state) => {
      const { unconfirmed } = new Ledger(state.storage, () => ['key']);
      const waiting = () => rowsOf(unconfirmed.oldest(10, 1_000_000)).map(({ seq }) => seq);
      const all = chained(['1', '2', '3', '4', '5', '6'].map((id) => closed(id))).map(rowText);
      unconfirmed.add(1, all.slice(0, 2));
      unconfirmed.add(3, all.slice(2, 3));
      unconfirmed.add(4, all.slice(3, 6));
      expect(waiting()).toEqual([1, 2, 3, 4, 5, 6]);
      expect(unconfirmed.waiting()).toBe(6);
      // As many as are asked for, in pieces, but one at least.
      expect(unconfirmed.oldest(4, 1_000_000).count).toBe(3);
      expect(unconfirmed.oldest(1, 1_000_000).count).toBe(2);
      expect(unconfirmed.oldest(10, 1).count).toBe(2);
      expect(unconfirmed.oldest(10, Buffer.byteLength(all.join()) + 1).count).toBe(6);
      expect(unconfirmed.oldest(10, Buffer.byteLength(all.join())).count).toBe(3);

      const confirm = (...confirmed: number[]) => unconfirmed.confirm(unconfirmed.oldest(10, 1_000_000), confirmed);
      confirm();
      confirm(2, 5, 4);
      expect(waiting()).toEqual([1, 2, 3, 4, 5, 6]);
      confirm(3, 1, 2, 5);
      expect(waiting()).toEqual([4, 5, 6]);
      expect(unconfirmed.waiting()).toBe(3);
      confirm(4, 5, 6);
      expect(unconfirmed.oldest(10, 1_000_000)).toMatchObject({ count: 0, rows: '[]' });
      expect(unconfirmed.waiting()).toBe(0);
    });
  });

  it('fit into the database and into D1, however long they are', async () => {
    const writer = env.WRITER.getByName('long-0');
    const long = (n: number) => ({
      n,
      record: closed(`LONG${n}`, { arguments: JSON.stringify(`ü${'x'.repeat(60_000)}`) }),
    });
    await writer.append('long-0', 'gate', numbers(1, 40).map(long));
    await runInDurableObject(writer, (_, state) => {
      const { unconfirmed } = new Ledger(state.storage, () => ['key']);
      expect(unconfirmed.waiting()).toBe(40);
      const batch = unconfirmed.oldest(1000, 1_000_000);
      expect(batch.count).toBe(15);
      expect(Buffer.byteLength(batch.rows)).toBeLessThan(1_000_000);
    });
    await runDurableObjectAlarm(writer);
    expect((await rows("chain_id = 'long-0'")).map(({ seq }) => seq)).toEqual(numbers(1, 40));
    expect((await writer.proof('long-0')).confirmed).toBe(40);
  });

  it('of an earlier version are taken over, and written as they were hashed', async () => {
    const writer = env.WRITER.getByName('old-0');
    const old = chained([closed('OLD1', { redacted_count: 2 }), closed('OLD2', { error_code: 'timeout' })], 'old-0');
    await runInDurableObject(writer, (_, state) => {
      const { sql } = state.storage;
      sql.exec('CREATE TABLE pending (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, row TEXT NOT NULL)');
      for (const row of old) sql.exec('INSERT INTO pending VALUES (?, ?, ?)', row.seq, row.id, JSON.stringify(row));
      const { seq, hash } = old[1] as AuditRow;
      sql.exec("INSERT INTO head VALUES ('old-0', ?, ?)", seq, hash);
    });
    await evictDurableObject(writer);
    await writer.append('old-0', 'gate', [{ n: 1, record: closed('OLD3') }]);
    expect((await writer.proof('old-0')).confirmed).toBe(0);
    await runDurableObjectAlarm(writer);
    const written = await rows("chain_id = 'old-0'");
    expect(written.slice(0, 2)).toEqual(old);
    expect(written[2]).toMatchObject({ id: 'OLD3', seq: 3, prev_hash: old[1]?.hash });
    for (const row of written) expect(row.hash).toBe(hashRow(row));
    await evictDurableObject(writer);
    expect((await writer.proof('old-0')).confirmed).toBe(3);
  });
});

describe('D1', () => {
  it('keeps every byte of a row, once, and confirms it by its hash', async () => {
    const row: AuditRow = { ...closed('D1A'), chain_id: 'd1', seq: 1, prev_hash: GENESIS, hash: 'h1' };
    expect(await writeRows(env.AUDIT_DB, batchOf([row]))).toEqual([1]);
    expect(await writeRows(env.AUDIT_DB, batchOf([row]))).toEqual([1]);
    expect(await rows("chain_id = 'd1'")).toEqual([{ ...row, redacted_count: null }]);
    // The same id with other content is refused, and all that is with it.
    const others = [
      { ...row, id: 'D1B', seq: 2 },
      { ...row, hash: 'h2' },
    ];
    await expect(writeRows(env.AUDIT_DB, batchOf(others))).rejects.toThrow('append-only');
    expect(await rows("chain_id = 'd1'")).toEqual([{ ...row, redacted_count: null }]);
  });

  it('is asked once for rows that are new to it, and twice where it had some of them', async () => {
    const { db, asked } = counted();
    const all = chained(
      numbers(1, 9).map((i) => closed(`ASK${i}`)),
      'ask',
    );
    expect(await writeRows(db, batchOf(all.slice(0, 5)))).toEqual(numbers(1, 5));
    expect(asked()).toBe(1);
    // The answer was lost; more came meanwhile.
    expect(await writeRows(db, batchOf(all))).toEqual(numbers(1, 9));
    expect(asked()).toBe(3);
    expect(await writeRows(db, batchOf(all))).toEqual(numbers(1, 9));
    expect(asked()).toBe(5);
    expect(await rows("chain_id = 'ask'")).toEqual(all);
  });

  it('confirms no row in whose place it has another, whoever took its guards away', async () => {
    const guards = ['mcp_audit_log_no_replace', 'mcp_audit_log_no_update'];
    const { results } = await env.AUDIT_DB.prepare(
      'SELECT sql FROM sqlite_master WHERE name IN (SELECT value FROM json_each(?))',
    )
      .bind(JSON.stringify(guards))
      .all<{ sql: string }>();
    const writer = env.WRITER.getByName('robbed-0');
    await writer.append(
      'robbed-0',
      'gate',
      numbers(1, 3).map((n) => ({ n, record: closed(`ROB${n}`) })),
    );
    const batch = await runInDurableObject(writer, (_, { storage }) =>
      new Ledger(storage, () => ['key']).unconfirmed.oldest(10, 1_000_000),
    );
    const [, second] = rowsOf(batch);
    await env.AUDIT_DB.batch(guards.map((name) => env.AUDIT_DB.prepare(`DROP TRIGGER ${name}`)));
    await writeRows(env.AUDIT_DB, batchOf([{ ...(second as AuditRow), hash: 'other' }]));
    expect(await writeRows(env.AUDIT_DB, batch)).toEqual([1, 3]);
    await runDurableObjectAlarm(writer);
    expect((await writer.proof('robbed-0')).confirmed).toBe(0);

    // When it is put right, the rest of it arrives.
    await env.AUDIT_DB.prepare("UPDATE mcp_audit_log SET hash = ? WHERE id = 'ROB2'").bind(second?.hash).run();
    await env.AUDIT_DB.batch(results.map(({ sql }) => env.AUDIT_DB.prepare(sql)));
    await runDurableObjectAlarm(writer);
    expect((await writer.proof('robbed-0')).confirmed).toBe(3);
    expect(await rows("chain_id = 'robbed-0'")).toEqual(rowsOf(batch));
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

  it('gets parts that fit, whatever the size of a row', () => {
    const big = 'x'.repeat(90_000);
    for (const texts of [[], [big], ['x'.repeat(300_000)], numbers(1, 25).map((i) => `${i}${big}`)]) {
      const parts = cutTexts(texts);
      expect(parts.flat()).toEqual(texts);
      for (const part of parts) expect(part.length === 1 || part.join().length <= 250_000).toBe(true);
    }
    expect(cutTexts(numbers(1, 8).map(() => big)).length).toBe(4);
    expect(cutTexts(numbers(1, 500).map(String)).length).toBe(1);
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
