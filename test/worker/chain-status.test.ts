/** The end of a chain as its Writer knows it, beside the end that D1 has. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import { chainOf } from '../../src/audit/chain.ts';
import { chainStatuses, problemOf } from '../../src/audit/chain-status.ts';
import { recordAt } from '../support/log-rows.ts';
import { migrate } from './migrate.ts';

beforeAll(async () => await migrate(env.AUDIT_DB));

const ends = () => chainStatuses(env.AUDIT_DB, 'ends', async (chain) => await env.WRITER.getByName(chain).proof(chain));
const problems = async () => (await ends()).map(({ problem }) => problem);

/** Without the trigger that stops it, as somebody with the rights of the account could. */
async function tamper(sql: string, trigger: string): Promise<void> {
  const kept = await env.AUDIT_DB.prepare('SELECT sql FROM sqlite_master WHERE name = ?')
    .bind(trigger)
    .first<{ sql: string }>();
  await env.AUDIT_DB.batch([
    env.AUDIT_DB.prepare(`DROP TRIGGER ${trigger}`),
    env.AUDIT_DB.prepare(sql),
    env.AUDIT_DB.prepare(kept?.sql ?? ''),
  ]);
}

it('agrees while rows wait and once they are written, and not when the end was cut off or changed', async () => {
  const [first, second] = [chainOf('ends', 0), chainOf('ends', 1)];
  expect(await ends()).toMatchObject([
    { chain_id: first, seq: 0, waiting: 0, written: undefined },
    { chain_id: second, seq: 0, waiting: 0, written: undefined },
  ]);
  const records = [1, 2, 3].map((n) => ({ n, record: recordAt(Date.UTC(2026, 0, n), { tenant_id: 'ends' }) }));
  for (const chain of [first, second]) await env.WRITER.getByName(chain).append(chain, 'gate', records);
  expect((await ends())[0]).toMatchObject({ seq: 3 });
  expect(await problems()).toEqual([undefined, undefined]);
});

it('names the chain whose end is not the one that was written', async () => {
  const chain = chainOf('cut', 0);
  const status = async () => {
    const all = await chainStatuses(env.AUDIT_DB, 'cut', async (name) => await env.WRITER.getByName(name).proof(name));
    return all.find(({ chain_id }) => chain_id === chain);
  };
  const records = [1, 2, 3].map((n) => ({ n, record: recordAt(Date.UTC(2026, 0, n), { tenant_id: 'cut' }) }));
  await env.WRITER.getByName(chain).append(chain, 'gate', records);
  await runDurableObjectAlarm(env.WRITER.getByName(chain));
  expect(await status()).toMatchObject({
    seq: 3,
    waiting: 0,
    written: { seq: 3, timestamp: records[2]?.record.timestamp },
  });
  expect((await status())?.problem).toBeUndefined();

  await tamper(
    `UPDATE mcp_audit_log SET hash = 'x' WHERE chain_id = '${chain}' AND seq = 3`,
    'mcp_audit_log_no_update',
  );
  expect((await status())?.problem).toBe('row 3, the newest, is not the one that was written');
  await tamper(`DELETE FROM mcp_audit_log WHERE chain_id = '${chain}' AND seq = 3`, 'mcp_audit_log_no_delete');
  expect((await status())?.problem).toBe('rows were cut off at the end: D1 ends at 2, and 3 was written');
});

it('does not call missing what still waits or was archived, nor wrong what came since', () => {
  const written = { seq: 7, hash: 'h7', timestamp: '' };
  const at = (seq: number, waiting: number, more: object = {}) => ({
    head: { seq, hash: `h${seq}` },
    cut: { seq: 0, hash: '' },
    leaving: null,
    confirmed: seq - waiting,
    sealed: true,
    wrong: null,
    ...more,
  });
  expect(problemOf(at(10, 3), written)).toBeUndefined();
  expect(problemOf(at(10, 2), written)).toContain('cut off');
  expect(problemOf(at(6, 0), written)).toBeUndefined();
  expect(problemOf(at(7, 0), written)).toBeUndefined();
  expect(problemOf(at(7, 0, { head: { seq: 7, hash: 'other' } }), written)).toContain('row 7');
  expect(problemOf(at(7, 0), undefined)).toContain('D1 ends at 0, and 7 was written');
  expect(problemOf(at(7, 0, { cut: { seq: 7, hash: 'h7' } }), undefined)).toBeUndefined();
  expect(problemOf(at(7, 0, { leaving: { seq: 7, hash: 'h7' } }), undefined)).toBeUndefined();
  expect(problemOf(at(7, 0, { sealed: false }), written)).toContain('sealed');
  expect(problemOf(at(7, 0, { wrong: 3 }), written)).toBe('row 3 is not what was written');
});
