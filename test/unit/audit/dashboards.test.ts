/** Alert rules and the dashboard ask for metrics and labels that exist. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { familiesOf } from '../../../src/audit/families.ts';

const read = (file: string) => readFileSync(`docs/alerts/${file}`, 'utf8');

/** Every metric with all its labels, from totals and counters that have one of each. */
function exposed(): Map<string, Set<string>> {
  const calls = [{ tenant_id: 't', method: 'm', tool_name: 'n', result_status: 's', calls: 1 }];
  const durations = [{ tenant_id: 't', tool_name: 'n', timed: 1, duration_ms_sum: 1 }];
  const errors = [{ tenant_id: 't', method: 'm', error_code: 'rate_limited', calls: 1 }];
  const names = [
    ['requests', 'ping', 'admitted'],
    ['rate_limited', 'ping'],
    ['upstream', '200'],
  ];
  const counts = [...names, ['auth_failures', 'r'], ['unrecorded'], ['dropped_outcomes'], ['write_failures']];
  const state = {
    waiting: 0,
    counts: Object.fromEntries(counts.map((name) => [JSON.stringify(name), 1])),
    quota: [{ resource: 'core', limit: 1, remaining: 1 }],
    broken: false,
  };
  const families = familiesOf({ calls, durations, errors }, [{ tenant: 't', chain: 't-0', state }]);
  const found = new Map<string, Set<string>>();
  for (const { name, samples } of families) {
    for (const { suffix = '', labels } of samples) {
      const known = found.get(name + suffix) ?? new Set<string>();
      found.set(name + suffix, known);
      for (const label of Object.keys(labels)) known.add(label);
    }
  }
  return found;
}

/** In: an expression. Out: what it asks that is not exposed. */
function unknownIn(expr: string): string[] {
  const metrics = exposed();
  // Texts may hold anything; names of metrics all begin alike.
  const bare = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return [...bare.matchAll(/\b(mcp_[a-z_]+)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', selector = '']) => {
    const labels = metrics.get(name);
    if (labels === undefined) return [name];
    return [...selector.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].flatMap(([, label = '']) =>
      labels.has(label) ? [] : [`${name}{${label}}`],
    );
  });
}

const dashboard = JSON.parse(read('dashboard.json')) as {
  panels: { id: number; title: string; targets: { expr: string; legendFormat: string }[] }[];
  templating: { list: { query: unknown }[] };
};
const rules = read('rules.yml');

describe('the alert rules', () => {
  it('ask for what is exposed', () => {
    // Their texts name tables, which begin like metrics.
    const exprs = rules
      .split('\n')
      .filter((line) => !/^\s+(?:description|summary):/.test(line))
      .join('\n');
    expect(exprs.match(/\bmcp_/g)?.length).toBeGreaterThan(8);
    expect(unknownIn(exprs)).toEqual([]);
  });

  it('have a test each', () => {
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(alerts.length).toBeGreaterThanOrEqual(5);
    const tested = read('rules.test.yml');
    for (const alert of alerts) expect(tested).toContain(`alertname: ${alert}`);
  });
});

describe('the dashboard', () => {
  it('asks in every panel for what is exposed', () => {
    expect(dashboard.panels.length).toBeGreaterThan(10);
    for (const { title, targets } of dashboard.panels) {
      expect(targets.length, title).toBeGreaterThan(0);
      for (const { expr } of targets) {
        expect(expr, title).toContain('mcp_');
        expect(unknownIn(expr), title).toEqual([]);
      }
    }
    expect(unknownIn(JSON.stringify(dashboard.templating).replaceAll('"', ' '))).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it('shows every metric there is', () => {
    const shown = JSON.stringify(dashboard);
    for (const name of exposed().keys()) {
      if (!/_(?:sum|count)$/.test(name)) expect(shown, name).toContain(name);
    }
  });

  it('would not get past these tests with a name that does not exist', () => {
    expect(unknownIn('rate(mcp_nothing_total[5m])')).toEqual(['mcp_nothing_total']);
    expect(unknownIn('mcp_requests_total{tool="a",colour="b"}')).toEqual(['mcp_requests_total{colour}']);
  });
});
