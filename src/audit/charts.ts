/** Charts and latencies from the counters, which triggers keep as rows arrive; denials from the newest refused rows. */

import { BUCKETS_MS } from './totals.ts';

/** Calls of one hour or day that ended the same way. */
export interface CallCount {
  /** UTC: `2026-11-24T16` or `2026-11-24`. */
  readonly time: string;
  readonly status: string;
  readonly calls: number;
}

/** How long the calls of one tool took. */
export interface Latency {
  /** The tool, or the method where it is no tool call. */
  readonly name: string;
  /** Calls that ran to their end: refused and cancelled ones would only tell how fast the gate says no. */
  readonly timed: number;
  /** Milliseconds, estimated within their buckets. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Refusals of one kind. */
export interface Denial {
  readonly user_id: string;
  readonly user_login: string;
  readonly client_name: string;
  /** The tool, or the method where it is no tool call. */
  readonly name: string;
  readonly error_code: string | null;
  readonly calls: number;
  readonly last: string;
}

const CALLS = "method IN ('tools/call', 'resources/read', 'prompts/get')";
const SUMS = BUCKETS_MS.map((bound) => `sum(le_${bound}) AS le_${bound}`).join(', ');
/** Refused rows that are looked at. */
export const MOST_DENIALS = 5000;

/** In: whose calls, since when (a moment of ISO 8601), by the hour or the day. Out: ascending by time. */
export async function callCounts(
  db: D1Database,
  tenant: string,
  since: string,
  unit: 'hour' | 'day',
): Promise<CallCount[]> {
  const time = unit === 'hour' ? 'hour' : 'substr(hour, 1, 10)';
  const sql = `SELECT ${time} AS time, result_status AS status, sum(calls) AS calls FROM mcp_call_counts
WHERE tenant_id = ? AND hour >= ? AND ${CALLS} GROUP BY 1, 2 ORDER BY 1, 2`;
  return (await db.prepare(sql).bind(tenant, since.slice(0, 13)).all<CallCount>()).results;
}

/** In: whose calls, since when. Out: the tools with the most calls first, at most 50. */
export async function latencies(db: D1Database, tenant: string, since: string): Promise<Latency[]> {
  const sql = `SELECT CASE tool_name WHEN '' THEN method ELSE tool_name END AS name, sum(timed) AS timed, ${SUMS}
FROM mcp_call_counts WHERE tenant_id = ? AND hour >= ? AND ${CALLS} AND result_status IN ('success', 'error')
GROUP BY 1 HAVING sum(timed) > 0 ORDER BY 2 DESC, 1 LIMIT 50`;
  type Sums = { name: string; timed: number } & Record<`le_${number}`, number>;
  const { results } = await db.prepare(sql).bind(tenant, since.slice(0, 13)).all<Sums>();
  return results.map((row) => {
    const below = BUCKETS_MS.map((bound) => row[`le_${bound}`] ?? 0);
    const at = (share: number) => quantile(share, below, row.timed);
    return { name: row.name, timed: row.timed, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  });
}

/** In: whose refusals, since when. Out: the kinds with the most refusals first, at most 20, of the newest MOST_DENIALS rows. */
export async function denials(db: D1Database, tenant: string, since: string): Promise<Denial[]> {
  const sql = `SELECT user_id, max(user_login) AS user_login, client_name, ifnull(tool_name, method) AS name, error_code,
  sum(repeat_count) AS calls, max(timestamp) AS last
FROM (SELECT * FROM mcp_audit_log INDEXED BY mcp_audit_log_status
  WHERE tenant_id = ? AND result_status = 'denied' AND timestamp >= ? ORDER BY timestamp DESC LIMIT ${MOST_DENIALS})
GROUP BY user_id, client_name, 4, error_code ORDER BY calls DESC, last DESC LIMIT 20`;
  return (await db.prepare(sql).bind(tenant, since).all<Denial>()).results;
}

/**
 * The value below which a share of the observations lies, as Prometheus' `histogram_quantile` estimates it: evenly
 * spread within a bucket. In: the share (0 to 1), observations at or below each of BUCKETS_MS, all observations. Out:
 * milliseconds; the last bound where it lies beyond.
 */
export function quantile(share: number, below: readonly number[], all: number): number {
  const rank = share * all;
  const at = below.findIndex((count) => count >= rank);
  if (at === -1) return BUCKETS_MS[BUCKETS_MS.length - 1] as number;
  const [lower, before] = at === 0 ? [0, 0] : [BUCKETS_MS[at - 1] as number, below[at - 1] as number];
  const inside = (below[at] as number) - before;
  const upper = BUCKETS_MS[at] as number;
  return inside === 0 ? upper : lower + ((upper - lower) * (rank - before)) / inside;
}
