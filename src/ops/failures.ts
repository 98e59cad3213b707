/**
 * Counts requests that end before anybody is recognised. They have no principal, so no row: a stranger who could write
 * rows could fill the log. They are counted by reason, network and minute instead, in memory first.
 */
import type { MiddlewareHandler } from 'hono';
import type { CountingWriters } from '../audit/hand-over.ts';
import { handOverSoon } from '../audit/hand-over.ts';
import { networkOf } from '../core/address.ts';
import { isObject } from '../core/json.ts';
import { tally } from '../core/tally.ts';
import { DEFAULT_TENANT } from '../core/tenant.ts';

/** Errors that are counted under their own name; whatever else there is counts as `other`. */
const NAMED: ReadonlySet<string> = new Set([
  // RFC 6749 sections 4.1.2.1 and 5.2
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'access_denied',
  'server_error',
  'temporarily_unavailable',
  // RFC 6750 section 3.1, RFC 7591 section 3.2.2, RFC 8707 section 2, RFC 9449 section 5
  'invalid_token',
  'invalid_redirect_uri',
  'invalid_client_metadata',
  'invalid_target',
  'invalid_dpop_proof',
]);

/** A step of the protocol, not a failure (RFC 9449 section 8). */
const NO_FAILURE = 'use_dpop_nonce';

/** What of an exchange tells why it failed. */
export interface Exchange {
  /** Path as a route has it, without the part that names a tenant. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  /** The answer's JSON, or undefined where it is none; asked for only where it is needed. */
  readonly json: () => Promise<unknown>;
}

/** In: an exchange. Out: why it failed before anybody was recognised, or undefined where it did not. */
export async function failureOf({ path, status, headers, json }: Exchange): Promise<string | undefined> {
  if (status < 300) return undefined;
  if (status === 429 && path !== '/mcp') return PUBLIC.has(path) ? 'rate_limited' : undefined;
  switch (path) {
    case '/mcp':
      // A 403 has a principal, and so a row.
      return status === 401 || status === 400 ? challenged(headers.get('www-authenticate')) : undefined;
    case '/metrics':
      return status === 401 ? 'invalid_metrics_token' : undefined;
    case '/token':
    case '/register':
      return status >= 400 && status < 500 ? named(errorIn(await json())) : undefined;
    case '/authorize':
    case '/callback':
      return status < 400 ? redirected(headers.get('location')) : status < 500 ? 'invalid_sign_in' : undefined;
    default:
      return undefined;
  }
}

const PUBLIC: ReadonlySet<string> = new Set(['/token', '/register', '/authorize', '/callback', '/account/sign-in']);

/** Counts what fails, for the tenant in `tenantOf`, and hands over what this isolate counted. Belongs inside the edge. */
export function countFailures<E extends { Bindings: { WRITER: CountingWriters } }>(
  tenantOf: (variables: E extends { Variables: infer V } ? V : object) => string | undefined,
): MiddlewareHandler<E> {
  return async function countFailure(c, next) {
    await next();
    const { status, headers } = c.res;
    const json = async (): Promise<unknown> =>
      headers.get('content-type')?.includes('json') === true
        ? await c.res
            .clone()
            .json()
            .catch(() => undefined)
        : undefined;
    const reason = status < 300 ? undefined : await failureOf({ path: c.req.path, status, headers, json });
    if (reason !== undefined) {
      const tenant = tenantOf(c.var as Parameters<typeof tenantOf>[0]) ?? DEFAULT_TENANT;
      tally.add(tenant, ['auth_failures', reason, networkOf(c.req.header('cf-connecting-ip') ?? null)]);
    }
    handOverSoon(tally, c.env.WRITER, (work) => c.executionCtx.waitUntil(work));
  };
}

/** RFC 6750 section 3.1: without an error nobody showed a token yet. Of several challenges the first error counts. */
function challenged(header: string | null): string | undefined {
  if (header === null) return undefined;
  const error = /\berror="([^"]*)"/.exec(header)?.[1];
  return error === undefined ? 'no_token' : named(error);
}

function redirected(location: string | null): string | undefined {
  const error = location !== null && URL.canParse(location) ? new URL(location).searchParams.get('error') : null;
  return error === null ? undefined : named(error);
}

function errorIn(body: unknown): string {
  return isObject(body) && typeof body.error === 'string' ? body.error : '';
}

function named(error: string): string | undefined {
  if (error === NO_FAILURE) return undefined;
  return NAMED.has(error) ? error : 'other';
}
