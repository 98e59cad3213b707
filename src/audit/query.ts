/**
 * The statements that read the log of one tenant. Pure. Every value is a parameter. Each statement walks one index in the
 * order of time, from a place in it, and no further than so many rows: nothing here reads a log of a million rows whole.
 *
 * `INDEXED BY` names that index, because SQLite would guess, and guess differently from one span of time to another.
 */
import type { AuditFilter, AuditPlace, CountBy } from '../core/audit-query.ts';

/** One statement with its parameters, in the order of its question marks. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** A filter whose `user` was looked up: the ids of those whose login it is, none where it is nobody's. */
export interface ResolvedFilter extends Omit<AuditFilter, 'user'> {
  readonly users?: readonly string[] | undefined;
}

/** What a row's group is called when rows are counted. */
const GROUPS: Readonly<Record<CountBy, string>> = {
  user: 'user_login',
  client: 'client_name',
  tool: 'tool_name',
  method: 'method',
  status: 'result_status',
  error: 'error_code',
  hour: 'substr(timestamp, 1, 13)',
  day: 'substr(timestamp, 1, 10)',
};

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Rounds of one call are no further apart than this. */
const CALL_MS = 24 * 3_600_000;
/** An id is made a moment before or after the timestamp of its row. */
const SLACK_MS = 60_000;

/** The condition of the index on the status (migration 0005): SQLite does not see that a parameter fulfils it. */
const FAILED = ['denied', 'error', 'unknown', 'cancelled', 'input_required']
  .map((status) => `result_status = '${status}'`)
  .join(' OR ');

/** Whether only an index decides which rows match, so that a page needs no more rows than it shows. */
export function isIndexed({ users, status, client, tool, method, error, id }: ResolvedFilter): boolean {
  if ([client, tool, method, error, id].some((value) => value !== undefined)) return false;
  if (status === 'success') return false;
  return users === undefined || (users.length === 1 && status === undefined);
}

/**
 * Rows of a page: the older ones with the newest first, the newer ones with the oldest first. In: from where; how far,
 * where a walk ends before; rows at most.
 */
export function pageStatement(
  tenant: string,
  filter: ResolvedFilter,
  request: { readonly older?: AuditPlace | undefined; readonly newer?: AuditPlace | undefined; readonly limit: number },
  end?: string,
): Statement {
  const newer = request.newer !== undefined;
  const walk = walkOf(tenant, filter, request);
  if (end !== undefined) walk.add(`timestamp ${newer ? '<=' : '>='} ?`, end);
  const order = newer ? 'timestamp, id' : 'timestamp DESC, id DESC';
  return walk.statement(
    (from) => `SELECT * FROM ${from} ORDER BY ${order} LIMIT ?`,
    request.limit,
    otherConditions(filter),
  );
}

/** How far a walk of `rows` rows comes. Out: one row, `looked` and `place`, the timestamp of the last one. */
export function endStatement(
  tenant: string,
  filter: ResolvedFilter,
  request: { readonly older?: AuditPlace | undefined; readonly newer?: AuditPlace | undefined },
  rows: number,
): Statement {
  const [last, order] = request.newer !== undefined ? ['max', 'timestamp'] : ['min', 'timestamp DESC'];
  return walkOf(tenant, filter, request).statement(
    (from) =>
      `SELECT count(*) AS looked, ${last}(timestamp) AS place FROM (SELECT timestamp FROM ${from} ORDER BY ${order} LIMIT ?)`,
    rows,
  );
}

/** Groups of the rows since `end`, the largest first: `value`, `calls`, `last`. */
export function countStatement(
  tenant: string,
  filter: ResolvedFilter,
  by: CountBy,
  limit: number,
  end: string,
): Statement {
  const walk = walkOf(tenant, filter, {});
  walk.add('timestamp >= ?', end);
  return walk.statement(
    (from) =>
      `SELECT ${GROUPS[by]} AS value, sum(repeat_count) AS calls, max(timestamp) AS last FROM ${from} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?`,
    limit,
    otherConditions(filter),
  );
}

/**
 * The ids of everybody whose last row has that login. It steps through the index from one user to the next, so it
 * reads few rows for each user, however many rows there are. A login counts as the tenant's own rows have it: another
 * tenant may have a GitHub of its own, where the same id and login are somebody else.
 */
export function usersStatement(tenant: string, login: string): Statement {
  const sql = `WITH RECURSIVE known(id) AS (
  SELECT min(user_id) FROM mcp_audit_log
  UNION ALL
  SELECT (SELECT min(user_id) FROM mcp_audit_log WHERE user_id > known.id) FROM known WHERE known.id IS NOT NULL
)
SELECT id FROM known WHERE id IS NOT NULL AND lower(
  (SELECT user_login FROM mcp_audit_log INDEXED BY mcp_audit_log_user WHERE user_id = known.id AND tenant_id = ?
    ORDER BY timestamp DESC LIMIT 1)
) = lower(?) LIMIT 50`;
  return { sql, values: [tenant, login] };
}

interface Walk {
  add(condition: string, value: string): void;
  /** In: what makes a statement of a table with its conditions; the value of its LIMIT; further conditions. */
  statement(sql: (from: string) => string, limit: number, more?: Conditions): Statement;
}

class Conditions {
  readonly #where: string[] = [];
  readonly #values: (string | number)[] = [];

  add(condition: string, ...values: (string | number)[]): void {
    this.#where.push(condition);
    this.#values.push(...values);
  }

  statement(index: string, sql: (from: string) => string, limit: number, more?: Conditions): Statement {
    const where = [...this.#where, ...(more === undefined ? [] : more.#where)].join(' AND ');
    const values = [...this.#values, ...(more === undefined ? [] : more.#values), limit];
    return { sql: sql(`mcp_audit_log INDEXED BY mcp_audit_log_${index} WHERE ${where}`), values };
  }
}

/** The conditions that an index answers: one user, or a status, or the tenant alone; and the span of time. */
function walkOf(
  tenant: string,
  filter: ResolvedFilter,
  place: { readonly older?: AuditPlace | undefined; readonly newer?: AuditPlace | undefined },
): Walk {
  const walk = new Conditions();
  const { users, status } = filter;
  const index = indexOf(filter);
  walk.add('tenant_id = ?', tenant);
  if (index === 'user') walk.add('user_id = ?', users?.[0] as string);
  if (index === 'status') walk.add(`result_status = ? AND (${FAILED})`, status as string);
  const { from, to } = spanOf(filter);
  if (from !== undefined) walk.add('timestamp >= ?', from);
  if (to !== undefined) walk.add('timestamp < ?', to);
  const { older, newer } = place;
  // Written so that the index serves the first half: rows of one millisecond are told apart by their ids.
  if (newer !== undefined) {
    walk.add('timestamp >= ? AND (timestamp > ? OR id > ?)', newer.timestamp, newer.timestamp, newer.id);
  } else if (older !== undefined) {
    walk.add('timestamp <= ? AND (timestamp < ? OR id < ?)', older.timestamp, older.timestamp, older.id);
  }
  return {
    add: (condition, value) => walk.add(condition, value),
    statement: (sql, limit, more) => walk.statement(index, sql, limit, more),
  };
}

function indexOf({ users, status }: ResolvedFilter): 'user' | 'status' | 'tenant' {
  if (users?.length === 1) return 'user';
  return status === undefined || status === 'success' ? 'tenant' : 'status';
}

/** The conditions that are looked at row by row. */
function otherConditions(filter: ResolvedFilter): Conditions {
  const rest = new Conditions();
  const { users, status, client, tool, method, error, id } = filter;
  if (users !== undefined && users.length !== 1) {
    rest.add('user_id IN (SELECT value FROM json_each(?))', JSON.stringify(users));
  }
  if (status !== undefined && indexOf(filter) !== 'status') rest.add('result_status = ?', status);
  if (client !== undefined) rest.add('(client_id = ? OR client_name = ?)', client, client);
  if (tool !== undefined) rest.add('tool_name = ?', tool);
  if (method !== undefined) rest.add('method = ?', method);
  if (error !== undefined) rest.add('error_code = ?', error);
  if (id !== undefined) {
    const names = ['id', 'call_id', 'request_id', 'session_id', 'grant_id'];
    rest.add(`(${names.map((name) => `${name} = ?`).join(' OR ')})`, ...names.map(() => id));
  }
  return rest;
}

/** An id of a row or a call says when that was. */
function spanOf({ from, to, id }: ResolvedFilter): Pick<ResolvedFilter, 'from' | 'to'> {
  const at = id === undefined ? undefined : timeOf(id);
  if (at === undefined) return { from, to };
  const [first, last] = [new Date(at - SLACK_MS).toISOString(), new Date(at + CALL_MS).toISOString()];
  return { from: from !== undefined && from > first ? from : first, to: to !== undefined && to < last ? to : last };
}

/** Milliseconds since the epoch, of a ULID; undefined for any other text. */
function timeOf(id: string): number | undefined {
  if (!ULID.test(id)) return undefined;
  const at = [...id.slice(0, 10)].reduce((time, character) => time * 32 + CROCKFORD.indexOf(character), 0);
  // What no clock of ours says is nobody's id.
  return at < 8e15 - CALL_MS ? at : undefined;
}
