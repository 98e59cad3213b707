/** The list of rows, with its filter, its way back and forth, and its exports. */
import type { RowPage } from '../../audit/read.ts';
import type { AuditRow } from '../../audit/row.ts';
import type { AuditFilter } from '../../core/audit-query.ts';
import { type ConsoleQuery, FIELDS, queryOf, STATUSES } from './filter.ts';
import { Cell, type Frame, framed, spanText, Text, timeText } from './frame.tsx';

/** What a client may call, and what happens at the gate itself. */
const METHODS = [
  'tools/call',
  'resources/read',
  'prompts/get',
  'auth/sign_in',
  'auth/consent',
  'auth/step_up',
  'auth/token',
  'auth/revoke',
  'auth/confirm',
  'audit/read',
];

export interface RowsView {
  readonly frame: Frame;
  readonly query: ConsoleQuery;
  readonly page: RowPage;
}

/** The newest rows that a filter matches, or those at a place of the log. */
export function rowsPage({ frame, query, page }: RowsView): Response {
  const { filter } = query;
  const narrowed = FIELDS.some((name) => filter[name] !== undefined);
  return framed(
    frame,
    'Audit log',
    'rows',
    <>
      <FilterForm frame={frame} filter={filter} given={new URLSearchParams(queryOf({ filter }))} />
      <Ways view={{ frame, query, page }} />
      {page.rows.length === 0 ? (
        <p>{narrowed ? 'No row here matches this filter.' : 'There is no row here yet.'}</p>
      ) : (
        <RowTable frame={frame} filter={filter} rows={page.rows} />
      )}
      {page.lookedTo !== undefined && (
        <p class="notice" role="status">
          This looked at {page.rows.length === 0 ? 'many rows without a match' : 'many rows'} as far as{' '}
          <time datetime={page.lookedTo}>{timeText(page.lookedTo)}</time>. There may be more beyond: go on from there,
          or narrow the span of time or the user.
        </p>
      )}
      {page.rows.length > 10 && <Ways view={{ frame, query, page }} />}
    </>,
  );
}

/** The form again, with what is wrong with it. `given` is the query as it came. */
export function wrongFilterPage(frame: Frame, given: URLSearchParams, problems: readonly string[]): Response {
  return framed(
    frame,
    'Audit log',
    'rows',
    <>
      <div class="warning" role="alert">
        {problems.map((problem) => (
          <p>{problem}</p>
        ))}
      </div>
      <FilterForm frame={frame} filter={{}} given={given} />
    </>,
    400,
  );
}

function FilterForm({ frame, filter, given }: { frame: Frame; filter: AuditFilter; given: URLSearchParams }) {
  const value = (name: string) => given.get(name) ?? '';
  const method = value('method');
  const input = (name: keyof AuditFilter, label: string, hint: string) => (
    <label>
      {label}
      <input name={name} value={value(name)} placeholder={hint} maxlength={300} autocomplete="off" spellcheck={false} />
    </label>
  );
  const moment = (name: 'from' | 'to', label: string) => (
    <label>
      {label}
      <input
        type="datetime-local"
        name={name}
        value={localMoment(filter[name])}
        step={filter[name]?.endsWith('.000Z') === false ? '0.001' : '1'}
      />
    </label>
  );
  return (
    <form class="filter" method="get" action={`${frame.base}/console`} aria-label="Filter rows">
      {input('user', 'User', 'login or gh_…')}
      {input('client', 'Client', 'name or client_id')}
      {input('tool', 'Tool', 'issue_write')}
      <label>
        Method
        <select name="method">
          <option value="">any</option>
          {[...METHODS, ...(method === '' || METHODS.includes(method) ? [] : [method])].map((one) => (
            <option value={one} selected={one === method}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <label>
        Status
        <select name="status">
          <option value="">any</option>
          {STATUSES.map((one) => (
            <option value={one} selected={one === value('status')}>
              {one}
            </option>
          ))}
        </select>
      </label>
      {input('error', 'Error code', 'rate_limited')}
      {input('id', 'Id', 'of row, call, request, …')}
      {moment('from', 'From (UTC)')}
      {moment('to', 'Before (UTC)')}
      <span class="go">
        <button type="submit" class="primary">
          Filter
        </button>
        <a class="button" href={`${frame.base}/console`}>
          Clear
        </a>
      </span>
    </form>
  );
}

function Ways({ view: { frame, query, page } }: { view: RowsView }) {
  const { filter, older, newer } = query;
  const at = (more: Partial<ConsoleQuery>) => `${frame.base}/console${queryOf({ filter, ...more })}`;
  const file = (format: string) => `${frame.base}/console/export${queryOf({ filter }, { format })}`;
  return (
    <p class="between">
      <span>
        {(older !== undefined || newer !== undefined) && <a href={at({})}>Newest</a>}
        {page.newer !== undefined && (
          <a href={at({ newer: page.newer })} rel="prev">
            ← Newer
          </a>
        )}
        {page.older !== undefined && (
          <a href={at({ older: page.older })} rel="next">
            Older →
          </a>
        )}
      </span>
      <span>
        All that match, as a file: <a href={file('csv')}>CSV</a> <a href={file('ndjson')}>NDJSON</a>
      </span>
    </p>
  );
}

function RowTable({ frame, filter, rows }: { frame: Frame; filter: AuditFilter; rows: readonly AuditRow[] }) {
  const narrowed = (more: AuditFilter) => `${frame.base}/console${queryOf({ filter: { ...filter, ...more } })}`;
  return (
    <table class="cards">
      <caption>
        {rows.length} {rows.length === 1 ? 'row' : 'rows'}, the newest first. A value leads to the rows that share it.
      </caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">User</th>
          <th scope="col">Client</th>
          <th scope="col">Call</th>
          <th scope="col">Outcome</th>
          <th scope="col" class="number">
            Took
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <Cell label="Time" kind="time">
              <a href={`${frame.base}/console/rows/${encodeURIComponent(row.id)}`}>
                <time datetime={row.timestamp}>{timeText(row.timestamp)}</time>
              </a>
            </Cell>
            <Cell label="User">
              <a href={narrowed({ user: row.user_id })}>
                <Text text={row.user_login} max={40} />
              </a>
            </Cell>
            <Cell label="Client">
              <a href={narrowed({ client: row.client_id })}>
                <Text text={row.client_name || row.client_id} max={40} />
              </a>
            </Cell>
            <Cell label="Call">
              <a href={narrowed(row.tool_name === null ? { method: row.method } : { tool: row.tool_name })}>
                <Text text={row.tool_name ?? row.method} max={60} />
              </a>
            </Cell>
            <Cell label="Outcome">
              <span>
                <span class={`status ${row.result_status}`}>{row.result_status}</span>
                {row.repeat_count > 1 && ` × ${row.repeat_count}`}{' '}
                {row.error_code !== null && (
                  <a href={narrowed({ error: row.error_code })}>
                    <Text text={row.error_code} max={60} />
                  </a>
                )}
              </span>
            </Cell>
            <Cell label="Took" kind="number">
              {row.duration_ms === null ? '–' : spanText(row.duration_ms)}
            </Cell>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** As an input for a moment has it: without the zone, and no longer than it has to be. */
function localMoment(moment: string | undefined): string {
  return (moment ?? '').replace(/Z$/, '').replace(/(:00)?\.000$/, '');
}
