/** Whether the suite's calls, odd as many of them are, each left one closed row in the log. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gate } from './gate.ts';

/** Milliseconds until a row must have come to D1. */
const VISIBLE_MS = 5000;

export interface RowCount {
  readonly calls: number;
  /** Rows by their outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Ids of requests with no row, or with more than one. */
  readonly wrong: readonly string[];
}

/** Waits for the rows of all calls so far, 5 s at most. */
export async function countRows({ stack, recorded }: Gate): Promise<RowCount> {
  const until = Date.now() + VISIBLE_MS;
  for (;;) {
    const rows = await stack.query<{ request_id: string; result_status: string }>(
      "SELECT request_id, result_status FROM mcp_audit_log WHERE method IN ('tools/call', 'resources/read', 'prompts/get')",
    );
    const byRequest = Map.groupBy(rows, (row) => row.request_id);
    const wrong = [...recorded].filter((id) => byRequest.get(id)?.length !== 1);
    if (wrong.length === 0 || Date.now() >= until) {
      const byOutcome = Map.groupBy(rows, (row) => row.result_status);
      const outcomes = Object.fromEntries([...byOutcome].map(([status, of]) => [status, of.length]));
      return { calls: recorded.size, outcomes, wrong };
    }
    await sleep(100);
  }
}
