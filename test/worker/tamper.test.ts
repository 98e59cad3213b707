/** Somebody who may write to D1 and drops its triggers: whatever they do to a chain, the first row of it is named. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../src/audit/audit-log.ts';
import { hashRow } from '../../src/audit/chain.ts';
import { readTotals } from '../../src/audit/counts-sql.ts';
import { familiesOf } from '../../src/audit/families.ts';
import { renderMetrics } from '../../src/audit/metrics.ts';
import type { AuditRow } from '../../src/audit/row.ts';
import { COLUMNS } from '../../src/audit/row.ts';
import { differences } from '../support/metrics.ts';
import { fillChain, rowsIn, sourcesOf } from './chain-support.ts';
import { migrate } from './migrate.ts';

const COUNT = 40;
/** Where the tampering begins. */
const SEQ = 17;

beforeAll(async () => await migrate(env.AUDIT_DB));

/** Writes the rows of a chain anew, past every guard. */
async function overwrite(chain: string, rows: readonly AuditRow[]): Promise<void> {
  const { results: guards } = await env.AUDIT_DB.prepare(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'mcp_audit_log'",
  ).all<{ name: string; sql: string }>();
  const columns = COLUMNS.join(', ');
  const marks = COLUMNS.map(() => '?').join(', ');
  await env.AUDIT_DB.batch([
    ...guards.map(({ name }) => env.AUDIT_DB.prepare(`DROP TRIGGER ${name}`)),
    env.AUDIT_DB.prepare('DROP INDEX IF EXISTS mcp_audit_log_chain'),
    env.AUDIT_DB.prepare('DELETE FROM mcp_audit_log WHERE chain_id = ?').bind(chain),
  ]);
  for (const row of rows) {
    const values = COLUMNS.map((column) => row[column] ?? null);
    await env.AUDIT_DB.prepare(`INSERT INTO mcp_audit_log (${columns}) VALUES (${marks})`)
      .bind(...values)
      .run();
  }
  // Put back, so that nobody sees they were away.
  await env.AUDIT_DB.batch(guards.map(({ sql }) => env.AUDIT_DB.prepare(sql)));
}

const written: AuditRow[] = [];

/** Has a Writer write so many rows. Out: them. */
async function filled(chain: string, count: number): Promise<AuditRow[]> {
  await fillChain(chain, count);
  const rows = await rowsIn(chain);
  expect(rows).toHaveLength(count);
  written.push(...rows);
  return rows;
}

/** Numbers and hashes the rows from an index on, as a Writer would have. */
function hashedAnew(rows: readonly AuditRow[], from: number): AuditRow[] {
  const anew: AuditRow[] = [];
  for (const [i, row] of rows.entries()) {
    const before = anew[i - 1];
    if (i < from || before === undefined) {
      anew.push(row);
      continue;
    }
    const placed = { ...row, seq: before.seq + 1, prev_hash: before.hash };
    anew.push({ ...placed, hash: hashRow(placed) });
  }
  return anew;
}

const at = SEQ - 1;
const forged = (row: AuditRow | undefined): AuditRow => ({ ...(row as AuditRow), user_login: 'mallory' });
const replaced = (rows: readonly AuditRow[], row: AuditRow) => rows.with(at, row);
const swapped = (rows: readonly AuditRow[], other: number) => {
  const [one, two] = [rows[at] as AuditRow, rows[other] as AuditRow];
  return rows.with(at, { ...two, seq: one.seq }).with(other, { ...one, seq: two.seq });
};
const without = (rows: readonly AuditRow[]) => rows.toSpliced(at, 1);
const withOneMore = (rows: readonly AuditRow[]) => rows.toSpliced(at, 0, { ...forged(rows[at]), id: 'forged' });

const CASES: readonly [string, (rows: readonly AuditRow[]) => readonly AuditRow[], object][] = [
  ['a row is changed', (rows) => replaced(rows, forged(rows[at])), { seq: SEQ, damage: 'changed' }],
  [
    'a row is changed and its link hashed anew',
    (rows) => replaced(rows, { ...forged(rows[at]), hash: hashRow(forged(rows[at])) }),
    { seq: SEQ, damage: 'changed' },
  ],
  [
    'a row is changed and the whole tail hashed anew',
    (rows) => hashedAnew(replaced(rows, forged(rows[at])), at),
    { seq: SEQ, damage: 'changed' },
  ],
  ['a row is removed', without, { seq: SEQ, damage: 'removed' }],
  [
    'a row is removed and the whole tail hashed anew',
    (rows) => hashedAnew(without(rows), at),
    { seq: SEQ, damage: 'removed' },
  ],
  ['the first row is removed', (rows) => rows.slice(1), { seq: 1, damage: 'removed' }],
  [
    'a row is inserted with a number that is taken',
    (rows) => [...rows, { ...forged(rows[at]), id: 'zzz' }],
    { seq: SEQ, damage: 'inserted', id: 'zzz' },
  ],
  [
    'a row is inserted and the whole tail hashed anew',
    (rows) => hashedAnew(withOneMore(rows), at),
    { seq: SEQ, damage: 'inserted', id: 'forged' },
  ],
  [
    'a row is added at the end, rightly hashed',
    (rows) => hashedAnew([...rows, { ...forged(rows[at]), id: 'forged at the end' }], rows.length),
    { seq: COUNT + 1, damage: 'inserted' },
  ],
  ['two rows change places', (rows) => swapped(rows, at + 1), { seq: SEQ, damage: 'swapped', other: SEQ + 1 }],
  ['two distant rows change places', (rows) => swapped(rows, 30), { seq: SEQ, damage: 'swapped', other: 31 }],
  [
    'two rows change places and the tail is hashed anew',
    (rows) => hashedAnew(swapped(rows, at + 1), at),
    { seq: SEQ, damage: 'changed' },
  ],
  ['the end is cut off', (rows) => rows.slice(0, at), { seq: SEQ, damage: 'cut_off' }],
  ['the last row is cut off', (rows) => rows.slice(0, -1), { seq: COUNT, damage: 'cut_off' }],
  ['all rows are removed', () => [], { seq: 1, damage: 'cut_off' }],
];

describe('a chain', () => {
  it('that nobody touched is whole, page by page', async () => {
    await filled('whole-0', 700);
    expect(await auditLog(sourcesOf('whole-0'), 33)).toEqual([{ proof: expect.anything(), rows: 700 }]);
  });

  it.each(CASES.map((tampering, i) => [...tampering, i] as const))('%s', async (_, tamper, expected, i) => {
    const chain = `tamper${i}-0`;
    const rows = await filled(chain, COUNT);
    await overwrite(chain, rows);
    expect((await auditLog(sourcesOf(chain)))[0]?.finding).toBeUndefined();

    await overwrite(chain, tamper(rows));
    const [report] = await auditLog(sourcesOf(chain), 7);
    expect(report?.finding).toMatchObject({ chain_id: chain, ...expected });
    const { seq } = expected as { seq: number };
    expect(report?.rows).toBe(seq - 1);
  });

  it('that no Writer knows is named', async () => {
    const forged = (await filled('known-0', 3)).map((row) => ({
      ...row,
      id: `x${row.seq}`,
      chain_id: "o'forged-7",
      seq: row.seq + 4,
    }));
    await overwrite("o'forged-7", forged);
    const sources = sourcesOf('known-0', "o'forged-7");
    expect(await auditLog(sources)).toMatchObject([
      { rows: 3 },
      { finding: { chain_id: "o'forged-7", seq: 5, damage: 'inserted' } },
    ]);
  });

  it('whose ends were changed in the Writer is not sealed, whatever is written there later', async () => {
    await filled('ends-0', 5);
    const writer = env.WRITER.getByName('ends-0');
    expect((await writer.proof('ends-0')).sealed).toBe(true);
    await runInDurableObject(writer, (_, state) => {
      state.storage.sql.exec('UPDATE head SET seq = 3, hash = (SELECT hash FROM head)');
    });
    await evictDurableObject(writer);
    const again = env.WRITER.getByName('ends-0');
    await again.append('ends-0', 'other', []);
    expect((await again.proof('ends-0')).sealed).toBe(false);
  });
});

it('the totals are those of the rows that were written, whatever became of these', async () => {
  expect(written.length).toBeGreaterThan(CASES.length * COUNT);
  const text = renderMetrics(familiesOf(await readTotals(env.AUDIT_DB), []));
  expect(differences(text, written)).toEqual([]);
});
