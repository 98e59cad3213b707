/** Reads the log of one tenant from D1: pages, single rows, counts, and all that a filter matches. */
import type {
  AuditCount,
  AuditCounts,
  AuditFilter,
  AuditPage,
  AuditPageRequest,
  AuditPlace,
  AuditReader,
} from '../core/audit-query.ts';
import type { Statement } from './query.ts';
import {
  countStatement,
  endStatement,
  isIndexed,
  pageStatement,
  type ResolvedFilter,
  usersStatement,
} from './query.ts';
import type { AuditRow } from './row.ts';

/** Rows that a page looks at before it says how far it came. */
export const MOST_LOOKED_AT = 50_000;
/** Rows that are counted at once. */
export const MOST_COUNTED = 200_000;
/** Rows that an export holds at once. */
const EXPORT_PAGE = 2000;

/** A page of whole rows. */
export interface RowPage extends AuditPage {
  readonly rows: readonly AuditRow[];
}

/** A reader whose pages hold whole rows. */
export interface RowReader extends AuditReader {
  rows(filter: AuditFilter, request: AuditPageRequest): Promise<RowPage>;
}

/** Limits of one read, smaller in tests. */
export interface ReadLimits {
  readonly lookedAt: number;
  readonly counted: number;
}

const LIMITS: ReadLimits = { lookedAt: MOST_LOOKED_AT, counted: MOST_COUNTED };

/** In: the database and whose rows. Out: the log of that tenant and no other. Throws where D1 does. */
export function auditReader(db: D1Database, tenant: string, limits: ReadLimits = LIMITS): RowReader {
  return {
    rows: async (filter, request) =>
      await page(db, tenant, await resolved(db, tenant, filter), request, limits.lookedAt),
    counts: async (filter, by, limit): Promise<AuditCounts> => {
      const known = await resolved(db, tenant, filter);
      if (known.users?.length === 0) return { counts: [] };
      const { end, whole } = await endOf(db, endStatement(tenant, known, {}, limits.counted), limits.counted);
      const counts = end === undefined ? [] : await all<AuditCount>(db, countStatement(tenant, known, by, limit, end));
      return { counts, ...(!whole && { lookedTo: end }) };
    },
  };
}

/** One row of a tenant; undefined where it has none of that id. */
export async function readRow(db: D1Database, tenant: string, id: string): Promise<AuditRow | undefined> {
  const sql = 'SELECT * FROM mcp_audit_log WHERE id = ? AND tenant_id = ?';
  return (await all<AuditRow>(db, { sql, values: [id, tenant] }))[0];
}

/** Every row that a filter matches, the newest first, in pieces. Holds one piece at a time, whatever the log holds. */
export async function* everyRow(
  db: D1Database,
  tenant: string,
  filter: AuditFilter,
  limits: ReadLimits = LIMITS,
): AsyncGenerator<readonly AuditRow[]> {
  const known = await resolved(db, tenant, filter);
  let older: AuditPlace | undefined;
  do {
    const piece: RowPage = await page(db, tenant, known, { limit: EXPORT_PAGE, older }, limits.lookedAt);
    if (piece.rows.length > 0) yield piece.rows;
    older = piece.older;
  } while (older !== undefined);
}

async function page(
  db: D1Database,
  tenant: string,
  filter: ResolvedFilter,
  request: AuditPageRequest,
  mostLookedAt: number,
): Promise<RowPage> {
  // Nobody has that login.
  if (filter.users?.length === 0) return { rows: [] };
  const { limit, newer, older } = request;
  const { end, whole } = isIndexed(filter)
    ? { end: undefined, whole: true }
    : await endOf(db, endStatement(tenant, filter, request, mostLookedAt), mostLookedAt);
  const found = await all<AuditRow>(db, pageStatement(tenant, filter, { ...request, limit: limit + 1 }, end));
  const rows = found.slice(0, limit);
  const full = found.length > limit;
  // All rows of the last millisecond were looked at, whatever their ids.
  const beyond = whole || end === undefined ? undefined : { timestamp: end, id: newer === undefined ? '' : '~' };
  const next = full ? placeOf(rows.at(-1)) : beyond;
  const lookedTo = full || beyond === undefined ? {} : { lookedTo: beyond.timestamp };
  if (newer !== undefined) {
    rows.reverse();
    return { rows, newer: next, older: placeOf(rows.at(-1)) ?? newer, ...lookedTo };
  }
  return { rows, older: next, newer: older === undefined ? undefined : (placeOf(rows[0]) ?? older), ...lookedTo };
}

/** How far so many rows reach, and whether those were all. */
async function endOf(
  db: D1Database,
  statement: Statement,
  most: number,
): Promise<{ end: string | undefined; whole: boolean }> {
  const [walked] = await all<{ looked: number; place: string | null }>(db, statement);
  return { end: walked?.place ?? undefined, whole: (walked?.looked ?? 0) < most };
}

async function resolved(db: D1Database, tenant: string, { user, ...filter }: AuditFilter): Promise<ResolvedFilter> {
  if (user === undefined) return filter;
  if (/^gh_\d+$/.test(user)) return { ...filter, users: [user] };
  const users = await all<{ id: string }>(db, usersStatement(tenant, user));
  return { ...filter, users: users.map(({ id }) => id) };
}

function placeOf(row: AuditRow | undefined): AuditPlace | undefined {
  return row === undefined ? undefined : { timestamp: row.timestamp, id: row.id };
}

async function all<Row>(db: D1Database, { sql, values }: Statement): Promise<Row[]> {
  const { results } = await db
    .prepare(sql)
    .bind(...values)
    .all<Row>();
  return results;
}
