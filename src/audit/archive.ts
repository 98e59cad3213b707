/**
 * Moves the oldest rows of a chain out of D1, one segment at a time: into R2, or away. Nothing leaves D1 before it is
 * safe elsewhere, or its end is; what was begun is taken up again where it stopped.
 */
import { firstUnlike, readRows } from './chain-rows.ts';
import type { Ledger } from './ledger.ts';
import type { AuditRow } from './row.ts';
import type { Segment } from './segment-file.ts';
import { manifestKey, manifestOf, objectKey, packRows, sha256Of } from './segment-file.ts';
import type { Segments } from './segments.ts';

/** A segment that is not full waits this long for more rows, so that a quiet chain makes one a day. */
const GATHER_MS = 86_400_000;

export interface Retention {
  /** Rows older than this leave. Milliseconds since the epoch. */
  readonly before: number;
  readonly afterwards: 'archive' | 'drop';
}

export interface ArchiveDesk {
  readonly db: D1Database;
  /** Absent where the deployment has no archive: then rows stay, unless they are to be dropped. */
  readonly bucket: R2Bucket | undefined;
  readonly ledger: Ledger;
  readonly segments: Segments;
}

/** The rows of a chain are not those that its Writer numbered: nothing is moved. */
export class ChainBroken extends Error {
  readonly seq: number;

  constructor(chain: string, seq: number) {
    super(`row ${seq} of the chain ${chain} is not what was written: see npm run audit -- verify`);
    this.seq = seq;
  }
}

/**
 * Moves one segment; where rows are kept (`retention` undefined), only one that is in the archive already and has yet to
 * leave D1. Out: whether there was one, so that another may follow. Throws ChainBroken, and where D1 or R2
 * does: then nothing is lost, and the next run goes on.
 */
export async function moveSegment(
  desk: ArchiveDesk,
  chain: string,
  retention: Retention | undefined,
): Promise<boolean> {
  const { db, ledger, segments } = desk;
  const begun = segments.unfinished();
  if (begun !== undefined && isOutdated(begun, retention) && !(await hasLeft(db, chain, begun))) {
    segments.forget(begun.first);
  }
  let segment = segments.unfinished();
  if (segment === undefined && retention !== undefined) segment = await planSegment(desk, chain, retention);
  if (segment === undefined) return false;
  if (segment.state === 'planned') segment = await storeSegment(desk, chain, segment);
  await db.batch([
    db
      .prepare(
        `INSERT INTO mcp_audit_archived (chain_id, seq, hash) VALUES (?1, ?2, ?3)
         ON CONFLICT (chain_id) DO UPDATE SET seq = ?2, hash = ?3 WHERE seq < ?2`,
      )
      .bind(chain, segment.last, segment.last_hash),
    db.prepare('DELETE FROM mcp_audit_log WHERE chain_id = ? AND seq <= ?').bind(chain, segment.last),
  ]);
  ledger.moveCut({ chain_id: chain, seq: segment.last, hash: segment.last_hash });
  segments.removed(segment.first);
  return true;
}

/**
 * Whether what was begun is not what the policy says now: it drops where rows are archived or kept, or it was made when
 * they were kept for less long. What is in the archive already may leave whatever the policy says.
 */
function isOutdated({ object, to_time, state }: Segment, retention: Retention | undefined): boolean {
  if (object !== null && state === 'stored') return false;
  if (retention === undefined || to_time >= new Date(retention.before).toISOString()) return true;
  return (object === null) !== (retention.afterwards === 'drop');
}

/**
 * Whether the rows of a segment left D1, though no answer said so: its watermark rises in the same transaction. A
 * statement that was sent an hour ago, in the run before, comes to D1 no more.
 */
async function hasLeft(db: D1Database, chain: string, { last, state }: Segment): Promise<boolean> {
  if (state === 'planned') return false;
  const mark = db.prepare('SELECT seq FROM mcp_audit_archived WHERE chain_id = ?').bind(chain);
  return ((await mark.first<{ seq: number }>())?.seq ?? 0) >= last;
}

/** Decides on the next segment and writes the decision down. Out: undefined where nothing is to be moved yet. */
async function planSegment(
  { db, bucket, ledger, segments }: ArchiveDesk,
  chain: string,
  { before, afterwards }: Retention,
): Promise<Segment | undefined> {
  if (afterwards === 'archive' && bucket === undefined) return undefined;
  const cut = ledger.cut(chain);
  const last = ledger.head(chain).seq - ledger.unconfirmed.waiting();
  const known = await readRows(db, chain, cut.seq, last);
  const [oldest] = known;
  if (oldest === undefined) return undefined;
  const limit = new Date(before).toISOString();
  const month = oldest.timestamp.slice(0, 7);
  const end = known.findIndex((row) => row.timestamp >= limit || row.timestamp.slice(0, 7) > month);
  const rows = end === -1 ? known : known.slice(0, end);
  const isFull = end !== -1 ? (known[end] as AuditRow).timestamp < limit : known.length < last - cut.seq;
  const isOverdue = oldest.timestamp < new Date(before - GATHER_MS).toISOString();
  const newest = rows.at(-1);
  if (newest === undefined || (!isFull && !isOverdue)) return undefined;
  const times = rows.map((row) => row.timestamp).sort();
  const plan = {
    first: cut.seq + 1,
    last: newest.seq,
    prev_hash: cut.hash,
    last_hash: newest.hash,
    from_time: times[0] as string,
    to_time: times.at(-1) as string,
    object: afterwards === 'archive' ? objectKey(chain, oldest.timestamp, cut.seq + 1, newest.seq) : null,
  };
  assertRight(chain, rows, plan, ledger);
  segments.plan(plan);
  return { ...plan, sha256: null, state: 'planned' };
}

/** Puts the rows of a plan where they are safe, and notes it. */
async function storeSegment(desk: ArchiveDesk, chain: string, segment: Segment): Promise<Segment> {
  const { db, bucket, ledger, segments } = desk;
  const rows = await readRows(db, chain, segment.first - 1, segment.last);
  try {
    assertRight(chain, rows, segment, ledger);
    if (segment.object === null) {
      segments.stored(segment.first, null);
      return { ...segment, state: 'stored' };
    }
    if (bucket === undefined) throw new Error('the archive is gone: the binding ARCHIVE has no bucket');
  } catch (error) {
    segments.forget(segment.first);
    throw error;
  }
  const bytes = packRows(rows);
  const sha256 = sha256Of(bytes);
  const manifest = manifestOf(chain, segment, segment.object, bytes);
  // R2 compares the hash with what arrived.
  await bucket.put(segment.object, bytes, { sha256, httpMetadata: { contentType: 'application/gzip' } });
  await bucket.put(manifestKey(segment.object), `${JSON.stringify(manifest, undefined, 2)}\n`, {
    httpMetadata: { contentType: 'application/json' },
  });
  const kept = await bucket.head(segment.object);
  if (kept?.size !== bytes.length) throw new Error(`${segment.object} is not in the archive after it was put there`);
  segments.stored(segment.first, sha256);
  return { ...segment, sha256, state: 'stored' };
}

function assertRight(
  chain: string,
  rows: readonly AuditRow[],
  segment: Omit<Segment, 'sha256' | 'state'>,
  ledger: Ledger,
): void {
  const wrong = firstUnlike(rows, segment, ledger);
  if (wrong !== undefined) throw new ChainBroken(chain, wrong);
}
