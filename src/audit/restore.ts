/** Brings a month of the archive back into `mcp_audit_restored`, one segment at a time. */
import { rowText } from './chain.ts';
import type { Restored } from './segment-file.ts';
import { firstWrong, sha256Of, unpackRows } from './segment-file.ts';
import type { Segments } from './segments.ts';
import { cutTexts, RESTORE_ROWS } from './sql.ts';

/** A segment that is not what was stored; the message says which and why. */
export class ArchiveBroken extends Error {}

/**
 * Restores the first segment after row number `after` that has rows of the month (`2026-10`). Rows that are in the table
 * already stay. Throws ArchiveBroken where the archive is not what was put there, and where D1 or R2 does.
 */
export async function restoreSegment(
  { db, bucket, segments }: { db: D1Database; bucket: R2Bucket | undefined; segments: Segments },
  month: string,
  after: number,
): Promise<Restored> {
  const segment = segments.next(`${month}-01`, `${month}-32`, after);
  if (segment === undefined) return { rows: 0, dropped: 0, next: null };
  const next = segment.last;
  if (segment.object === null) return { rows: 0, dropped: segment.last - segment.first + 1, next };
  if (bucket === undefined)
    throw new ArchiveBroken(`${segment.object} cannot be read: the Worker has no binding ARCHIVE`);
  const object = await bucket.get(segment.object);
  if (object === null) throw new ArchiveBroken(`${segment.object} is not in the archive`);
  const bytes = new Uint8Array(await object.arrayBuffer());
  if (sha256Of(bytes) !== segment.sha256) throw new ArchiveBroken(`${segment.object} is not what was stored`);
  const rows = unpackRows(bytes);
  const wrong = firstWrong(rows, segment);
  if (wrong !== undefined) throw new ArchiveBroken(`${segment.object}: row ${wrong} is not what was written`);
  const wanted = rows.filter((row) => row.timestamp.startsWith(month));
  for (const part of cutTexts(wanted.map(rowText))) {
    await db.prepare(RESTORE_ROWS).bind(`[${part.join()}]`).run();
  }
  return { rows: wanted.length, dropped: 0, next };
}
