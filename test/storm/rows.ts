/** Whether every call that was acknowledged has its one row, with the outcome that was answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '../../src/cli/stack.ts';

/** Milliseconds for the last rows to come to D1. */
const VISIBLE_MS = 30_000;
const PAGE = 20_000;

export interface RowsFound {
  /** Rows of calls, acknowledged or not. */
  readonly rows: number;
  /** Acknowledged calls without a row, with more than one, or with another outcome than was answered. */
  readonly wrong: readonly string[];
  /** Chains with a gap, or whose rows are not as many as their last number. */
  readonly brokenChains: readonly string[];
}

/** Waits until all are there, 30 s at most. In: the outcome by request id. */
export async function checkRows(stack: Stack, acknowledged: ReadonlyMap<string, string>): Promise<RowsFound> {
  const seen = new Map<string, string[]>();
  const until = Date.now() + VISIBLE_MS;
  let last = 0;
  let rows = 0;
  for (;;) {
    // By rowid, the order of arrival: a row with an older ULID may arrive later.
    const page = await stack.query<{ at: number; request_id: string; result_status: string }>(
      `SELECT rowid AS at, request_id, result_status FROM mcp_audit_log
       WHERE rowid > ? AND method IN ('tools/call', 'resources/read', 'prompts/get') ORDER BY rowid LIMIT ${PAGE}`,
      last,
    );
    for (const { at, request_id, result_status } of page) {
      last = at;
      rows += 1;
      const known = seen.get(request_id);
      if (known === undefined) seen.set(request_id, [result_status]);
      else known.push(result_status);
    }
    if (page.length > 0) continue;
    const missing = [...acknowledged.keys()].some((id) => !seen.has(id));
    if (!missing || Date.now() > until) break;
    await sleep(250);
  }
  const wrong = [...acknowledged].flatMap(([id, status]) => {
    const found = seen.get(id) ?? [];
    return found.length === 1 && found[0] === status ? [] : [`${id}: ${status}, rows: ${found.join(' ') || 'none'}`];
  });
  const chains = await stack.query<{ chain_id: string; many: number; last: number }>(
    'SELECT chain_id, count(*) AS many, max(seq) AS last FROM mcp_audit_log GROUP BY chain_id',
  );
  const brokenChains = chains
    .filter(({ many, last: end }) => many !== end)
    .map(({ chain_id, many, last: end }) => `${chain_id}: ${many} rows, the last is number ${end}`);
  return { rows, wrong, brokenChains };
}
