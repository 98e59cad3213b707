/** Totals and rows through everything that becomes of rows: live, archived in several runs, restored, dropped. */
import { env } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import type { Retention } from '../../src/audit/archive.ts';
import { readTotals } from '../../src/audit/counts-sql.ts';
import { familiesOf } from '../../src/audit/families.ts';
import { renderMetrics } from '../../src/audit/metrics.ts';
import type { AuditRow } from '../../src/audit/row.ts';
import { unpackRows } from '../../src/audit/segment-file.ts';
import type { ClosedRecord } from '../../src/core/record.ts';
import { recordAt } from '../support/log-rows.ts';
import { differences, UNEQUAL_COUNTS } from '../support/metrics.ts';
import { drain } from './chain-support.ts';
import { migrate } from './migrate.ts';

const DAY = 86_400_000;
const october = Date.UTC(2026, 9, 20);
const bucket = (env as unknown as { ARCHIVE: R2Bucket }).ARCHIVE;
const CHAINS = ['default-0', 'default-1', 'acme-0'];
const EACH = 60;

beforeAll(async () => await migrate(env.AUDIT_DB));

/** Calls of every kind, an hour apart. */
function recordOf(tenant_id: string, at: number, i: number): ClosedRecord {
  const kinds: Partial<ClosedRecord>[] = [
    {},
    { tool_name: 'get_me', duration_ms: 7 * i },
    { result_status: 'error', error_code: 'not_found', duration_ms: 31_000 },
    { result_status: 'denied', error_code: 'rate_limited', repeat_count: 1 + i, duration_ms: 0 },
    { result_status: 'denied', error_code: 'too_many_concurrent_calls', duration_ms: 0 },
    { result_status: 'denied', error_code: 'unknown_tool', tool_name: `made_up_${i}` },
    { result_status: 'unknown', duration_ms: null },
    { method: 'auth/token', tool_name: null, duration_ms: null },
    { method: 'resources/read', tool_name: null, result_status: 'cancelled' },
  ];
  return recordAt(at, { tenant_id, ...kinds[i % kinds.length] });
}

let written = 0;

/** Writes EACH rows into every chain, and sends them twice: a gate does not always know that they arrived. */
async function write(from: number): Promise<void> {
  for (const chain of CHAINS) {
    const tenant = chain.replace(/-\d$/, '');
    const items = Array.from({ length: EACH }, (_, i) => ({
      n: from + i,
      record: recordOf(tenant, from + i * (DAY / 24), i),
    }));
    for (let sent = 0; sent < 2; sent++) await env.WRITER.getByName(chain).append(chain, 'gate', items);
    await drain(chain);
    written += EACH;
  }
}

async function liveRows(): Promise<AuditRow[]> {
  return (await env.AUDIT_DB.prepare('SELECT * FROM mcp_audit_log').all<AuditRow>()).results;
}

async function archivedRows(): Promise<AuditRow[]> {
  const keys = (await bucket.list()).objects.map(({ key }) => key).filter((key) => key.endsWith('.gz'));
  const objects = await Promise.all(keys.map(async (key) => await (await bucket.get(key))?.arrayBuffer()));
  return objects.flatMap((object) => unpackRows(new Uint8Array(object as ArrayBuffer)));
}

const dropped: AuditRow[] = [];

async function retain(retention: Retention): Promise<void> {
  const before = await liveRows();
  for (const chain of CHAINS) while (await env.WRITER.getByName(chain).retain(chain, retention));
  if (retention.afterwards === 'archive') return;
  const left = new Set((await liveRows()).map(({ id }) => id));
  dropped.push(...before.filter(({ id }) => !left.has(id)));
}

/** Out: how many rows are live, in the archive and gone, after a look at every total. */
async function compared(): Promise<[live: number, archived: number, dropped: number]> {
  const [live, archived] = [await liveRows(), await archivedRows()];
  const all = [...live, ...archived, ...dropped];
  expect(new Set(all.map(({ id }) => id)).size).toBe(written);
  expect(all).toHaveLength(written);
  const text = renderMetrics(familiesOf(await readTotals(env.AUDIT_DB), []));
  expect(differences(text, all)).toEqual([]);
  expect((await env.AUDIT_DB.prepare(UNEQUAL_COUNTS).all()).results).toEqual([]);
  return [live.length, archived.length, dropped.length];
}

it('the totals are those of the rows, wherever these are, after each step of several runs of the retention', async () => {
  await write(october);
  expect(await compared()).toEqual([180, 0, 0]);
  await retain({ before: october + 1.5 * DAY, afterwards: 'archive' });
  expect(await compared()).toEqual([72, 108, 0]);
  // Rows come between two runs, and the second one goes on across the end of the month.
  await write(october + 10 * DAY);
  expect(await compared()).toEqual([252, 108, 0]);
  await retain({ before: october + 12 * DAY, afterwards: 'archive' });
  expect(await compared()).toEqual([36, 324, 0]);

  let restored = 0;
  for (const chain of CHAINS) {
    for (let after: number | null = 0; after !== null; ) {
      const answer = await env.WRITER.getByName(chain).restore('2026-10', after);
      if ('broken' in answer) throw new Error(answer.broken);
      restored += answer.rows;
      after = answer.next;
    }
  }
  expect(restored).toBeGreaterThan(180);
  expect(await compared()).toEqual([36, 324, 0]);
  await env.AUDIT_DB.prepare('DELETE FROM mcp_audit_restored').run();
  expect(await compared()).toEqual([36, 324, 0]);

  await write(october + 20 * DAY);
  await retain({ before: october + 21 * DAY, afterwards: 'drop' });
  expect(await compared()).toEqual([108, 324, 108]);
  await write(october + 30 * DAY);
  await retain({ before: october + 90 * DAY, afterwards: 'archive' });
  expect(await compared()).toEqual([0, 612, 108]);
});

it('a total that is one off is found', async () => {
  await env.AUDIT_DB.prepare(
    "UPDATE mcp_call_totals SET calls = calls + 1 WHERE tenant_id = 'acme' AND tool_name = 'get_me'",
  ).run();
  await expect(compared()).rejects.toThrow('to deeply equal []');
});
