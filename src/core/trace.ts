/** W3C Trace Context, as far as a log line needs it. Pure. */
import { isObject } from './json.ts';

/** What ties a request to the trace of its client. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly trace_id: string;
  /** 16 hexadecimal digits: the client's span. */
  readonly parent_id: string;
}

const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}(-.*)?$/;

/**
 * In: the `_meta` of a request (MCP 2026-07-28, `traceparent`, from SEP-414). Out: its trace context, or undefined where
 * it has none that Trace Context allows (section 3.2): anything else that somebody put there reaches no log.
 */
export function traceOf(meta: unknown): TraceContext | undefined {
  if (!isObject(meta) || typeof meta.traceparent !== 'string') return undefined;
  const [, version, trace_id = '', parent_id = '', more] = TRACEPARENT.exec(meta.traceparent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  return /^0+$/.test(trace_id) || /^0+$/.test(parent_id) ? undefined : { trace_id, parent_id };
}
