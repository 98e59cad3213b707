/** One row whole: every column as it stands in the log, and the ways to the rows around it. */
import { type AuditRow, COLUMNS } from '../../audit/row.ts';
import type { AuditFilter } from '../../core/audit-query.ts';
import { evidenceText } from '../../core/text.ts';
import { queryOf } from './filter.ts';
import { type Frame, framed, Text } from './frame.tsx';

/** A row keeps less; this is what a page shows of a row that somebody else wrote. */
const MAX_SHOWN = 20_000;

export function rowPage(frame: Frame, row: AuditRow): Response {
  const to = (filter: AuditFilter) => `${frame.base}/console${queryOf({ filter })}`;
  // With the user, the index of that user serves, and a page does not look at everybody's rows.
  const { user_id: user } = row;
  return framed(
    frame,
    'One row',
    'row',
    <>
      <p class="between">
        <span>
          <a href={to({ user })}>Rows of this user</a>
          <a href={to({ user, id: row.call_id })}>Same call</a>
          <a href={to({ user, id: row.request_id })}>Same request</a>
          {row.session_id !== null && <a href={to({ user, id: row.session_id })}>Same session</a>}
          {row.grant_id !== null && <a href={to({ user, id: row.grant_id })}>Same grant</a>}
          <a href={`${frame.base}/console${queryOf({ filter: {}, newer: row })}`}>What came after</a>
          <a href={`${frame.base}/console${queryOf({ filter: {}, older: row })}`}>What came before</a>
        </span>
      </p>
      <dl class="row">
        {COLUMNS.map((column) => (
          <>
            <dt>
              <code>{column}</code>
            </dt>
            <dd>
              <Value column={column} value={row[column] ?? null} />
            </dd>
          </>
        ))}
      </dl>
    </>,
  );
}

function Value({ column, value }: { column: (typeof COLUMNS)[number]; value: string | number | null }) {
  if (value === null) return <span class="soft">NULL</span>;
  if (column === 'result_status') return <span class={`status ${value}`}>{value}</span>;
  if (column === 'arguments') {
    return (
      <pre>
        <code>
          <bdi>{evidenceText(indented(String(value)), MAX_SHOWN, true)}</bdi>
        </code>
      </pre>
    );
  }
  return <Text text={String(value)} max={2000} />;
}

/** JSON over several lines; what is none stays as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
