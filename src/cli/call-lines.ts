/**
 * What `npm start` prints while it runs: a line for each call once its row is in the log, so that the line says what the
 * row says, and a dim one for each other request. All of it was written by others, so it is printed without controls.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { isObject } from '../core/json.ts';
import { plainText } from '../core/text.ts';
import type { LogLine, Stack } from './stack.ts';

/** Milliseconds that a call's own line waits for its row; a row is visible within 5 seconds. */
const HOLD_MS = 5000;
/** Milliseconds between looks into the log, for a while after the last request and else. */
const SOON_MS = 200;
const LATER_MS = 3000;
const BUSY_MS = 15_000;

const NEWEST = 'SELECT max(rowid) AS last FROM mcp_audit_log';
const NEW_ROWS = `SELECT rowid AS n, timestamp, method, tool_name, user_login, client_name, result_status, duration_ms,
  error_code, error_message, repeat_count, request_id FROM mcp_audit_log WHERE rowid > ? ORDER BY rowid LIMIT 500`;

/** A row as far as its line goes. */
export interface CallRow {
  readonly n: number;
  readonly timestamp: string;
  readonly method: string;
  readonly tool_name: string | null;
  readonly user_login: string;
  readonly client_name: string;
  readonly result_status: string;
  readonly duration_ms: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly repeat_count: number;
  readonly request_id: string;
}

type Color = 'green' | 'red' | 'yellow' | 'dim';
const MARKS: Readonly<Record<string, readonly [mark: string, color: Color]>> = {
  success: ['✔', 'green'],
  input_required: ['?', 'yellow'],
  cancelled: ['-', 'yellow'],
};
const FAILED = ['✘', 'red'] as const;
/** Requests that get a row (mcp/admit.ts). */
const CALLS: ReadonlySet<unknown> = new Set(['tools/call', 'resources/read', 'prompts/get']);

/** The line of a row: time, what became of it, the request id to find it by, what was called, by whom, and why it failed. */
export function rowLine(row: CallRow): string {
  const [mark, color] = MARKS[row.result_status] ?? FAILED;
  const why = [row.error_code, row.error_message].filter((part) => part !== null).join(': ');
  const what = [
    row.method,
    row.tool_name,
    row.repeat_count > 1 && `×${row.repeat_count}`,
    row.duration_ms !== null && `${row.duration_ms} ms`,
    `${row.user_login}, ${row.client_name}`,
  ];
  const outcome = styleText(color, `${mark} ${row.result_status.padEnd(14)}`);
  return `${row.timestamp.slice(11, 19)} ${outcome} ${row.request_id} ${words(what)}${why && styleText(color, ` ${plainText(why, 300)}`)}`;
}

/** The line of a request without a row, in the same columns: the HTTP status stands where the outcome would. */
export function requestLine(fact: Readonly<Record<string, unknown>>, note = ''): string {
  const { mcp_method, tool_name, error_code, error_message } = fact;
  const what = [
    fact.method,
    fact.path,
    mcp_method,
    tool_name,
    `${fact.duration_ms} ms`,
    error_code,
    error_message,
    note,
  ];
  const line = `${String(fact.timestamp).slice(11, 19)}   ${String(fact.status).padEnd(14)} ${fact.request_id} ${words(what)}`;
  return styleText(Number(fact.status) >= 500 ? 'red' : 'dim', line);
}

export class CallLines {
  readonly #write: (line: string) => void;
  /** Requests that called something and whose row is not there yet, by request id. */
  readonly #held = new Map<string, { readonly fact: Readonly<Record<string, unknown>>; readonly since: number }>();
  #busyUntil = 0;

  /** In: where a line goes, without its newline. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Takes a line that the Worker logged. */
  log({ message, level, timestamp }: LogLine): void {
    this.#busyUntil = timestamp + BUSY_MS;
    const fact = requestIn(message);
    if (fact === undefined) this.#write(styleText(level === 'error' ? 'red' : 'dim', plainText(message, 2000)));
    else if (CALLS.has(fact.mcp_method)) this.#held.set(String(fact.request_id), { fact, since: timestamp });
    else this.#write(requestLine(fact));
  }

  /** Shows rows from now on, until the signal aborts. */
  async follow(query: Stack['query'], signal: AbortSignal): Promise<void> {
    let last = (await query<{ last: number | null }>(NEWEST))[0]?.last ?? 0;
    for (let looked = 0; !signal.aborted; ) {
      await sleep(SOON_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const now = Date.now();
      if (now > this.#busyUntil && now < looked + LATER_MS) continue;
      looked = now;
      // A look that failed is made again; what is held back meanwhile is shown without its row.
      const rows = await query<CallRow>(NEW_ROWS, last).catch((): CallRow[] => []);
      last = rows.at(-1)?.n ?? last;
      this.show(rows, now);
    }
  }

  /** In: rows that are new, and the time in milliseconds since the epoch. */
  show(rows: readonly CallRow[], now: number): void {
    for (const row of rows) {
      this.#held.delete(row.request_id);
      this.#write(rowLine(row));
    }
    for (const [id, { fact, since }] of this.#held) {
      if (now - since < HOLD_MS) continue;
      this.#held.delete(id);
      this.#write(requestLine(fact, '(no row yet: it runs, or shares the row of a refusal that repeats)'));
    }
  }
}

/** What the gate logs of a request (core/log.ts), or undefined for any other line. */
function requestIn(message: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const fact: unknown = JSON.parse(message);
    return isObject(fact) && typeof fact.request_id === 'string' && 'path' in fact ? fact : undefined;
  } catch {
    return undefined;
  }
}

function words(parts: readonly unknown[]): string {
  return plainText(
    parts.filter((part) => part !== undefined && part !== null && part !== false && part !== '').join(' '),
    400,
  );
}
