/** From totals and gauges to metrics. Names and labels are what alert rules and dashboards are written against. Pure. */
import type { CountName } from '../core/counts.ts';
import { countName } from '../core/counts.ts';
import type { Family, Sample } from './metrics.ts';
import type { ToolDurations, Totals, WriterState } from './totals.ts';
import { BUCKETS_MS } from './totals.ts';

/** One Writer of a tenant; `state` is undefined where it did not answer. */
export interface WriterReport {
  readonly tenant: string;
  readonly chain: string;
  readonly state: WriterState | undefined;
}

type Kind = CountName[0];

/** In: the totals of D1, undefined where it did not answer, and the reports of all Writers. Out: every metric. */
export function familiesOf(totals: Totals | undefined, writers: readonly WriterReport[]): Family[] {
  const alive = writers.filter((writer) => writer.state !== undefined);
  const counted = countsOf(writers);
  const gauge = (value: (state: WriterState) => number): Sample[] =>
    alive.map(({ tenant, chain, state }) => ({ labels: { tenant, chain }, value: value(state as WriterState) }));
  return [
    {
      name: 'mcp_requests_total',
      type: 'counter',
      help: 'Requests by outcome: those with a row as the row says, lists and pings as admitted or denied.',
      samples: [
        ...(totals?.calls ?? []).map(
          ({ tenant_id: tenant, method, tool_name: tool, result_status: status, calls }) => ({
            labels: { tenant, method, tool, status },
            value: calls,
          }),
        ),
        ...counted('requests', ([, method, status]) => ({ method, tool: '', status })),
      ],
    },
    {
      name: 'mcp_tool_duration_seconds',
      type: 'histogram',
      help: 'How long calls of a tool took, from admission to outcome.',
      samples: (totals?.durations ?? []).flatMap(histogram),
    },
    {
      name: 'mcp_errors_total',
      type: 'counter',
      help: 'Requests with a row that failed or were refused, by error code.',
      samples: (totals?.errors ?? []).map(({ tenant_id: tenant, method, error_code: code, calls }) => ({
        labels: { tenant, method, code },
        value: calls,
      })),
    },
    {
      name: 'mcp_rate_limited_total',
      type: 'counter',
      help: 'Requests refused because a limit was reached.',
      samples: [...limited(totals?.errors ?? []), ...counted('rate_limited', ([, method]) => ({ method }))],
    },
    {
      name: 'mcp_auth_failures_total',
      type: 'counter',
      help: 'Requests refused before anybody was recognised: no token, a bad one, a bad proof, a refused sign-in.',
      samples: counted('auth_failures', ([, reason]) => ({ reason })),
    },
    {
      name: 'mcp_upstream_requests_total',
      type: 'counter',
      help: 'Requests to GitHub by HTTP status.',
      samples: counted('upstream', ([, status]) => ({ status })),
    },
    {
      name: 'mcp_upstream_quota_remaining',
      type: 'gauge',
      help: 'Requests left at GitHub to the person who has least left of a window, of those seen in it.',
      samples: quota(alive, 'remaining'),
    },
    {
      name: 'mcp_upstream_quota_limit',
      type: 'gauge',
      help: 'Requests that GitHub allows that person in the window.',
      samples: quota(alive, 'limit'),
    },
    {
      name: 'mcp_audit_waiting_records',
      type: 'gauge',
      help: 'Closed records that the database has not confirmed.',
      samples: gauge(({ waiting }) => waiting),
    },
    {
      name: 'mcp_audit_write_failures_total',
      type: 'counter',
      help: 'Batches of rows that the database did not take; they are sent again.',
      samples: gauge(({ counts }) => counts['["write_failures"]'] ?? 0),
    },
    {
      name: 'mcp_audit_unrecorded_calls_total',
      type: 'counter',
      help: 'Calls refused because no record could be kept: the only ones without a row.',
      // There from the start, so that the first one is an increase.
      samples: gauge(({ counts }) => counts['["unrecorded"]'] ?? 0),
    },
    {
      name: 'mcp_audit_dropped_outcomes_total',
      type: 'counter',
      help: 'Outcomes that came for a record that was closed already.',
      samples: counted('dropped_outcomes', () => ({})),
    },
    {
      name: 'mcp_audit_chain_broken',
      type: 'gauge',
      help: 'Whether rows of the log were found changed, removed or put in: 1 until the chain is looked at.',
      samples: gauge(({ broken }) => Number(broken)),
    },
    {
      name: 'mcp_audit_writer_up',
      type: 'gauge',
      help: 'Whether the object that writes the rows of a chain answered.',
      samples: writers.map(({ tenant, chain, state }) => ({
        labels: { tenant, chain },
        value: Number(state !== undefined),
      })),
    },
    {
      name: 'mcp_audit_database_up',
      type: 'gauge',
      help: 'Whether the database answered; while it does not, what is counted there is left out.',
      samples: [{ labels: {}, value: Number(totals !== undefined) }],
    },
  ];
}

/**
 * Sums over the Writers of a tenant. A counter that lacks the share of one Writer would have gone down, so a tenant whose
 * Writers did not all answer has none of these.
 */
function countsOf(writers: readonly WriterReport[]) {
  const silent = new Set(writers.filter(({ state }) => state === undefined).map(({ tenant }) => tenant));
  const sums = new Map<string, Map<string, number>>();
  for (const { tenant, state } of writers) {
    if (silent.has(tenant)) continue;
    const sum = sums.get(tenant) ?? new Map<string, number>();
    sums.set(tenant, sum);
    for (const [key, n] of Object.entries(state?.counts ?? {})) sum.set(key, (sum.get(key) ?? 0) + n);
  }
  return <K extends Kind>(
    kind: K,
    labelsOf: (name: Extract<CountName, readonly [K, ...unknown[]]>) => Readonly<Record<string, string>>,
  ): Sample[] =>
    [...sums].flatMap(([tenant, sum]) =>
      [...sum].flatMap(([key, value]) => {
        const name = countName(key);
        if (name[0] !== kind) return [];
        const labels = labelsOf(name as Extract<CountName, readonly [K, ...unknown[]]>);
        return [{ labels: { tenant, ...labels }, value }];
      }),
    );
}

/** Both kinds of limits together: a sample that stands there twice has Prometheus refuse the whole scrape. */
function limited(errors: Totals['errors']): Sample[] {
  const over = errors.filter(({ error_code }) => LIMITS.has(error_code));
  const groups = Map.groupBy(over, ({ tenant_id, method }) => JSON.stringify([tenant_id, method]));
  return [...groups.values()].map((group) => ({
    labels: { tenant: group[0]?.tenant_id as string, method: group[0]?.method as string },
    value: group.reduce((sum, { calls }) => sum + calls, 0),
  }));
}

const LIMITS: ReadonlySet<string> = new Set(['rate_limited', 'too_many_concurrent_calls']);

function histogram(row: ToolDurations): Sample[] {
  const labels = { tenant: row.tenant_id, tool: row.tool_name };
  return [
    ...BUCKETS_MS.map((bound) => ({
      suffix: '_bucket',
      labels: { ...labels, le: String(bound / 1000) },
      value: row[`le_${bound}`] ?? 0,
    })),
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: row.timed },
    { suffix: '_sum', labels, value: row.duration_ms_sum / 1000 },
    { suffix: '_count', labels, value: row.timed },
  ];
}

/** Of a tenant's Writers, the one that saw the person with least left. */
function quota(writers: readonly WriterReport[], what: 'remaining' | 'limit'): Sample[] {
  const least = new Map<string, { labels: Record<string, string>; remaining: number; limit: number }>();
  for (const { tenant, state } of writers) {
    for (const { resource, remaining, limit } of state?.quota ?? []) {
      const key = JSON.stringify([tenant, resource]);
      const known = least.get(key);
      if (known === undefined || remaining / limit < known.remaining / known.limit) {
        least.set(key, { labels: { tenant, resource }, remaining, limit });
      }
    }
  }
  return [...least.values()].map((found) => ({ labels: found.labels, value: found[what] }));
}
