/**
 * GitHub's REST API with one person's token, for the length of one call. Parameters are typed by Octokit's routes;
 * answers are checked against the shape the caller needs, because GitHub's description and its answers differ.
 */
import { request as octokit } from '@octokit/request';
import type { Endpoints } from '@octokit/types';
import type * as z from 'zod';
import { AppError } from '../core/errors.ts';
import { failureOf } from './errors.ts';
import { encodePathParameters, isInside } from './guard.ts';
import { parseLinks } from './pagination.ts';
import { type Exchange, exchange, type Received } from './transport.ts';

/** Routes of the REST API such as `GET /repos/{owner}/{repo}`. */
export type Route = keyof Endpoints;
/** What a route takes, without Octokit's own settings: host, headers and media type are not a tool's choice. */
export type RouteParameters<R extends Route> = Omit<
  Endpoints[R]['parameters'],
  'baseUrl' | 'headers' | 'mediaType' | 'request' | 'url' | 'method'
>;

export interface Reply<Data> {
  readonly data: Data;
  readonly status: number;
  readonly headers: Headers;
}

export interface Page<Data> extends Reply<Data> {
  /** Pages fetched so far, this one included. */
  readonly fetched: number;
  /** Number of the last page, where GitHub says it. */
  readonly last: number | undefined;
  /** Whether GitHub has more pages after this one. */
  readonly more: boolean;
}

export interface GitHub {
  /** Where people see this GitHub, without a trailing slash. */
  readonly webUrl: string;
  /**
   * Sends one request. Out: the answer, checked against `shape`. Throws an AppError for every failure (`invalid_arguments`
   * for a path parameter that is unfit, the `upstream_*` codes, `too_large`), and the signal's reason after an abort.
   */
  request<R extends Route, Shape extends z.ZodType>(
    route: R,
    parameters: RouteParameters<R>,
    shape: Shape,
  ): Promise<Reply<z.output<Shape>>>;
  /** Like `request`, for the bytes themselves (media type `raw`), at most `maxBytes` of them. */
  bytes<R extends Route>(
    route: R,
    parameters: RouteParameters<R>,
    maxBytes: number,
  ): Promise<Reply<Uint8Array<ArrayBuffer>>>;
  /** Yields page after page along the Link headers, at most `maxPages`. After the last, `more` says whether there were others. */
  pages<R extends Route, Shape extends z.ZodType>(
    route: R,
    parameters: RouteParameters<R>,
    shape: Shape,
    maxPages: number,
  ): AsyncGenerator<Page<z.output<Shape>>, void, undefined>;
}

export interface GitHubOptions {
  /** `https://api.github.com` or `https://HOST/api/v3`. */
  readonly apiUrl: string;
  /** `https://github.com` or `https://HOST`. */
  readonly webUrl: string;
  /** The person's own upstream token. Sent to `apiUrl` only. */
  readonly token: string;
  readonly userAgent?: string;
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch; for the waiting times of limits. */
  readonly now?: () => number;
  /** Aborts every request of this client. */
  readonly signal: AbortSignal;
}

/** Most bytes of an answer, and of an error's body. */
const MAX_BYTES = 20 * 1024 * 1024;
const API_VERSION = '2022-11-28';
const JSON_MEDIA = 'application/vnd.github+json';
const RAW_MEDIA = 'application/vnd.github.raw+json';

/** In: one person's token and where GitHub is. Out: a client bound to the signal of one call. */
export function createGitHub(options: GitHubOptions): GitHub {
  const api = new URL(options.apiUrl);
  const now = options.now ?? Date.now;
  const transport = {
    api,
    signal: options.signal,
    // Called through a function of ours: workerd's global fetch refuses a foreign `this`.
    fetch: options.fetch ?? ((input: RequestInfo | URL, init?: RequestInit) => fetch(input, init)),
  };
  const headers = {
    authorization: `Bearer ${options.token}`,
    'user-agent': options.userAgent ?? 'gatehouse',
    'x-github-api-version': API_VERSION,
  };

  const receive = async (request: Exchange, maxBytes = MAX_BYTES): Promise<Received> => {
    const received = await exchange(transport, request, maxBytes);
    if (received.status < 300) return received;
    const failure = { status: received.status, headers: received.headers, body: jsonOrUndefined(received.body) };
    throw failureOf({ ...failure, webUrl: options.webUrl }, now());
  };
  const build = (route: string, parameters: object, accept = JSON_MEDIA): Exchange =>
    exchangeOf(api, route, { ...parameters }, { ...headers, accept });

  return {
    webUrl: options.webUrl,
    async request(route, parameters, shape) {
      return reply(await receive(build(route, parameters)), shape);
    },
    async bytes(route, parameters, maxBytes) {
      const received = await receive(build(route, parameters, RAW_MEDIA), maxBytes);
      return { data: received.body, status: received.status, headers: received.headers };
    },
    async *pages(route, parameters, shape, maxPages) {
      let request = build(route, parameters);
      for (let fetched = 1; fetched <= maxPages; fetched++) {
        const received = await receive(request);
        const { next, last } = parseLinks(received.headers.get('link'), api);
        const more = next !== undefined && next.href !== request.url.href;
        yield { ...reply(received, shape), fetched, last, more };
        if (!more) return;
        request = { ...request, url: next };
      }
    },
  };
}

/** Builds the request of a route and makes sure that no parameter moved it to another place of the API. */
function exchangeOf(
  api: URL,
  route: string,
  parameters: Record<string, unknown>,
  headers: Record<string, string>,
): Exchange {
  const encoded = encodePathParameters(route, parameters);
  // Reserved expansion (RFC 6570 section 3.2.3) leaves what is encoded already, slashes included, as it is.
  const template = route.replace(/\{(\w+)\}/g, '{+$1}');
  const built = octokit.endpoint(template, {
    ...parameters,
    ...encoded,
    baseUrl: api.href.replace(/\/$/, ''),
    headers,
  });
  const url = new URL(built.url);
  if (!isInside(api, url, built.url)) {
    throw new AppError('invalid_arguments', 'The arguments would lead to another part of the GitHub API.');
  }
  // Octokit sends a plus sign in a search query unencoded, and GitHub reads that as a space.
  if (built.method === 'GET' && typeof parameters.q === 'string') url.searchParams.set('q', parameters.q);
  const body: unknown = built.body;
  return {
    method: built.method,
    url,
    headers: Object.fromEntries(Object.entries(built.headers).map(([name, value]) => [name, String(value)])),
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}

function reply<Shape extends z.ZodType>(received: Received, shape: Shape): Reply<z.output<Shape>> {
  const { status, headers, body } = received;
  const data = body.byteLength === 0 ? undefined : jsonOrUndefined(body);
  if (data === undefined && body.byteLength > 0) {
    throw malformed(status, 'GitHub answered with something that is not JSON.');
  }
  const parsed = shape.safeParse(data);
  if (parsed.success) return { data: parsed.data, status, headers };
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw malformed(status, `GitHub's answer lacks what this server needs${field === '' ? '' : ` at ${field}`}.`);
}

function malformed(status: number, message: string): AppError {
  return new AppError('upstream_malformed', message, { details: { upstream_status: status } });
}

function jsonOrUndefined(body: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
