/** What may be asked of the log of one tenant, and what comes back: for the console, exports and `query_audit_log`. */
import type { ClosedRecord, ResultStatus } from './record.ts';

/** All conditions hold; what is absent does not narrow. Texts are compared whole. */
export interface AuditFilter {
  /** `gh_` and the GitHub user id, or a login: then everything of whoever had it last, under older logins too. */
  readonly user?: string | undefined;
  /** OAuth client_id, or what the client calls itself. */
  readonly client?: string | undefined;
  readonly tool?: string | undefined;
  readonly method?: string | undefined;
  readonly status?: ResultStatus | undefined;
  readonly error?: string | undefined;
  /** UTC, ISO 8601 with milliseconds: from this moment on. */
  readonly from?: string | undefined;
  /** UTC, ISO 8601 with milliseconds: before this moment. */
  readonly to?: string | undefined;
  /** Of a row, a call, a request, a session or a grant. */
  readonly id?: string | undefined;
}

/** Between two rows: where a page ends and the next one begins. */
export interface AuditPlace {
  readonly timestamp: string;
  readonly id: string;
}

export interface AuditPageRequest {
  /** Rows at most. */
  readonly limit: number;
  /** Where to read on, and which way; from the newest row where absent. */
  readonly older?: AuditPlace | undefined;
  readonly newer?: AuditPlace | undefined;
}

export interface AuditPage {
  /** The newest first. */
  readonly rows: readonly ClosedRecord[];
  /** Where older and newer rows may be; absent where there are none. */
  readonly older?: AuditPlace | undefined;
  readonly newer?: AuditPlace | undefined;
  /**
   * Set where the page is short because so many rows were looked at without finding more: how far it came. There may
   * be more beyond.
   */
  readonly lookedTo?: string | undefined;
}

/** By what rows can be counted. */
export const COUNT_BY = ['user', 'client', 'tool', 'method', 'status', 'error', 'hour', 'day'] as const;
export type CountBy = (typeof COUNT_BY)[number];

export interface AuditCount {
  /** Null where the rows have no such value. */
  readonly value: string | null;
  /** Calls: a row of repeated refusals stands for several. */
  readonly calls: number;
  /** Timestamp of the newest row. */
  readonly last: string;
}

export interface AuditCounts {
  /** The most calls first. */
  readonly counts: readonly AuditCount[];
  /** As in a page: rows before this were not counted. */
  readonly lookedTo?: string | undefined;
}

/** The log of one tenant. */
export interface AuditReader {
  rows(filter: AuditFilter, request: AuditPageRequest): Promise<AuditPage>;
  /** The `limit` largest groups. */
  counts(filter: AuditFilter, by: CountBy, limit: number): Promise<AuditCounts>;
}
