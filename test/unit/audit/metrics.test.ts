/** The text format, and the sums that go into it. */
import { describe, expect, it } from 'vitest';
import { familiesOf } from '../../../src/audit/families.ts';
import { renderMetrics } from '../../../src/audit/metrics.ts';
import { QuotaWatch } from '../../../src/audit/quota-watch.ts';
import type { WriterState } from '../../../src/audit/totals.ts';
import { parseMetrics } from '../../support/metrics.ts';

const state = (counts: Record<string, number>, more: Partial<WriterState> = {}): WriterState => ({
  waiting: 0,
  counts,
  quota: [],
  broken: false,
  ...more,
});

describe('the text', () => {
  it('escapes what a label may hold (exposition formats, text format details)', () => {
    const samples = [{ labels: { tool: 'a"b\\c\nd' }, value: 1 }];
    expect(renderMetrics([{ name: 'x_total', type: 'counter', help: 'Help.', samples }])).toBe(
      '# HELP x_total Help.\n# TYPE x_total counter\nx_total{tool="a\\"b\\\\c\\nd"} 1\n',
    );
  });

  it('has one line for a name without labels', () => {
    const samples = [{ labels: {}, value: 0.5 }];
    expect(renderMetrics([{ name: 'x', type: 'gauge', help: 'Help.', samples }])).toContain('\nx 0.5\n');
  });
});

describe('the sums', () => {
  const text = (...writers: Parameters<typeof familiesOf>[1]) =>
    parseMetrics(renderMetrics(familiesOf(undefined, writers)));

  it('are over the Writers of a tenant, and never over tenants', () => {
    const counts = { '["requests","ping","admitted"]': 2, '["auth_failures","invalid_token"]': 5 };
    const found = text(
      { tenant: 'a', chain: 'a-0', state: state(counts) },
      { tenant: 'a', chain: 'a-1', state: state({ '["requests","ping","admitted"]': 3 }) },
      { tenant: 'b', chain: 'b-0', state: state(counts) },
    );
    expect(found.get('mcp_requests_total{tenant="a",method="ping",tool="",status="admitted"}')).toBe(5);
    expect(found.get('mcp_requests_total{tenant="b",method="ping",tool="",status="admitted"}')).toBe(2);
    expect(found.get('mcp_auth_failures_total{tenant="a",reason="invalid_token"}')).toBe(5);
  });

  it('leave a tenant out while one of its Writers is silent: a counter must not go back', () => {
    const counts = { '["requests","ping","admitted"]': 2 };
    const found = text(
      { tenant: 'a', chain: 'a-0', state: state(counts, { waiting: 7, broken: true }) },
      { tenant: 'a', chain: 'a-1', state: undefined },
    );
    expect([...found.keys()].filter((key) => key.startsWith('mcp_requests_total'))).toEqual([]);
    expect(found.get('mcp_audit_writer_up{tenant="a",chain="a-1"}')).toBe(0);
    expect(found.get('mcp_audit_waiting_records{tenant="a",chain="a-0"}')).toBe(7);
    expect(found.get('mcp_audit_chain_broken{tenant="a",chain="a-0"}')).toBe(1);
    expect(found.get('mcp_audit_database_up')).toBe(0);
  });

  it('name the least quota of a tenant, whichever Writer saw it', () => {
    const quota = (remaining: number) => [{ resource: 'core', limit: 5000, remaining }];
    const found = text(
      { tenant: 'a', chain: 'a-0', state: state({}, { quota: quota(4000) }) },
      { tenant: 'a', chain: 'a-1', state: state({}, { quota: quota(100) }) },
    );
    expect(found.get('mcp_upstream_quota_remaining{tenant="a",resource="core"}')).toBe(100);
    expect(found.get('mcp_upstream_quota_limit{tenant="a",resource="core"}')).toBe(5000);
  });
});

describe('the quota watch', () => {
  const window = (remaining: number, reset_at: number) => ({ core: { limit: 100, remaining, reset_at } });

  it('says the least that anyone has left, until the window is over', () => {
    const watch = new QuotaWatch();
    watch.note('a', window(90, 1000));
    watch.note('b', window(10, 2000));
    watch.note('c', undefined);
    expect(watch.least(500)).toEqual([{ resource: 'core', limit: 100, remaining: 10 }]);
    watch.note('b', window(100, 9000));
    expect(watch.least(500)).toEqual([{ resource: 'core', limit: 100, remaining: 90 }]);
    expect(watch.least(1000)).toEqual([{ resource: 'core', limit: 100, remaining: 100 }]);
    expect(watch.least(9000)).toEqual([]);
  });

  it('remembers a thousand people', () => {
    const watch = new QuotaWatch();
    watch.note('first', window(1, 2000));
    for (let i = 0; i < 1000; i++) watch.note(`p${i}`, window(50, 2000));
    expect(watch.least(0)).toEqual([{ resource: 'core', limit: 100, remaining: 50 }]);
  });
});
