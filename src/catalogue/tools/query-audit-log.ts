import * as z from 'zod';
import type { AuditFilter } from '../../core/audit-query.ts';
import { COUNT_BY } from '../../core/audit-query.ts';
import { AppError } from '../../core/errors.ts';
import type { ClosedRecord } from '../../core/record.ts';
import { countFitting, cutText, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { withoutComments } from '../../output/hidden.ts';
import { sanitiseText } from '../../output/sanitise.ts';
import { after, moment, paged, perPage, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { lean } from '../lean.ts';

const USUAL_PAGE = 30;
/** Bytes of one value, such as the arguments of a call; the console has the whole. */
const MOST_SHOWN = 400;

const name = text(300, 1);

export const queryAuditLog = defineTool({
  name: 'query_audit_log',
  title: 'Query the audit log',
  description:
    'Who did what through this server: rows of its audit log, newest first, or with count_by counts of calls. For administrators.',
  toolset: 'audit',
  access: 'read',
  scope: 'audit:read',
  window: 'search',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  input: z.strictObject({
    user: name.optional().describe('Login or user_id'),
    client: name.optional().describe('Name or client_id'),
    tool: name.optional(),
    method: name.optional().describe('Such as tools/call or auth/sign_in'),
    status: z.enum(['success', 'error', 'denied', 'cancelled', 'input_required', 'unknown']).optional(),
    error_code: name.optional(),
    id: name.optional().describe('Of a row, call, request, session or grant'),
    from: moment.optional(),
    to: moment.optional().describe('Before this moment'),
    count_by: z.enum(COUNT_BY).optional(),
    perPage: perPage.optional(),
    after,
  }),
  output: z.object({
    rows: z
      .array(
        z.object({
          id: z.string(),
          timestamp: z.string(),
          user: z.string(),
          user_id: z.string(),
          client: z.string(),
          method: z.string(),
          tool: z.string().optional(),
          status: z.string(),
          error_code: z.string().optional(),
          error_message: z.string().optional(),
          duration_ms: z.number().optional(),
          times: z.int().optional(),
          arguments: z.string().optional(),
          call_id: z.string().optional(),
          request_id: z.string(),
        }),
      )
      .optional(),
    counts: z.array(z.object({ value: z.string().nullable(), calls: z.int(), last: z.string() })).optional(),
    looked_to: z.string().optional(),
    ...paged,
  }),
  async run({ count_by, perPage: limit = USUAL_PAGE, after: place, error_code, ...asked }, { audit }) {
    if (audit === undefined) throw new AppError('forbidden_by_policy', 'The audit log is for administrators.');
    const filter: AuditFilter = { ...asked, error: error_code, from: momentOf(asked.from), to: momentOf(asked.to) };
    if (count_by !== undefined) {
      const { counts, lookedTo } = await audit.counts(filter, count_by, limit);
      const views = counts.map(shown);
      const keep = countFitting(views, RESULT_BUDGET - RESERVE);
      return {
        data: {
          counts: views.slice(0, keep),
          ...(lookedTo !== undefined && { looked_to: lookedTo, truncated: true }),
        },
      };
    }
    const [timestamp, id] = place?.split('*') ?? [];
    const older = timestamp === undefined || id === undefined ? undefined : { timestamp, id };
    const page = await audit.rows(filter, { limit, older });
    const views = page.rows.map((row) => shown(viewRow(row)));
    const keep = countFitting(views, RESULT_BUDGET - RESERVE);
    const last = keep < views.length ? page.rows[keep - 1] : page.older;
    return {
      data: {
        rows: views.slice(0, keep),
        ...(page.lookedTo !== undefined && { looked_to: page.lookedTo }),
        ...(last !== undefined && { next: { after: `${last.timestamp}*${last.id}` } }),
      },
    };
  },
});

function viewRow(row: ClosedRecord) {
  return lean({
    id: row.id,
    timestamp: row.timestamp,
    user: row.user_login,
    user_id: row.user_id,
    client: row.client_name || row.client_id,
    method: row.method,
    tool: row.tool_name ?? undefined,
    status: row.result_status,
    error_code: row.error_code ?? undefined,
    error_message: row.error_message ?? undefined,
    duration_ms: row.duration_ms ?? undefined,
    times: row.repeat_count > 1 ? row.repeat_count : undefined,
    arguments: row.arguments ?? undefined,
    call_id: row.call_id === row.id ? undefined : row.call_id,
    request_id: row.request_id,
  });
}

/** Everything in a row was written by whoever called. In: a row as it is shown, or a count. Out: as a model may read it. */
function shown<View extends object>(view: View): View {
  return Object.fromEntries(
    Object.entries(view).map(([field, value]) => [
      field,
      typeof value === 'string' ? cutText(withoutComments(sanitiseText(value)), MOST_SHOWN).text : value,
    ]),
  ) as View;
}

/** As the log writes it, in UTC where nothing else is said. */
function momentOf(given: string | undefined): string | undefined {
  return given === undefined ? undefined : new Date(given).toISOString();
}
