/** A filter as it stands in the query of a console page. Pure. */
import type { AuditFilter, AuditPlace } from '../../core/audit-query.ts';
import type { Result } from '../../core/result.ts';
import { err, ok } from '../../core/result.ts';

export const STATUSES = ['success', 'error', 'denied', 'cancelled', 'input_required', 'unknown'] as const;

const TEXTS = ['user', 'client', 'tool', 'method', 'error', 'id'] as const;
/** In the order of the form. */
export const FIELDS = [...TEXTS, 'status', 'from', 'to'] as const satisfies readonly (keyof AuditFilter)[];

const MAX_TEXT = 300;
const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,3})?Z?)?$/;
const PLACE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)(?:\*([\w~-]{0,64}))?$/;

export interface ConsoleQuery {
  readonly filter: AuditFilter;
  readonly older?: AuditPlace | undefined;
  readonly newer?: AuditPlace | undefined;
}

/** In: the query of a URL. Out: what it asks for, or a sentence for each field that is wrong. What is empty does not count. */
export function readQuery(params: URLSearchParams): Result<ConsoleQuery, readonly string[]> {
  const problems: string[] = [];
  const filter: { -readonly [Key in keyof AuditFilter]: AuditFilter[Key] } = {};
  for (const name of TEXTS) {
    const value = params.get(name)?.trim() ?? '';
    if (value.length > MAX_TEXT) problems.push(`${name} must have at most ${MAX_TEXT} characters.`);
    else if (value !== '') filter[name] = value;
  }
  const status = params.get('status') ?? '';
  const known = STATUSES.find((one) => one === status);
  if (known !== undefined) filter.status = known;
  else if (status !== '') problems.push(`status must be one of ${STATUSES.join(', ')}.`);
  for (const name of ['from', 'to'] as const) {
    const value = params.get(name)?.trim() ?? '';
    if (value === '') continue;
    const moment = momentOf(value);
    if (moment === undefined) problems.push(`${name} must be a day or a moment in UTC, such as 2026-11-24T16:30.`);
    else filter[name] = moment;
  }
  if (filter.from !== undefined && filter.to !== undefined && filter.from >= filter.to)
    problems.push('from must be before to.');
  const [older, newer] = (['older', 'newer'] as const).map((name) => {
    const value = params.get(name);
    const place = value === null ? undefined : placeIn(value);
    if (value !== null && place === undefined) problems.push(`${name} must come from a link of this page.`);
    return place;
  });
  if (older !== undefined && newer !== undefined) problems.push('older and newer exclude one another.');
  return problems.length > 0 ? err(problems) : ok({ filter, older, newer });
}

/** In: a filter and, if any, a place. Out: the query that `readQuery` reads as them, with its question mark; or nothing. */
export function queryOf({ filter, older, newer }: ConsoleQuery, more: Readonly<Record<string, string>> = {}): string {
  const params = new URLSearchParams(more);
  for (const name of FIELDS) {
    const value = filter[name];
    if (value !== undefined) params.set(name, value);
  }
  if (older !== undefined) params.set('older', placeText(older));
  if (newer !== undefined) params.set('newer', placeText(newer));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** `2026-11-24`, `2026-11-24T16:30`, with seconds, milliseconds and Z or not, as ISO 8601 with milliseconds. */
function momentOf(text: string): string | undefined {
  const [, day, time = '00:00', seconds = ':00', fraction = '.000'] = MOMENT.exec(text) ?? [];
  if (day === undefined) return undefined;
  const at = new Date(`${day}T${time}${seconds}${fraction.padEnd(4, '0')}Z`);
  // Not a 31st of November, which a Date would take for the 1st of December.
  return Number.isNaN(at.getTime()) || !at.toISOString().startsWith(day) ? undefined : at.toISOString();
}

function placeIn(text: string): AuditPlace | undefined {
  const [, timestamp, id = ''] = PLACE.exec(text) ?? [];
  return timestamp === undefined ? undefined : { timestamp, id };
}

function placeText({ timestamp, id }: AuditPlace): string {
  return `${timestamp}*${id}`;
}
