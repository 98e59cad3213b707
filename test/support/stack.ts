/** A running stack for the tests of a file: the built Worker, an embedded GitHub, an empty log. */
import { afterAll, beforeAll, inject } from 'vitest';
import type { Settings } from '../../src/cli/settings.ts';
import type { Stack, StackOptions } from '../../src/cli/stack.ts';
import { startStack } from '../../src/cli/stack.ts';

/** A local gate sees no addresses: the sign-ins of a whole file come from one. */
const SIGN_INS: Settings = { LIMIT_SIGN_IN: '10000/1' };

/** Starts before the tests of the file and stops after them. Out: the stack, to be asked for inside a test. */
export function useStack(settings: Settings = {}, onLog: StackOptions['onLog'] = () => undefined): () => Stack {
  let stack: Stack | undefined;
  beforeAll(async () => {
    stack = await startStack({ bundleDir: inject('bundleDir'), settings: { ...SIGN_INS, ...settings }, onLog });
  });
  afterAll(async () => await stack?.stop());
  return () => {
    if (stack === undefined) throw new Error('the stack runs inside tests only');
    return stack;
  };
}

/** One row of the log, as far as tests look at it. */
export interface Row {
  readonly id: string;
  readonly timestamp: string;
  readonly user_id: string;
  readonly user_login: string;
  readonly client_id: string;
  readonly client_name: string;
  readonly session_id: string | null;
  readonly call_id: string;
  readonly request_id: string;
  readonly method: string;
  readonly tool_name: string | null;
  readonly arguments: string | null;
  readonly result_status: string;
  readonly duration_ms: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
}

/** Rows come to D1 within this time; the issue allows 5,000 ms. */
const VISIBLE_MS = 5000;

/**
 * Waits until the log has `count` rows that match, and a little longer for one too many. Throws with what is there when
 * it does not come to that within 5 s.
 */
export async function rowsOf(stack: Stack, count: number, where = '1', ...values: unknown[]): Promise<Row[]> {
  const until = Date.now() + VISIBLE_MS;
  const read = () => stack.query<Row>(`SELECT * FROM mcp_audit_log WHERE ${where} ORDER BY timestamp, id`, ...values);
  let rows = await read();
  while (rows.length < count && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    rows = await read();
  }
  if (rows.length === count) return rows;
  throw new Error(
    `${rows.length} rows instead of ${count} where ${where}: ${rows.map((row) => `${row.method} ${row.tool_name} ${row.result_status}`).join(', ')}`,
  );
}
