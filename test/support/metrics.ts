/** Reads the metrics, and holds them against the rows of the log: totals must agree to the last call. */
import { BUCKETS_MS } from '../../src/audit/totals.ts';
import { TOOL_NAMES } from '../../src/core/tool-names.ts';

/** Values by name and labels as they are printed: `mcp_requests_total{tenant="default",…}`. */
export type Scraped = ReadonlyMap<string, number>;

/** In: the text of `/metrics`. Throws where a line is none of the format, or a sample comes twice. */
export function parseMetrics(text: string): Scraped {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# ')) continue;
    const match = /^([a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})?) (\S+)$/.exec(line);
    if (match === null || Number.isNaN(Number(match[2]))) throw new Error(`no line of the format: ${line}`);
    if (found.has(match[1] as string)) throw new Error(`twice: ${line}`);
    found.set(match[1] as string, Number(match[2]));
  }
  return found;
}

/** The samples of one metric, as labels (without quotes) to value. */
export function samplesOf(scraped: Scraped, name: string): Record<string, number> {
  const begin = `${name}{`;
  const found = [...scraped].filter(([key]) => key.startsWith(begin));
  return Object.fromEntries(found.map(([key, value]) => [key.slice(begin.length, -1).replaceAll('"', ''), value]));
}

/** What the comparison reads of a row. */
export interface CountedRow {
  readonly tenant_id: string;
  readonly method: string;
  readonly tool_name: string | null;
  readonly result_status: string;
  readonly error_code: string | null;
  readonly duration_ms: number | null;
  readonly repeat_count: number;
}

/** Methods that leave no row: of these the log can say nothing. */
const WITHOUT_ROW =
  /,method=(?:initialize|ping|server|completion|logging|subscriptions|other|(?:tools|prompts)\/list|resources\/(?!read))/;

/**
 * In: the text of `/metrics`, and every row there ever was: live ones, archived ones, and those that were dropped. Out: one
 * line for each total that does not agree with the rows; none where all do.
 */
export function differences(text: string, rows: readonly CountedRow[]): string[] {
  const scraped = parseMetrics(text);
  const wanted = wantedOf(rows);
  return [...wanted].flatMap(([name, expected]) => {
    const all = Object.entries(samplesOf(scraped, name)).filter(([labels]) => !WITHOUT_ROW.test(labels));
    const actual = new Map(all);
    return [...new Set([...expected.keys(), ...actual.keys()])]
      .filter((labels) => (expected.get(labels) ?? 0) !== (actual.get(labels) ?? 0))
      .map((labels) => `${name}{${labels}} is ${actual.get(labels)}, the rows say ${expected.get(labels)}`);
  });
}

/** Every sum of the counts by hour that is not the total, or a total without one: no row where charts and metrics agree. */
export const UNEQUAL_COUNTS = (() => {
  const sums = ['calls', 'timed', 'duration_ms_sum', ...BUCKETS_MS.map((bound) => `le_${bound}`)];
  const keys = 'tenant_id, method, tool_name, result_status';
  const hours = `SELECT ${keys}, ${sums.map((name) => `sum(${name})`).join(', ')} FROM mcp_call_counts GROUP BY ${keys}`;
  const totals = `SELECT ${keys}, ${sums.join(', ')} FROM mcp_call_totals`;
  return `SELECT * FROM (${hours} EXCEPT ${totals}) UNION ALL SELECT * FROM (${totals} EXCEPT ${hours})`;
})();

function wantedOf(rows: readonly CountedRow[]): Map<string, Map<string, number>> {
  const known = new Set(TOOL_NAMES);
  for (const row of rows) if (row.result_status === 'success' && row.tool_name !== null) known.add(row.tool_name);
  const wanted = new Map<string, Map<string, number>>();
  const add = (name: string, labels: string, n: number) => {
    const metric = wanted.get(name) ?? new Map<string, number>();
    wanted.set(name, metric);
    metric.set(labels, Math.round(((metric.get(labels) ?? 0) + n) * 1000) / 1000);
  };
  for (const name of ['mcp_requests_total', 'mcp_errors_total', 'mcp_rate_limited_total']) wanted.set(name, new Map());
  for (const row of rows) {
    const { tenant_id: tenant, method, tool_name, result_status: status, error_code: code, duration_ms: ms } = row;
    const tool = tool_name === null ? '' : known.has(tool_name) ? tool_name : '(unknown)';
    add('mcp_requests_total', `tenant=${tenant},method=${method},tool=${tool},status=${status}`, row.repeat_count);
    if (code !== null) add('mcp_errors_total', `tenant=${tenant},method=${method},code=${code}`, row.repeat_count);
    if (code === 'rate_limited' || code === 'too_many_concurrent_calls')
      add('mcp_rate_limited_total', `tenant=${tenant},method=${method}`, row.repeat_count);
    if (method !== 'tools/call') continue;
    const labels = `tenant=${tenant},tool=${tool}`;
    const timed = Number(ms !== null);
    add('mcp_tool_duration_seconds_count', labels, timed);
    add('mcp_tool_duration_seconds_sum', labels, (ms ?? 0) / 1000);
    for (const bound of BUCKETS_MS) {
      add('mcp_tool_duration_seconds_bucket', `${labels},le=${bound / 1000}`, Number(ms !== null && ms <= bound));
    }
    add('mcp_tool_duration_seconds_bucket', `${labels},le=+Inf`, timed);
  }
  return wanted;
}
