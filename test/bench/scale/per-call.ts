/**
 * What one call costs where nothing but the call itself decides it. `test/e2e/scale.test.ts` measures each of these in
 * a running gate and fails where they are not these.
 */
export const PER_CALL = {
  /** Requests to the Worker, and `admit` of the person's Gate. */
  workerRequests: 1,
  admissions: 1,
  /** Rows of the log, and rows that D1 counts as written for one: the row, its indexes, the counts that triggers keep. */
  logRows: 1,
  d1RowsWritten: 7,
  /** Rows that a Gate writes in its own SQLite for a call that ships alone, alarms counted; and its Writer for it. */
  gateRowsWritten: 6,
  /** Rows of the Gate's journal for such a call, removed two minutes later: no measured run is that long. */
  gateRowsForgotten: 2,
  writerRowsWritten: 8,
} as const;

/** Measured elsewhere or assumed: figures of size. */
export const ASSUMED = {
  /** Milliseconds of CPU, all objects together (docs/performance.md). */
  cpuMs: 1.7,
  /** Milliseconds that an object is busy with one request; an idle one is not billed. */
  objectMs: 5,
  /** GB that an object is billed for while it is busy. */
  objectGb: 0.128,
  /** Bytes of a row in D1 with its indexes. */
  d1Bytes: 617,
  /** Bytes of a row in an archive, compressed. */
  archiveBytes: 150,
} as const;
