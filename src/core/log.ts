/**
 * One line of JSON per request. Whoever handles the request adds facts to its RequestLog; the edge writes the line once,
 * when the answer's head is ready. Nothing secret belongs in it, and what looks like a secret is removed all the same.
 */
import { redactText } from './redaction.ts';

/** What the parts that handle a request may add. Names are those of the audit log where it has them. */
export interface LogFacts {
  era?: 'modern' | 'session';
  /** MCP or auth method: `tools/call`, `auth/sign_in`. */
  mcp_method?: string;
  tool_name?: string;
  tenant_id?: string;
  user_id?: string;
  client_id?: string;
  session_id?: string;
  /** Of the client's `traceparent` (core/trace.ts). */
  trace_id?: string;
  parent_id?: string;
  call_id?: string;
  result_status?: string;
  /** Stable code of core/errors.ts, or of the edge. */
  error_code?: string;
  /** For the operator: may name what the answer keeps to itself. */
  error_message?: string;
  /** Where an unexpected error was thrown. */
  error_stack?: string;
}

/** Travels with a request; `facts` is open for additions until the line is written. */
export interface RequestLog {
  readonly requestId: string;
  readonly method: string;
  /** Path alone: a query may hold codes and states. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly facts: LogFacts;
}

/** Takes one line without its newline: `console.log` in production. */
export type WriteLine = (line: string) => void;

const MAX_VALUE = 500;
const MAX_STACK = 2000;

/**
 * In: the log of a request, the answer's HTTP status, milliseconds since the epoch. Out: one line of JSON.
 * `duration_ms` runs to the answer's head; a stream may go on after it.
 */
export function logLine(log: RequestLog, status: number, now: number): string {
  const line: Record<string, unknown> = {
    timestamp: new Date(now).toISOString(),
    request_id: log.requestId,
    method: log.method,
    path: clean(log.path, MAX_VALUE),
    status,
    duration_ms: Math.max(0, now - log.startedAt),
  };
  for (const [name, value] of Object.entries(log.facts)) {
    line[name] = typeof value === 'string' ? clean(value, name === 'error_stack' ? MAX_STACK : MAX_VALUE) : value;
  }
  return JSON.stringify(line);
}

/** Adds an unexpected error to the log of its request: name, message and stack, never shown to the other end. */
export function logError(log: RequestLog, error: unknown): void {
  if (!(error instanceof Error)) {
    log.facts.error_message = `thrown: ${typeof error}`;
    return;
  }
  const cause = error.cause instanceof Error ? ` (cause: ${error.cause.name}: ${error.cause.message})` : '';
  log.facts.error_message = `${error.name}: ${error.message}${cause}`;
  if (error.stack !== undefined) log.facts.error_stack = error.stack;
}

/** Redacted before it is clipped: half a secret would no longer be recognised. */
function clean(text: string, max: number): string {
  const safe = redactText(text);
  return safe.length <= max ? safe : `${safe.slice(0, max)}…`;
}
