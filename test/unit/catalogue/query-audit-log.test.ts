import { describe, expect, it } from 'vitest';
import type { AuditFilter, AuditPageRequest, AuditReader, CountBy } from '../../../src/core/audit-query.ts';
import type { GitHub } from '../../../src/github/client.ts';
import { chained, recordAt } from '../../support/log-rows.ts';
import { call } from './calling.ts';

const github = {} as GitHub;
const rows = chained(
  Array.from({ length: 100 }, (_, i) =>
    recordAt(Date.UTC(2026, 10, 24) - i * 1000, {
      arguments: JSON.stringify({ owner: 'acme', query: 'é'.repeat(2000) }),
      ...(i === 0 && {
        repeat_count: 7,
        call_id: 'first',
        result_status: 'denied' as const,
        error_code: 'rate_limited',
        error_message: 'x'.repeat(500),
      }),
    }),
  ),
);

/** Answers what it is asked, and remembers it. */
function log(answer: { lookedTo?: string } = {}) {
  const asked: { filter: AuditFilter; request?: AuditPageRequest; by?: CountBy; limit?: number }[] = [];
  const reader: AuditReader = {
    rows: async (filter, request) => {
      asked.push({ filter, request });
      const from = request.older === undefined ? 0 : rows.findIndex(({ id }) => id === request.older?.id) + 1;
      const found = rows.slice(from, from + request.limit);
      const last = found.at(-1);
      return {
        rows: found,
        ...(last !== undefined && from + request.limit < rows.length && { older: last }),
        ...answer,
      };
    },
    counts: async (filter, by, limit) => {
      asked.push({ filter, by, limit });
      return { counts: [{ value: null, calls: 3, last: rows[0]?.timestamp ?? '' }], ...answer };
    },
  };
  return { asked, reader };
}

const query = async (args: object, reader: AuditReader) =>
  (await call(github, 'query_audit_log', args, reader)).structuredContent as {
    rows?: { id: string; arguments: string; times?: number; call_id?: string; error_message?: string }[];
    counts?: unknown[];
    next?: { after: string };
    truncated?: boolean;
    looked_to?: string;
  };

describe('query_audit_log', () => {
  it('asks with every filter that it was given, moments in UTC', async () => {
    const { asked, reader } = log();
    await query(
      {
        user: 'octocat',
        client: 'Cursor',
        tool: 'issue_read',
        method: 'tools/call',
        status: 'denied',
        error_code: 'x',
        id: 'req_1',
        from: '2026-11-23',
        to: '2026-11-24T10:00:00+02:00',
        perPage: 5,
      },
      reader,
    );
    expect(asked[0]?.filter).toEqual({
      user: 'octocat',
      client: 'Cursor',
      tool: 'issue_read',
      method: 'tools/call',
      status: 'denied',
      error: 'x',
      id: 'req_1',
      from: '2026-11-23T00:00:00.000Z',
      to: '2026-11-24T08:00:00.000Z',
    });
    expect(asked[0]?.request?.limit).toBe(5);
  });

  it('reads on from page to page within its budget, and misses no row', async () => {
    const { reader } = log();
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await query({ perPage: 100, ...(after !== undefined && { after }) }, reader);
      expect(page.rows?.length).toBeGreaterThan(0);
      expect(JSON.stringify(page).length).toBeLessThan(24_576);
      found.push(...(page.rows ?? []).map(({ id }) => id));
      after = page.next?.after;
    } while (after !== undefined);
    expect(found).toEqual(rows.map(({ id }) => id));
  });

  it('says of a row what a model needs, and cuts what is long', async () => {
    const [first] = (await query({ perPage: 1 }, log().reader)).rows ?? [];
    expect(first).toMatchObject({
      times: 7,
      call_id: 'first',
      error_code: 'rate_limited',
      user: 'octocat',
      tool: 'issue_read',
    });
    expect(Buffer.byteLength(first?.arguments ?? '')).toBeLessThanOrEqual(410);
    expect(Buffer.byteLength(first?.error_message ?? '')).toBeLessThanOrEqual(410);
  });

  it('counts by what it is told to', async () => {
    const { asked, reader } = log({ lookedTo: '2026-11-01T00:00:00.000Z' });
    const counted = await query({ count_by: 'error', status: 'denied', perPage: 7 }, reader);
    expect(asked).toEqual([{ filter: expect.objectContaining({ status: 'denied' }), by: 'error', limit: 7 }]);
    expect(counted).toEqual({
      counts: [{ value: null, calls: 3, last: rows[0]?.timestamp }],
      looked_to: '2026-11-01T00:00:00.000Z',
      truncated: true,
    });
  });

  it('refuses wrong arguments, and a caller without the log', async () => {
    const { reader } = log();
    for (const [args, said] of [
      [{ status: 'fine' }, 'status must be one of'],
      [{ from: 'yesterday' }, 'from must be a date in ISO 8601'],
      [{ user: '' }, 'user must have at least 1 character'],
      [{ count_by: 'password' }, 'count_by must be one of'],
      [{ tenant: 'acme' }, 'tenant is not an argument'],
    ] as const)
      await expect(query(args, reader)).rejects.toThrow(said);
    await expect(call(github, 'query_audit_log', {})).rejects.toMatchObject({ code: 'forbidden_by_policy' });
  });
});
