/** A record of the audit log, from admission to its end. Field names are the columns of the log. */

export type ResultStatus = 'success' | 'error' | 'denied' | 'cancelled' | 'input_required' | 'unknown';

/** What is known when a call is admitted or refused. */
export interface OpenRecord {
  /** ULID. */
  readonly id: string;
  /** UTC, ISO 8601 with milliseconds. */
  readonly timestamp: string;
  readonly tenant_id: string;
  readonly user_id: string;
  readonly user_login: string;
  readonly client_id: string;
  readonly client_name: string;
  readonly server_id: string;
  readonly session_id: string | null;
  readonly call_id: string;
  readonly request_id: string;
  readonly grant_id: string | null;
  readonly method: string;
  readonly tool_name: string | null;
  /** JSON, redacted and capped (core/redaction.ts). */
  readonly arguments: string | null;
}

/** What a call asked of GitHub. It travels with the record to be counted, and is no part of the row. */
export interface UpstreamUse {
  /** Requests by HTTP status; `failed` where no answer came. */
  readonly statuses: Readonly<Record<string, number>>;
  /** What GitHub said is left to this person, by its name for the window; `reset_at` in milliseconds since the epoch. */
  readonly quota?: Readonly<
    Record<string, { readonly limit: number; readonly remaining: number; readonly reset_at: number }>
  >;
}

/** How a call ended. */
export interface Outcome {
  readonly result_status: ResultStatus;
  /** Whole milliseconds, or null where it is not known. */
  readonly duration_ms: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  /** Secrets that were replaced in the answer; absent or null where there were none. */
  readonly redacted_count?: number | null;
  /** Set where the call was a later round of another: the id of the first. */
  readonly call_id?: string;
  readonly upstream?: UpstreamUse;
}

/** A record that will not change any more; `repeat_count` is at least 1. */
export interface ClosedRecord extends OpenRecord, Outcome {
  readonly call_id: string;
  readonly repeat_count: number;
}

const MAX_MESSAGE = 500;

/** Joins a record and its outcome; the message is clipped to 500 characters. */
export function closeRecord(record: OpenRecord, outcome: Outcome): ClosedRecord {
  return {
    ...record,
    ...outcome,
    error_message: outcome.error_message?.slice(0, MAX_MESSAGE) ?? null,
    repeat_count: 1,
  };
}
