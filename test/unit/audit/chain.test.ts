/** The bytes that a hash covers: rows of earlier versions must keep theirs. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GENESIS, hashRow, isHashed, rowText } from '../../../src/audit/chain.ts';
import type { AuditRow } from '../../../src/audit/row.ts';
import { COLUMNS } from '../../../src/audit/row.ts';
import { closedRecord } from '../../support/closed-record.ts';
import { linkRow, rowsOf } from '../../support/log-rows.ts';

const row = linkRow({ chain_id: 'default-0', seq: 0, hash: GENESIS }, closedRecord('01'));

describe('the hash of a row', () => {
  it('is SHA-256 over the values in the order of the table', () => {
    const values = COLUMNS.slice(0, 23).map((column) => row[column] ?? null);
    expect(values).toHaveLength(23);
    expect(values.at(-1)).toBe(GENESIS);
    expect(row.hash).toBe(createHash('sha256').update(JSON.stringify(values)).digest('base64url'));
    expect(isHashed(row)).toBe(true);
  });

  it('of a row from before is hex, and still counts', () => {
    const values = COLUMNS.slice(0, 23).map((column) => row[column] ?? null);
    const old = { ...row, hash: createHash('sha256').update(JSON.stringify(values)).digest('hex') };
    expect(isHashed({ ...old, redacted_count: null })).toBe(true);
    expect(isHashed({ ...old, user_login: 'mallory' })).toBe(false);
  });

  it.each(COLUMNS.filter((column) => column !== 'hash'))('changes with %s', (column) => {
    const other = typeof row[column] === 'number' || column === 'redacted_count' ? 7 : 'other';
    expect(hashRow({ ...row, [column]: other } as AuditRow)).not.toBe(row.hash);
    expect(isHashed({ ...row, [column]: other } as AuditRow)).toBe(false);
  });
});

describe('the text of a row', () => {
  it.each([
    ['without a column that came later', row],
    ['with it', linkRow({ chain_id: 'default-0', seq: 7, hash: 'h' }, closedRecord('02', { redacted_count: 3 }))],
  ])('has every value in it, %s', (_, row) => {
    expect(rowsOf({ rows: `[${rowText(row)}]` })).toEqual([row]);
    expect(isHashed(row)).toBe(true);
  });
});
