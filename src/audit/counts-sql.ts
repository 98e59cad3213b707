/** The statements about counts: what `/metrics` reads from D1, and what a Writer enters there besides rows. */
import type { CallTotal, ErrorTotal, Knock, ToolDurations, Totals } from './totals.ts';
import { BUCKETS_MS } from './totals.ts';

const COLUMNS = ['timed', 'duration_ms_sum', ...BUCKETS_MS.map((bound) => `le_${bound}`)];

const SELECTS = [
  `SELECT tenant_id, method, tool_name, result_status, calls FROM mcp_call_totals
   ORDER BY tenant_id, method, tool_name, result_status`,
  `SELECT tenant_id, tool_name, ${COLUMNS.map((column) => `sum(${column}) AS ${column}`).join(', ')}
   FROM mcp_call_totals WHERE method = 'tools/call' GROUP BY tenant_id, tool_name ORDER BY tenant_id, tool_name`,
  'SELECT tenant_id, method, error_code, calls FROM mcp_error_totals ORDER BY tenant_id, method, error_code',
];

/** All totals, of one moment. Throws where D1 does. */
export async function readTotals(db: D1Database): Promise<Totals> {
  const [calls, durations, errors] = await db.batch(SELECTS.map((select) => db.prepare(select)));
  return {
    calls: (calls?.results ?? []) as CallTotal[],
    durations: (durations?.results ?? []) as ToolDurations[],
    errors: (errors?.results ?? []) as ErrorTotal[],
  };
}

/** Enters names that are counted as themselves: the tools of the catalogue. */
export async function enterTools(db: D1Database, names: readonly string[]): Promise<void> {
  await db
    .prepare('INSERT INTO mcp_tools SELECT value FROM json_each(?1) WHERE value NOT IN (SELECT name FROM mcp_tools)')
    .bind(JSON.stringify(names))
    .run();
}

/** Days that it is kept from where somebody knocked. */
const KEPT_DAYS = 30;

/**
 * Writes who knocked, and forgets what is older than 30 days. Each row has all failures of its minute, so that writing it
 * again changes nothing. `now` in milliseconds since the epoch. Throws where D1 does.
 */
export async function writeKnocks(
  db: D1Database,
  tenant: string,
  knocks: readonly Knock[],
  now: number,
): Promise<void> {
  const oldest = new Date(now - KEPT_DAYS * 86_400_000).toISOString().slice(0, 16);
  await db.batch([
    db
      .prepare(
        `INSERT INTO mcp_auth_failures (tenant_id, minute, address, reason, failures)
         SELECT ?1, value ->> 'minute', value ->> 'address', value ->> 'reason', value ->> 'failures'
         FROM json_each(?2) WHERE true
         ON CONFLICT (minute, tenant_id, address, reason) DO UPDATE SET failures = max(failures, excluded.failures)`,
      )
      .bind(tenant, JSON.stringify(knocks)),
    db.prepare('DELETE FROM mcp_auth_failures WHERE minute < ?1').bind(oldest),
  ]);
}
