/**
 * Host and Origin, checked before anything else: a page that points its own name at this gate (DNS rebinding), or that
 * sends requests from another site, gets no further. MCP 2025-11-25 basic/transports demands the Origin check.
 */
import type { MiddlewareHandler } from 'hono';
import type { Config } from '../config.ts';
import type { Result } from '../core/result.ts';
import { err, ok } from '../core/result.ts';
import { partsOf } from '../core/url.ts';
import type { Refusal, Target } from './refusal.ts';
import { refuse } from './refusal.ts';

export type Reach = Pick<Config, 'publicUrl' | 'trustedHosts'>;

/** The hosts and origins of one deployment, worked out once. */
export interface Known {
  readonly publicUrl: string;
  /** Lower case, with port unless it is the scheme's own. */
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

/** What of a request the check reads. `host` and `origin` are the headers as they came; undefined where absent. */
export interface Arrival extends Target {
  /** Host of the request's URL, with port. */
  readonly urlHost: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** In: the settings. Out: every host and origin that is this gate's own. */
export function knownHosts({ publicUrl, trustedHosts }: Reach): Known {
  const own = new URL(publicUrl);
  const hosts = new Set([own.host]);
  const origins = new Set([own.origin]);
  if (own.port === '') hosts.add(`${own.host}:${own.protocol === 'https:' ? 443 : 80}`);
  for (const trusted of trustedHosts) {
    const named = URL.canParse(`https://${trusted}`) ? new URL(`https://${trusted}`) : undefined;
    if (named === undefined) continue;
    hosts.add(named.host);
    if (named.port === '') hosts.add(`${named.host}:443`);
    origins.add(named.origin);
    // Plain http from anywhere but this machine is an origin that anyone on the way can speak for.
    if (isLoopback(named.hostname)) origins.add(`http://${named.host}`);
  }
  return { publicUrl, hosts, origins };
}

/** Whether a request came to the right place from nowhere else. Compares whole strings: nothing is parsed or trimmed. */
export function checkArrival(arrival: Arrival, known: Known): Result<null, Refusal> {
  const named = arrival.host === undefined ? [arrival.urlHost] : [arrival.urlHost, arrival.host];
  if (!named.every((host) => known.hosts.has(host.toLowerCase()))) return err(misdirected(known));
  if (arrival.origin === undefined || isPublicRead(arrival)) return ok(null);
  return known.origins.has(arrival.origin) ? ok(null) : err(FOREIGN_ORIGIN);
}

/** RFC 8414 and RFC 9728 documents: the same for everybody, so pages of any origin may read them. */
export function isPublicRead({ method, path }: Target): boolean {
  return path.startsWith('/.well-known/') && (method === 'GET' || method === 'HEAD' || method === 'OPTIONS');
}

/** Refuses foreign hosts (421) and origins (403); opens the well-known documents to every origin. */
export function hostAndOrigin(reach: Reach): MiddlewareHandler {
  const known = knownHosts(reach);
  return async function hostAndOriginCheck(c, next) {
    const target = { method: c.req.method, path: c.req.path };
    const checked = checkArrival(
      { ...target, urlHost: partsOf(c.req.url).host, host: c.req.header('host'), origin: c.req.header('origin') },
      known,
    );
    if (!checked.ok) return refuse(target, checked.error);
    if (!isPublicRead(target)) return await next();
    if (target.method === 'OPTIONS') return new Response(null, { status: 204, headers: OPEN_PREFLIGHT });
    await next();
    c.res = new Response(c.res.body, c.res);
    c.res.headers.set('access-control-allow-origin', '*');
  };
}

/** No credentials are ever allowed, so `*` gives away nothing (Fetch standard, CORS protocol). */
const OPEN_PREFLIGHT = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
};

const FOREIGN_ORIGIN: Refusal = {
  status: 403,
  code: 'forbidden_origin',
  message: 'The Origin of this request is not this server: pages of other sites may not call it.',
  hint: 'Leave the Origin header out if this is not a browser; an administrator can add own hosts to TRUSTED_HOSTS.',
};

function misdirected({ publicUrl }: Known): Refusal {
  return {
    status: 421,
    code: 'misdirected_host',
    message: 'This server does not answer under the host of this request.',
    hint: `Use ${publicUrl}. An administrator can add hosts to TRUSTED_HOSTS.`,
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
