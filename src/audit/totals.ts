/** What the triggers of migrations/0002_counters.sql counted, as `/metrics` needs it, and what a Writer adds. Pure. */
import type { Counts } from '../core/counts.ts';

/** Upper bounds of the histogram in milliseconds: its columns are `le_10`, `le_25` and so on. */
export const BUCKETS_MS = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000] as const;

export interface CallTotal {
  readonly tenant_id: string;
  readonly method: string;
  /** Empty where the row has none. */
  readonly tool_name: string;
  readonly result_status: string;
  readonly calls: number;
}

/** Durations of a tool's calls; `le_…` are counts of those at most that long. */
export type ToolDurations = Readonly<Record<`le_${number}` | 'timed' | 'duration_ms_sum', number>> & {
  readonly tenant_id: string;
  readonly tool_name: string;
};

export interface ErrorTotal {
  readonly tenant_id: string;
  readonly method: string;
  readonly error_code: string;
  readonly calls: number;
}

export interface Totals {
  readonly calls: readonly CallTotal[];
  readonly durations: readonly ToolDurations[];
  readonly errors: readonly ErrorTotal[];
}

/** What a Writer answers to a scrape. */
export interface WriterState {
  /** Rows that D1 has not confirmed. */
  readonly waiting: number;
  readonly counts: Counts;
  readonly quota: readonly { readonly resource: string; readonly limit: number; readonly remaining: number }[];
  /** Whether the chain was found broken. */
  readonly broken: boolean;
}

/** A row of `mcp_auth_failures`, for one tenant. */
export interface Knock {
  /** UTC: 2026-11-24T16:05. */
  readonly minute: string;
  /** A network (core/address.ts). */
  readonly address: string;
  readonly reason: string;
  readonly failures: number;
}
