/** GitHub's GraphQL API: where it is, and what the errors of its answers mean. Pure. */
import { AppError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import { failureOf } from './errors.ts';

/** GraphQL answers 200 also when it refuses: the REST status that stands for each kind of error. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ['NOT_FOUND', 404],
  ['FORBIDDEN', 403],
  ['INSUFFICIENT_SCOPES', 403],
  ['UNAUTHENTICATED', 401],
  ['RATE_LIMIT', 429],
  ['RATE_LIMITED', 429],
  ['UNPROCESSABLE', 422],
  ['STALE_DATA', 409],
  ['LOCKED', 409],
]);
/** Said of a request that took GitHub too long or broke it; such errors have no type. */
const FAILED = 502;
const INVALID = 422;

/** Longest query sent, in characters: they are constants of this program, so more is a mistake of ours. */
export const MAX_QUERY = 10_000;

/** In: `https://api.github.com` or `https://HOST/api/v3`. Out: where GraphQL is (GitHub Enterprise Server, "Forming calls with GraphQL"). */
export function graphqlUrl(api: URL): URL {
  const known = places.get(api);
  if (known !== undefined) return known;
  const base = api.pathname.replace(/\/$/, '');
  const place = new URL(`${base.endsWith('/api/v3') ? base.replace(/\/v3$/, '') : base}/graphql`, api);
  places.set(api, place);
  return place;
}

const places = new WeakMap<URL, URL>();

export interface GraphqlAnswer {
  readonly headers: Headers;
  readonly body: unknown;
  /** Where people use this GitHub. */
  readonly webUrl: string;
}

/**
 * In: the answer to a query, and the time in milliseconds since the epoch. Out: its `data`. Throws where it names any
 * error, also beside data: half an answer would be taken for a whole one.
 */
export function dataOf({ headers, body, webUrl }: GraphqlAnswer, now: number): unknown {
  const answer: Readonly<Record<string, unknown>> = isObject(body) ? body : {};
  const errors = Array.isArray(answer.errors) ? answer.errors : [];
  if (errors.length === 0) return answer.data;
  const first: Readonly<Record<string, unknown>> = isObject(errors[0]) ? errors[0] : {};
  const extensions: Readonly<Record<string, unknown>> = isObject(first.extensions) ? first.extensions : {};
  if (typeof extensions.code === 'string' && first.type === undefined) {
    throw new AppError('upstream_malformed', 'This GitHub does not know a query that this server needs.', {
      hint: 'A GitHub Enterprise Server may be too old for this. Report it to the administrator.',
    });
  }
  const status = STATUSES.get(String(first.type)) ?? (Array.isArray(extensions.problems) ? INVALID : FAILED);
  const relevant = new Headers(headers);
  // They tell of the window as a whole; only where this request was refused for it do they say why.
  if (status !== 429) for (const name of ['retry-after', 'x-ratelimit-remaining']) relevant.delete(name);
  const failure = { status, headers: relevant, body: { message: first.message }, webUrl };
  throw failureOf(failure, now);
}
