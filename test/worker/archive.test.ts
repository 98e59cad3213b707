/** Retention: old rows leave D1 for R2, or for good, in order and verified; what fails on the way costs nothing. */

import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Retention } from '../../src/audit/archive.ts';
import { moveSegment } from '../../src/audit/archive.ts';
import { auditLog } from '../../src/audit/audit-log.ts';
import { readTotals } from '../../src/audit/counts-sql.ts';
import { familiesOf } from '../../src/audit/families.ts';
import { Ledger } from '../../src/audit/ledger.ts';
import { renderMetrics } from '../../src/audit/metrics.ts';
import type { AuditRow } from '../../src/audit/row.ts';
import { Segments } from '../../src/audit/segments.ts';
import { keepRetention } from '../../src/ops/scheduled.ts';
import { closedRecord } from '../support/closed-record.ts';
import { differences } from '../support/metrics.ts';
import { drain, fillChain, rowsIn, sourcesOf } from './chain-support.ts';
import { migrate } from './migrate.ts';

const DAY = 86_400_000;
const bucket = (env as unknown as { ARCHIVE: R2Bucket }).ARCHIVE;
const october = Date.UTC(2026, 9, 30);
const december = Date.UTC(2026, 11, 3);

beforeAll(async () => await migrate(env.AUDIT_DB));

/** Ten rows a day from 30 October to 3 November. */
async function fiveDays(chain: string): Promise<void> {
  await fillChain(chain, 50, october, DAY / 10);
}

/** A plan to drop those rows that was written down and not carried out. */
async function planDrop(chain: string, rows: readonly AuditRow[]): Promise<void> {
  const [first, last] = [rows[0], rows.at(-1)] as [AuditRow, AuditRow];
  const times = { from_time: first.timestamp, to_time: last.timestamp, object: null };
  const plan = { first: first.seq, last: last.seq, prev_hash: first.prev_hash, last_hash: last.hash, ...times };
  await runInDurableObject(env.WRITER.getByName(chain), (_, { storage }) => new Segments(storage).plan(plan));
}

async function retainAll(chain: string, before: number, afterwards: 'archive' | 'drop' = 'archive'): Promise<void> {
  while (await env.WRITER.getByName(chain).retain(chain, { before, afterwards }));
}

async function verified(chain: string) {
  const [report] = await auditLog(sourcesOf(chain));
  return { rows: report?.rows, cut: report?.proof.cut.seq, finding: report?.finding };
}

async function counted(tenant: string): Promise<unknown> {
  const statement = env.AUDIT_DB.prepare('SELECT sum(calls) AS calls FROM mcp_call_counts WHERE tenant_id = ?');
  return (await statement.bind(tenant).first<{ calls: number }>())?.calls;
}

describe('rows older than the retention', () => {
  it('go to R2 by the month with a manifest, and the chain verifies across the cut', async () => {
    await fiveDays('move-0');
    const before = await rowsIn('move-0');
    await retainAll('move-0', Date.UTC(2026, 10, 2, 12));
    const left = await rowsIn('move-0');
    expect(left.map(({ id }) => id)).toEqual(
      before.filter((row) => row.timestamp >= '2026-11-02T12').map(({ id }) => id),
    );
    expect(await verified('move-0')).toEqual({ rows: 15, cut: 35, finding: undefined });
    expect(await counted('move')).toBe(50);
    // The metrics agree with every row there ever was, wherever it is by now.
    const text = renderMetrics(familiesOf(await readTotals(env.AUDIT_DB), []));
    expect(differences(text, before)).toEqual([]);

    const keys = (await bucket.list({ prefix: 'move/' })).objects.map(({ key }) => key);
    expect(keys).toEqual([
      'move/2026-10/move-0/000000000001-000000000020.manifest.json',
      'move/2026-10/move-0/000000000001-000000000020.ndjson.gz',
      'move/2026-11/move-0/000000000021-000000000035.manifest.json',
      'move/2026-11/move-0/000000000021-000000000035.ndjson.gz',
    ]);
    const manifest = JSON.parse((await (await bucket.get(keys[0] as string))?.text()) ?? '');
    expect(manifest).toMatchObject({
      chain_id: 'move-0',
      first_seq: 1,
      last_seq: 20,
      rows: 20,
      prev_hash: before[0]?.prev_hash,
      last_hash: before[19]?.hash,
      first_timestamp: '2026-10-30T00:00:00.000Z',
    });
    const packed = new Uint8Array((await (await bucket.get(keys[1] as string))?.arrayBuffer()) as ArrayBuffer);
    const lines = gunzipSync(packed).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(before.slice(0, 20));

    // The chain goes on, and so does the retention.
    await fillChain('move-0', 10, december);
    await retainAll('move-0', december + 30 * DAY);
    expect(await verified('move-0')).toEqual({ rows: 0, cut: 60, finding: undefined });
    expect(await counted('move')).toBe(60);
  });

  it('stay until they make a day, so that a quiet chain is not cut into crumbs', async () => {
    await fiveDays('gather-0');
    await retainAll('gather-0', october + DAY / 2);
    expect(await rowsIn('gather-0')).toHaveLength(50);
    await retainAll('gather-0', october + 1.5 * DAY);
    expect(await rowsIn('gather-0')).toHaveLength(35);
  });

  it('are dropped where the policy says so, with the end of the chain kept', async () => {
    await fiveDays('drop-0');
    await retainAll('drop-0', Date.UTC(2026, 10, 2, 12), 'drop');
    expect(await verified('drop-0')).toEqual({ rows: 15, cut: 35, finding: undefined });
    expect((await bucket.list({ prefix: 'drop/' })).objects).toEqual([]);
    expect(await env.WRITER.getByName('drop-0').restore('2026-10', 0)).toEqual({ rows: 0, dropped: 20, next: 20 });
  });

  it('are not dropped by a plan of an earlier policy', async () => {
    await fiveDays('plan-0');
    const known = await rowsIn('plan-0');
    await planDrop('plan-0', known.slice(0, 10));
    await retainAll('plan-0', Date.UTC(2026, 10, 2, 12));
    expect((await bucket.list({ prefix: 'plan/' })).objects).not.toEqual([]);
    expect((await verified('plan-0')).cut).toBe(35);
    // Every row that left is in the archive, those of the plan too.
    expect(await env.WRITER.getByName('plan-0').restore('2026-10', 0)).toMatchObject({ rows: 20, dropped: 0 });
  });

  it('are not dropped by a plan that kept them for less long', async () => {
    await fiveDays('longer-0');
    await planDrop('longer-0', await rowsIn('longer-0'));
    await retainAll('longer-0', october, 'drop');
    expect(await rowsIn('longer-0')).toHaveLength(50);
  });

  it('are not moved where one of them is not what was written', async () => {
    await fiveDays('broken-0');
    const [row] = await rowsIn('broken-0');
    await env.AUDIT_DB.prepare('DROP TRIGGER mcp_audit_log_no_update').run();
    await env.AUDIT_DB.prepare("UPDATE mcp_audit_log SET user_login = 'mallory' WHERE id = ?").bind(row?.id).run();
    await retainAll('broken-0', december);
    await retainAll('broken-0', december, 'drop');
    expect(await rowsIn('broken-0')).toHaveLength(50);
    expect((await verified('broken-0')).finding).toMatchObject({ seq: 1, damage: 'changed' });
  });
});

describe('a watermark', () => {
  it('lets nothing through above it, nothing back below it, and never falls', async () => {
    await fiveDays('mark-0');
    const [first] = await rowsIn('mark-0');
    await retainAll('mark-0', october + 1.5 * DAY);
    const run = async (sql: string, ...values: unknown[]) =>
      await env.AUDIT_DB.prepare(sql)
        .bind(...values)
        .run();
    await expect(run("DELETE FROM mcp_audit_log WHERE chain_id = 'mark-0'")).rejects.toThrow('append-only');
    const columns = Object.keys(first as object);
    const again = `INSERT INTO mcp_audit_log (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    await expect(run(again, ...Object.values(first as object))).rejects.toThrow('that place in the chain was archived');
    await expect(run("UPDATE mcp_audit_archived SET seq = 3 WHERE chain_id = 'mark-0'")).rejects.toThrow('only rises');
    await expect(run("DELETE FROM mcp_audit_archived WHERE chain_id = 'mark-0'")).rejects.toThrow('cannot be removed');
    await run("INSERT OR REPLACE INTO mcp_audit_archived (chain_id, seq, hash) VALUES ('mark-0', 3, 'x')");
    await expect(
      run(`INSERT OR REPLACE INTO mcp_audit_archived (rowid, chain_id, seq, hash)
           SELECT rowid, 'other', 99, 'x' FROM mcp_audit_archived WHERE chain_id = 'mark-0'`),
    ).rejects.toThrow('cannot be removed');
    const mark = env.AUDIT_DB.prepare("SELECT seq, hash FROM mcp_audit_archived WHERE chain_id = 'mark-0'");
    expect(await mark.first()).toMatchObject({ seq: 15, hash: expect.stringMatching(/^.{43}$/) });
    expect(await rowsIn('mark-0')).toHaveLength(35);
    // Raised by hand, it lets rows be removed: the Writer knows better.
    await run("UPDATE mcp_audit_archived SET seq = 20 WHERE chain_id = 'mark-0'");
    await run("DELETE FROM mcp_audit_log WHERE chain_id = 'mark-0' AND seq <= 20");
    expect((await verified('mark-0')).finding).toMatchObject({ seq: 16, damage: 'removed' });
  });
});

/** The bucket or the database, with some calls that fail. */
function failing<T extends object>(target: T, fails: (name: string) => 'before' | 'after' | undefined): T {
  return new Proxy(target, {
    get(object, name) {
      const value = Reflect.get(object, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const when = fails(String(name));
        if (when === 'before') throw new Error(`${String(name)} failed`);
        const answer = value.apply(object, args);
        if (when === 'after')
          return answer.then(() => Promise.reject(new Error(`the answer to ${String(name)} was lost`)));
        return answer;
      };
    },
  });
}

/** Moves one segment with a database and a bucket of which some calls fail. */
async function moveWith(chain: string, retention: Retention, failures: Record<string, 'before' | 'after'> = {}) {
  return await runInDurableObject(env.WRITER.getByName(chain), async (_, state) => {
    const desk = {
      db: failing(env.AUDIT_DB, (name) => failures[name]),
      bucket: failing(bucket, (name) => failures[name]),
      ledger: new Ledger(state.storage, () => ['key']),
      segments: new Segments(state.storage),
    };
    return await moveSegment(desk, chain, retention);
  });
}

describe('what fails on the way', () => {
  const steps = [
    ['put', 'before'],
    ['put', 'after'],
    ['head', 'before'],
    ['batch', 'before'],
    ['batch', 'after'],
  ] as const;

  it.each(steps)(
    '%s fails %s: nothing is lost, nothing is moved twice, and the next run goes on',
    async (name, when) => {
      const chain = `fail-${name}-${when}-0`;
      await fiveDays(chain);
      const whole = await rowsIn(chain);
      const archive = { before: december, afterwards: 'archive' } as const;
      await expect(moveWith(chain, archive, { [name]: when })).rejects.toThrow();
      const left = await rowsIn(chain);
      // Rows leave D1 only behind a watermark that the archive is safe below.
      if (when === 'before' || name !== 'batch') expect(left).toEqual(whole);
      expect((await verified(chain)).finding).toBeUndefined();
      while (await moveWith(chain, archive));
      expect(await rowsIn(chain)).toEqual([]);
      const keys = (await bucket.list({ prefix: `${chain.slice(0, -2)}/` })).objects.map(({ key }) => key);
      expect(keys.filter((key) => key.endsWith('.gz'))).toHaveLength(2);
      expect((await verified(chain)).finding).toBeUndefined();
      expect(await counted(chain.slice(0, -2))).toBe(50);
    },
  );

  const policies = [
    ['are archived now', { before: december, afterwards: 'archive' }, 0, 20],
    ['are kept now', undefined, 50, 0],
    ['are kept for longer now', { before: october, afterwards: 'drop' }, 50, 0],
  ] as const;

  it.each(policies)('a drop that D1 refused is none where rows %s', async (what, retention, live, archived) => {
    const chain = `undropped${what.length}-0`;
    await fiveDays(chain);
    const whole = await rowsIn(chain);
    await expect(moveWith(chain, { before: december, afterwards: 'drop' }, { batch: 'before' })).rejects.toThrow();
    expect((await env.WRITER.getByName(chain).proof(chain)).leaving?.seq).toBe(20);
    while (await env.WRITER.getByName(chain).retain(chain, retention));
    expect(await rowsIn(chain)).toEqual(whole.slice(50 - live));
    expect(await env.WRITER.getByName(chain).restore('2026-10', 0)).toMatchObject({ rows: archived, dropped: 0 });
    // Nothing is on its way any more: rows that are missing are missed.
    expect((await env.WRITER.getByName(chain).proof(chain)).leaving).toBeNull();
    expect((await verified(chain)).finding).toBeUndefined();
  });

  it.each(policies)(
    'a drop whose answer was lost is one where rows %s, and the chain goes on',
    async (what, retention) => {
      const chain = `dropped${what.length}-0`;
      await fiveDays(chain);
      await expect(moveWith(chain, { before: december, afterwards: 'drop' }, { batch: 'after' })).rejects.toThrow();
      expect(await rowsIn(chain)).toHaveLength(30);
      await env.WRITER.getByName(chain).retain(chain, retention);
      expect(await verified(chain)).toMatchObject({ cut: 20, finding: undefined });
      expect(await env.WRITER.getByName(chain).restore('2026-10', 0)).toMatchObject({ rows: 0, dropped: 20 });
      await retainAll(chain, december);
      expect(await verified(chain)).toEqual({ rows: 0, cut: 50, finding: undefined });
    },
  );

  it('no bucket: rows stay', async () => {
    await fiveDays('nobucket-0');
    const moved = await runInDurableObject(env.WRITER.getByName('nobucket-0'), async (_, state) => {
      const ledger = new Ledger(state.storage, () => ['key']);
      const desk = { db: env.AUDIT_DB, bucket: undefined, ledger, segments: new Segments(state.storage) };
      return await moveSegment(desk, 'nobucket-0', { before: december, afterwards: 'archive' });
    });
    expect(moved).toBe(false);
    expect(await rowsIn('nobucket-0')).toHaveLength(50);
  });

  it('rows that D1 has not confirmed stay until it has', async () => {
    const writer = env.WRITER.getByName('late-0');
    await fillChain('late-0', 20, october, DAY);
    await runInDurableObject(writer, (_, state) => {
      const ledger = new Ledger(state.storage, () => ['key']);
      const record = closedRecord('late-0/late', { timestamp: '2026-10-30T00:00:00.000Z', tenant_id: 'late' });
      ledger.append('late-0', 'gate', [{ n: 21, record }]);
    });
    await retainAll('late-0', december);
    expect((await writer.proof('late-0')).cut.seq).toBe(20);
    const next = closedRecord('late-0/next', { timestamp: '2026-10-30T00:00:00.000Z', tenant_id: 'late' });
    await writer.append('late-0', 'other', [{ n: 1, record: next }]);
    await drain('late-0');
    await retainAll('late-0', december);
    expect(await verified('late-0')).toEqual({ rows: 0, cut: 22, finding: undefined });
  });
});

describe('a restored month', () => {
  it('comes back whole into a table of its own, once, however often it is asked for', async () => {
    await fiveDays('back-0');
    const rows = await rowsIn('back-0');
    await retainAll('back-0', december);
    const restore = async () => {
      let restored = 0;
      for (let after: number | null = 0; after !== null; ) {
        const answer = await env.WRITER.getByName('back-0').restore('2026-10', after);
        if ('broken' in answer) throw new Error(answer.broken);
        restored += answer.rows;
        after = answer.next;
      }
      return restored;
    };
    expect(await restore()).toBe(20);
    expect(await restore()).toBe(20);
    const select = "SELECT * FROM mcp_audit_restored WHERE chain_id = 'back-0' ORDER BY seq";
    expect((await env.AUDIT_DB.prepare(select).all()).results).toEqual(rows.slice(0, 20));
    expect(await rowsIn('back-0')).toEqual([]);
    expect(await counted('back')).toBe(50);
  });

  it('is refused where the archive is not what was stored', async () => {
    await fiveDays('rot-0');
    await retainAll('rot-0', december);
    const [object] = (await bucket.list({ prefix: 'rot/2026-10/' })).objects.filter(({ key }) => key.endsWith('.gz'));
    await bucket.put(object?.key as string, 'something else');
    const answer = await env.WRITER.getByName('rot-0').restore('2026-10', 0);
    expect(answer).toEqual({ broken: `${object?.key} is not what was stored` });
    await bucket.delete(object?.key as string);
    expect(await env.WRITER.getByName('rot-0').restore('2026-10', 0)).toEqual({
      broken: `${object?.key} is not in the archive`,
    });
  });
});

it('an archive without a bucket is said in the log, by the hour', async () => {
  const said = vi.spyOn(console, 'error').mockReturnValue(undefined);
  try {
    const settings = { AUDIT_RETENTION_DAYS: '30', AUDIT_AFTER_RETENTION: 'archive' };
    await keepRetention({ ...env, ...settings, ARCHIVE: undefined } as Env, 0, () => 0);
    expect(said.mock.calls.map(([line]) => JSON.parse(line))).toEqual([
      { event: 'audit_archive_missing', tenant_id: 'default' },
    ]);
    said.mockClear();
    await keepRetention({ ...env, ...settings } as Env, 0, () => 0);
    expect(said).not.toHaveBeenCalled();
  } finally {
    said.mockRestore();
  }
});
