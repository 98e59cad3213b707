/** The Writer's own look at its chain, against rows in a real D1. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { moveSegment } from '../../src/audit/archive.ts';
import { Ledger } from '../../src/audit/ledger.ts';
import { patrol } from '../../src/audit/patrol.ts';
import { Segments } from '../../src/audit/segments.ts';
import { closedRecord } from '../support/closed-record.ts';
import { drain, fillChain } from './chain-support.ts';
import { migrate } from './migrate.ts';

beforeAll(async () => await migrate(env.AUDIT_DB));

describe('the patrol of the hour', () => {
  it('reads the rows of one look in D1, however many the chain has', async () => {
    await fillChain('long-0', 11_000);
    let read = 0;
    const all = (sql: string, values: unknown[]) => async () => {
      const answer = await env.AUDIT_DB.prepare(sql)
        .bind(...values)
        .all();
      read += answer.meta.rows_read;
      return answer;
    };
    const prepare = (sql: string) => ({ bind: (...values: unknown[]) => ({ all: all(sql, values) }) });
    const look = async (after: number) =>
      await runInDurableObject(env.WRITER.getByName('long-0'), async (_, { storage }) => {
        const ledger = new Ledger(storage, () => ['key']);
        const desk = { db: { prepare } as unknown as D1Database, ledger, segments: new Segments(storage) };
        return await patrol(desk, 'long-0', after);
      });
    expect(await look(0)).toEqual({ looked: 5000, rows: 11_000, next: 5000 });
    expect(await look(5000)).toEqual({ looked: 5000, rows: 11_000, next: 10_000 });
    expect(await look(10_000)).toEqual({ looked: 1000, rows: 11_000, next: 0 });
    // Once for their bytes, and once for themselves.
    expect(read).toBeLessThanOrEqual(2 * 11_000 + 10);
  }, 30_000);

  it.each(['archive', 'drop'] as const)(
    'takes no row for missing that left D1 with %s, though its answer was lost after the commit',
    async (afterwards) => {
      const chain = `${afterwards}lost-0`;
      await fillChain(chain, 50, Date.UTC(2026, 9, 30), 8_640_000);
      const losing = new Proxy(env.AUDIT_DB, {
        get(db, name) {
          if (name === 'batch') {
            return async (statements: D1PreparedStatement[]) => {
              await db.batch(statements);
              throw new Error('the answer is lost');
            };
          }
          const value: unknown = Reflect.get(db, name);
          return typeof value === 'function' ? value.bind(db) : value;
        },
      });
      const retention = { before: Date.UTC(2026, 11, 3), afterwards };
      const writer = env.WRITER.getByName(chain);
      const moved = runInDurableObject(writer, async (_, { storage }) => {
        const ledger = new Ledger(storage, () => ['key']);
        const bucket = (env as unknown as { ARCHIVE: R2Bucket }).ARCHIVE;
        return await moveSegment({ db: losing, bucket, ledger, segments: new Segments(storage) }, chain, retention);
      });
      await expect(moved).rejects.toThrow('the answer is lost');
      // The hour looks first, then goes on with what was begun.
      expect((await writer.check(chain)).wrong).toBeUndefined();
      expect((await writer.state()).broken).toBe(false);
      await writer.retain(chain, retention);
      expect((await writer.check(chain)).wrong).toBeUndefined();
    },
  );

  it('goes on behind what is wrong, and says the first of it until that is right', async () => {
    await fillChain('twice-0', 5_020);
    const writer = env.WRITER.getByName('twice-0');
    await env.AUDIT_DB.prepare('DROP TRIGGER IF EXISTS mcp_audit_log_no_update').run();
    const rename = async (login: string, seq: number) =>
      await env.AUDIT_DB.prepare("UPDATE mcp_audit_log SET user_login = ? WHERE chain_id = 'twice-0' AND seq = ?")
        .bind(login, seq)
        .run();
    const said = async () => (await writer.proof('twice-0')).wrong;
    await rename('mallory', 7);
    await rename('mallory', 5_010);
    expect(await writer.check('twice-0')).toMatchObject({ wrong: 7, next: 5_000 });
    expect(await writer.check('twice-0')).toMatchObject({ wrong: 5_010, next: 0 });
    expect(await said()).toBe(7);
    await rename('octocat', 7);
    await writer.check('twice-0');
    expect(await said()).toBe(null);
    await writer.check('twice-0');
    expect(await said()).toBe(5_010);
    await rename('octocat', 5_010);
    await writer.check('twice-0');
    await writer.check('twice-0');
    expect(await said()).toBe(null);
  }, 30_000);

  it('looks at fewer rows at once where they are large', async () => {
    const writer = env.WRITER.getByName('large-0');
    const text = { tenant_id: 'large', arguments: JSON.stringify('x'.repeat(899_998)) };
    const items = Array.from({ length: 20 }, (_, i) => ({ n: i + 1, record: closedRecord(`large-${i}`, text) }));
    for (const item of items) await writer.append('large-0', 'gate', [item]);
    await drain('large-0');
    expect(await writer.check('large-0')).toEqual({ looked: 17, rows: 20, next: 17 });
    expect(await writer.check('large-0')).toEqual({ looked: 3, rows: 20, next: 0 });
  });

  it('finds what is wrong part by part, says so in the state, and takes it back when it is right again', async () => {
    await fillChain('patrol-0', 50);
    const writer = env.WRITER.getByName('patrol-0');
    expect(await writer.check('patrol-0')).toEqual({ looked: 50, rows: 50, next: 0 });
    expect((await writer.state()).broken).toBe(false);
    await env.AUDIT_DB.prepare('DROP TRIGGER IF EXISTS mcp_audit_log_no_update').run();
    const rename = async (login: string) =>
      await env.AUDIT_DB.prepare("UPDATE mcp_audit_log SET user_login = ? WHERE chain_id = 'patrol-0' AND seq = 9")
        .bind(login)
        .run();
    await rename('mallory');
    await writer.check('patrol-0');
    expect((await writer.state()).broken).toBe(true);
    expect((await writer.proof('patrol-0')).wrong).toBe(9);
    await rename('octocat');
    await writer.check('patrol-0');
    expect((await writer.state()).broken).toBe(false);
  });
});
