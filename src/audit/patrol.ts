/** A Writer's own look at its chain in D1, part by part, all the time: what somebody changed there is found unasked. */
import { firstUnlike, readRows } from './chain-rows.ts';
import type { Ledger } from './ledger.ts';
import type { Segments } from './segments.ts';

/** What one look at a chain came to. */
export interface Looked {
  /** Rows that were looked at. */
  readonly looked: number;
  /** Rows of the chain that are in D1. */
  readonly rows: number;
  /** The number of the row after which to look next; 0 where the end was reached. */
  readonly next: number;
  /** The number of the first row that is not what was written, if one is not. */
  readonly wrong?: number;
}

/** Looks at the rows of a chain after number `after`, as many as a segment holds. Throws where D1 does. */
export async function patrol(
  { db, ledger, segments }: { readonly db: D1Database; readonly ledger: Ledger; readonly segments: Segments },
  chain: string,
  after: number,
): Promise<Looked> {
  const cut = ledger.cut(chain).seq;
  // What is leaving may have left: where D1's answer was lost, only the retention knows by and by.
  const gone = () => Math.max(ledger.cut(chain).seq, segments.leaving(chain)?.seq ?? 0);
  const from = Math.max(after, gone());
  const last = ledger.head(chain).seq - ledger.unconfirmed.waiting();
  const end = { looked: 0, rows: last - cut, next: 0 };
  if (from >= last) return end;
  const rows = await readRows(db, chain, from, last);
  // Rows that the retention moved meanwhile are looked at no more.
  if (gone() > from) return end;
  const [first, newest] = [rows[0], rows.at(-1)];
  if (first === undefined || newest === undefined) return { ...end, wrong: from + 1 };
  const part = { first: from + 1, last: newest.seq, prev_hash: first.prev_hash, last_hash: newest.hash };
  const wrong = firstUnlike(rows, part, ledger);
  const next = newest.seq >= last ? 0 : newest.seq;
  return { ...end, looked: rows.length, next, ...(wrong !== undefined && { wrong }) };
}

/** Runs of the patrol in which it comes round: a day. */
const ROUND_RUNS = 24;
/** Rows of a chain that one run looks at, at most: 40 segments, some seconds of a Writer's time. */
export const MOST_LOOKED = 200_000;

/**
 * One run of the patrol: as many looks as bring it round in a day, at least one. In: what looks at the next rows, and
 * whether there is time for another look. Rejects where a look does.
 */
export async function patrolRun(look: () => Promise<Looked>, hasTime: () => boolean): Promise<void> {
  let seen = 0;
  let last: Looked;
  do {
    last = await look();
    seen += last.looked;
  } while (last.next > 0 && seen < Math.min(MOST_LOOKED, last.rows / ROUND_RUNS) && hasTime());
}
