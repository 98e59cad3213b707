import { describe, expect, it } from 'vitest';
import { quantile } from '../../src/audit/charts.ts';
import { csvLine, exportStream, jsonLine } from '../../src/audit/export.ts';
import { type AuditRow, COLUMNS } from '../../src/audit/row.ts';
import { BUCKETS_MS as BUCKETS } from '../../src/audit/totals.ts';
import { barsOf } from '../../src/pages/console/chart.tsx';
import { queryOf, readQuery } from '../../src/pages/console/filter.ts';
import { chained, recordAt } from '../support/log-rows.ts';

const below = (durations: readonly number[]) => BUCKETS.map((bound) => durations.filter((ms) => ms <= bound).length);

describe('quantile', () => {
  it.each([
    ['spread evenly within one bucket', Array.from({ length: 100 }, (_, i) => 101 + i * 1.5), 0.5, 175],
    ['of few', [5], 0.99, 9.9],
    ['on the bound of a bucket', [10, 10, 25, 25], 0.5, 10],
    ['beyond the last bound', [60_000, 60_000], 0.5, 30_000],
    ['of nothing', [], 0.5, 10],
  ])('%s', (_, durations, share, expected) => {
    expect(quantile(share, below(durations), durations.length)).toBeCloseTo(expected, 0);
  });

  it('lies in the bucket of the true value, and grows with the share', () => {
    const durations = Array.from({ length: 1000 }, (_, i) => Math.round(1.01 ** i));
    const estimates = [0.1, 0.5, 0.9, 0.95, 0.99].map((share) => quantile(share, below(durations), durations.length));
    expect(estimates).toEqual([...estimates].sort((a, b) => a - b));
    for (const [i, share] of [0.1, 0.5, 0.9, 0.95, 0.99].entries()) {
      const truth = durations[Math.ceil(share * 1000) - 1] as number;
      const bound = BUCKETS.find((one) => one >= truth) ?? 30_000;
      expect(estimates[i]).toBeLessThanOrEqual(bound);
      expect(estimates[i]).toBeGreaterThanOrEqual(BUCKETS[BUCKETS.indexOf(bound as 10) - 1] ?? 0);
    }
  });
});

describe('an export', () => {
  const rows = chained([
    recordAt(0, {
      user_login: '=1+1',
      client_name: '+A',
      tool_name: '-B',
      error_code: '@C',
      error_message: '\tD',
      session_id: '\rE',
    }),
    recordAt(1, { client_name: 'quote " comma , line\nend', arguments: null, duration_ms: null }),
  ]);

  it('makes no cell a formula, and quotes what would break a line', () => {
    const lines = rows.map(csvLine);
    expect(lines[0]).toContain(`,'=1+1,`);
    for (const text of [`'+A`, `'-B`, `'@C`, `'\tD`, `"'\rE"`]) expect(lines[0]).toContain(text);
    expect(lines[1]).toContain('"quote "" comma , line\nend"');
    expect(lines[1]?.endsWith('\r\n')).toBe(true);
  });

  it('has every column in both formats', () => {
    expect(Object.keys(JSON.parse(jsonLine(rows[0] as AuditRow)))).toEqual([...COLUMNS]);
    expect(jsonLine(rows[1] as AuditRow).trimEnd()).not.toContain('\n');
  });

  it('asks for rows only as they are taken, and stops asking when nobody takes them', async () => {
    let asked = 0;
    let ended = false;
    async function* pieces() {
      try {
        for (;;) {
          asked += 1;
          yield rows;
        }
      } finally {
        ended = true;
      }
    }
    const reader = exportStream(pieces(), 'csv').getReader();
    expect(asked).toBe(0);
    const first = new TextDecoder().decode((await reader.read()).value);
    expect(first.startsWith(`${COLUMNS.join(',')}\r\n`)).toBe(true);
    await reader.read();
    expect(asked).toBe(2);
    await reader.cancel();
    expect(ended).toBe(true);
    expect(asked).toBe(2);
  });

  it('of nothing has a head and no row', async () => {
    async function* none() {}
    expect(await new Response(exportStream(none(), 'csv')).text()).toBe(`${COLUMNS.join(',')}\r\n`);
    expect(await new Response(exportStream(none(), 'ndjson')).text()).toBe('');
  });

  it('breaks off where the log cannot be read on, so that nobody takes a part for the whole', async () => {
    async function* broken() {
      yield rows;
      throw new Error('D1 is gone');
    }
    await expect(new Response(exportStream(broken(), 'ndjson')).text()).rejects.toThrow();
  });
});

describe('the query of a page', () => {
  it('is read as it was written', () => {
    const filter = {
      user: 'a&b=c',
      client: 'http://c.example/?x#y',
      tool: '"\'<>',
      method: 'tools/call',
      status: 'denied' as const,
      error: 'é',
      id: 'req_1',
      from: '2026-11-24T16:30:00.123Z',
      to: '2026-11-25T00:00:00.000Z',
    };
    const older = { timestamp: '2026-11-24T20:00:00.000Z', id: '01ABC' };
    for (const query of [
      { filter },
      { filter: {}, older },
      { filter, newer: { ...older, id: '~' } },
      { filter: {}, older: { ...older, id: '' } },
    ]) {
      expect(readQuery(new URLSearchParams(queryOf(query)))).toEqual({
        ok: true,
        value: { older: undefined, newer: undefined, ...query },
      });
    }
    expect(queryOf({ filter: {} })).toBe('');
  });

  it.each([
    ['2026-11-24', '2026-11-24T00:00:00.000Z'],
    ['2026-11-24T16:30', '2026-11-24T16:30:00.000Z'],
    ['2026-11-24 16:30:05', '2026-11-24T16:30:05.000Z'],
    ['2026-11-24T16:30:05.1Z', '2026-11-24T16:30:05.100Z'],
  ])('takes %s for a moment', (from, moment) => {
    expect(readQuery(new URLSearchParams({ from }))).toMatchObject({ ok: true, value: { filter: { from: moment } } });
  });

  it.each(['2026-13-01', '2026-11-31', '2026-11-24T25:00', 'now', '24.11.2026', '2026-11-24T16:30+01:00'])(
    'takes %s for none',
    (from) => {
      expect(readQuery(new URLSearchParams({ from })).ok).toBe(false);
    },
  );
});

describe('bars', () => {
  it('are there for every hour or day of the span, with what was counted in it', () => {
    const now = Date.UTC(2026, 10, 24, 16, 30);
    const hours = barsOf(
      [
        { time: '2026-11-24T16', status: 'success', calls: 2 },
        { time: '2026-11-24T16', status: 'denied', calls: 3 },
        { time: '2026-11-24T15', status: 'unknown', calls: 1 },
        { time: '2026-10-01T00', status: 'success', calls: 9 },
      ],
      now - 3 * 3_600_000,
      now,
      'hour',
    );
    expect(hours.map(({ time, good, bad, stop }) => [time.slice(-2), good, bad, stop])).toEqual([
      ['13', 0, 0, 0],
      ['14', 0, 0, 0],
      ['15', 0, 1, 0],
      ['16', 2, 0, 3],
    ]);
    expect(barsOf([], now - 30 * 86_400_000, now, 'day')).toHaveLength(31);
  });
});
