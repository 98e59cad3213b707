/** What GitHub's refusals mean, as errors that a model can act on. Pure: the time is passed in. */
import { AppError, type AppErrorOptions, type ErrorCode } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { mendingOf } from './mending.ts';

export interface Failure {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body, or undefined where it was not JSON. */
  readonly body: unknown;
  /** Where people use this GitHub, to recognise its single sign-on links. */
  readonly webUrl: string;
}

/** Most entries of GitHub's `errors` array passed on, and most characters of any text of GitHub's passed on. */
const MAX_FIELDS = 5;
const MAX_TEXT = 200;
/** GitHub REST, "Rate limits": without other word, wait at least a minute after a secondary limit. */
const SECONDARY_WAIT_SECONDS = 60;

/** GitHub's parameter names where a tool's argument has another name. */
const ARGUMENT_NAMES: Readonly<Record<string, string>> = { q: 'query', per_page: 'perPage' };

/** Messages that say no more than the status does. */
const EMPTY_WORDS =
  /^(not found|validation failed|bad credentials|requires authentication|forbidden|unprocessable entity)\.?$/i;

/**
 * In: an answer with a status of 300 or above, and the time in milliseconds since the epoch. Out: the error it stands
 * for (GitHub REST, "Troubleshooting the REST API" and "Rate limits for the REST API"). What GitHub says is passed on
 * only as short printable ASCII, never as it came.
 */
export function failureOf(failure: Failure, now: number): AppError {
  const { status, headers } = failure;
  const said = sayingOf(failure.body);
  if (status === 429 || (status === 403 && isQuota(headers, failure.body))) {
    return fail('upstream_rate_limited', status, 'GitHub limits the requests of this account.', {
      retryAfterSeconds: waitSeconds(headers, now) ?? SECONDARY_WAIT_SECONDS,
    });
  }
  if (status === 401)
    return fail('upstream_unauthorized', status, 'GitHub does not accept the token of this connection.');
  if (status === 403 || status === 451) return forbidden(failure, said);
  if (status === 404 || status === 410) {
    return fail('upstream_not_found', status, `GitHub has no such thing, or does not show it to this account.${said}`);
  }
  if (status === 409) return fail('upstream_conflict', status, `GitHub refuses this in the current state.${said}`);
  if (status >= 500) {
    return fail('upstream_unavailable', status, `GitHub failed with status ${status}.`, {
      retryAfterSeconds: retryAfter(headers, now),
    });
  }
  if (status >= 400) return invalid(failure, said);
  return fail('upstream_malformed', status, `GitHub answered with the unexpected status ${status}.`);
}

function forbidden(failure: Failure, said: string): AppError {
  if (fieldsOf(failure.body).some((field) => field.code === 'too_large')) {
    return fail('too_large', failure.status, 'The file is larger than GitHub serves through its API.');
  }
  const mending = mendingOf(failure);
  const message = `GitHub refuses this to the signed-in account.${said}`;
  return fail('upstream_forbidden', failure.status, message, { hint: mending?.hint }, mending?.details);
}

function invalid(failure: Failure, said: string): AppError {
  const fields = fieldsOf(failure.body).slice(0, MAX_FIELDS);
  const named = fields.map(({ field, rule }) => (field === undefined ? rule : `${field}: ${rule}`)).join('; ');
  const message = named === '' ? `GitHub rejected the request.${said}` : `GitHub rejected the request: ${named}.`;
  const details = fields.flatMap(({ field, rule }) => (field === undefined ? [] : [{ field, rule }]));
  return fail('upstream_invalid', failure.status, message, {}, details.length > 0 ? { fields: details } : {});
}

function fail(
  code: ErrorCode,
  status: number,
  message: string,
  options: AppErrorOptions = {},
  details: JsonObject = {},
): AppError {
  return new AppError(code, message, { ...options, details: { upstream_status: status, ...details } });
}

function isQuota(headers: Headers, body: unknown): boolean {
  const message = isObject(body) && typeof body.message === 'string' ? body.message : '';
  return (
    headers.has('retry-after') ||
    headers.get('x-ratelimit-remaining') === '0' ||
    /rate limit|abuse detection/i.test(message)
  );
}

/** Seconds until GitHub lets a request through again: `retry-after` first, then the end of the used-up window. */
function waitSeconds(headers: Headers, now: number): number | undefined {
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  const window =
    headers.get('x-ratelimit-remaining') === '0' && Number.isFinite(reset) ? reset * 1000 - now : undefined;
  return retryAfter(headers, now) ?? (window === undefined ? undefined : Math.max(1, Math.ceil(window / 1000)));
}

/** RFC 9110 section 10.2.3: seconds or an HTTP date. */
function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : undefined;
}

interface FieldError {
  readonly field: string | undefined;
  readonly rule: string;
  readonly code: unknown;
}

/** GitHub REST, "Validation failed": `errors` holds objects with resource, field, code and message, or plain strings. */
function fieldsOf(body: unknown): FieldError[] {
  const errors = isObject(body) && Array.isArray(body.errors) ? body.errors : [];
  return errors.flatMap((error: unknown): FieldError[] => {
    if (typeof error === 'string') return [{ field: undefined, rule: plain(error), code: undefined }];
    if (!isObject(error)) return [];
    const name = typeof error.field === 'string' ? plain(error.field) : undefined;
    const rule = plain(typeof error.message === 'string' ? error.message : String(error.code ?? 'invalid'));
    return [{ field: name && (ARGUMENT_NAMES[name] ?? name), rule, code: error.code }];
  });
}

/** ` GitHub says: "…".`, or nothing where the message adds nothing. */
function sayingOf(body: unknown): string {
  const message = isObject(body) && typeof body.message === 'string' ? plain(body.message) : '';
  return message === '' || EMPTY_WORDS.test(message) ? '' : ` GitHub says: "${message.replace(/\.$/, '')}".`;
}

/** Printable ASCII on one line, without quotes that could end ours, cut short. */
function plain(text: string): string {
  const ascii = text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replaceAll('"', "'")
    .replace(/ {2,}/g, ' ')
    .trim();
  return (ascii.length > MAX_TEXT ? `${ascii.slice(0, MAX_TEXT - 3)}...` : ascii).replace(/[.;]$/, '');
}
