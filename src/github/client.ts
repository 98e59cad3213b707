/**
 * GitHub's REST API with one person's token, for the length of one call. Parameters are typed by Octokit's routes;
 * answers are checked against the shape the caller needs, because GitHub's description and its answers differ.
 */
import type { Endpoints } from '@octokit/types';
import type * as z from 'zod';
import { AppError } from '../core/errors.ts';
import { safeParse } from '../core/parse.ts';
import { type Download, follow, locate, storeFailure } from './download.ts';
import { failureOf } from './errors.ts';
import { dataOf, graphqlUrl, MAX_QUERY } from './graphql.ts';
import { confinesOf, type Limit, type Lookup, UNLIMITED } from './limit/index.ts';
import { createLockdown, NO_LOCKDOWN } from './lockdown.ts';
import type { Memory } from './memory.ts';
import { parseLinks } from './pagination.ts';
import { requestOf } from './route.ts';
import { chunksOf, type Exchange, exchange, type Received, readAll, type Transport } from './transport.ts';
import { pause, rememberLimit, watched } from './watch.ts';

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
  /** How many items and texts lockdown left out of the answers so far. */
  readonly leftOut: number;
  /**
   * Sends one request. Out: the answer, checked against `shape`. Throws an AppError for every failure (`invalid_arguments`
   * for a path parameter that is unfit, the `upstream_*` codes, `too_large`), and the signal's reason after an abort.
   */
  request<R extends Route, Shape extends z.ZodType>(
    route: R,
    parameters: RouteParameters<R>,
    shape: Shape,
  ): Promise<Reply<z.output<Shape>>>;
  /** Like `request`, for the bytes themselves (media type `raw`) or a diff of text, at most `maxBytes` of them. */
  bytes<R extends Route>(
    route: R,
    parameters: RouteParameters<R>,
    maxBytes: number,
    media?: 'raw' | 'diff',
  ): Promise<Reply<Uint8Array<ArrayBuffer>>>;
  /**
   * The content of a route, also where it redirects to a store (logs, archives), in pieces as they arrive, at most `maxBytes`.
   * Stopping early ends the transfer.
   */
  download<R extends Route>(
    route: R,
    parameters: RouteParameters<R>,
    maxBytes: number,
    media?: 'raw',
  ): AsyncGenerator<Uint8Array, void, undefined>;
  /** Where such a route redirects to: an address that opens the content to anyone, usually for a minute. */
  location<R extends Route>(route: R, parameters: RouteParameters<R>): Promise<URL>;
  /** Yields page after page along the Link headers, at most `maxPages`. After the last, `more` says whether there were others. */
  pages<R extends Route, Shape extends z.ZodType>(
    route: R,
    parameters: RouteParameters<R>,
    shape: Shape,
    maxPages: number,
  ): AsyncGenerator<Page<z.output<Shape>>, void, undefined>;
  /**
   * Sends one GraphQL query or mutation, a constant text whose values are all in `variables`. Out: its `data`, checked
   * against `shape`. Throws like `request`, also where GitHub answers with data and errors at once.
   */
  graphql<Shape extends z.ZodType>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    shape: Shape,
  ): Promise<z.output<Shape>>;
}

export interface GitHubOptions {
  /** `https://api.github.com` or `https://HOST/api/v3`. */
  readonly apiUrl: string;
  /** `https://github.com` or `https://HOST`. */
  readonly webUrl: string;
  /** The person's own upstream token. Sent to `apiUrl` only. */
  readonly token: string;
  /** What the client may ask about; null for all that the token opens. Not optional, so that nobody forgets it. */
  readonly limit: Limit | null;
  /** The login of who asks, where of public repositories only content of people with push access is passed on. */
  readonly lockdownFor?: string | undefined;
  readonly userAgent?: string;
  readonly fetch?: typeof fetch;
  /** Milliseconds since the epoch; for the waiting times of limits. */
  readonly now?: () => number;
  /** What is remembered of this person between calls: quota and kept answers. Nothing without it. */
  readonly memory?: Memory;
  /** Waits that many milliseconds, or until the signal aborts. */
  readonly pause?: typeof pause;
  /** Aborts every request of this client. */
  readonly signal: AbortSignal;
}

/** Most bytes of an answer, and of an error's body. */
const MAX_BYTES = 20 * 1024 * 1024;
const API_VERSION = '2022-11-28';
const JSON_MEDIA = 'application/vnd.github+json';
/** Only with it does GitHub say where in a file the searched words stand (GitHub REST, "Text match metadata"). */
const TEXT_MATCH_MEDIA = 'application/vnd.github.text-match+json';
/** GraphQL answers with it whatever it says; others are refused before. */
const GRAPHQL_STATUS = 200;
const MEDIA = { raw: 'application/vnd.github.raw+json', diff: 'application/vnd.github.diff' } as const;

/** Called through a function of ours: workerd's global fetch refuses a foreign `this`. */
const globalFetch: typeof fetch = (input, init) => fetch(input, init);

/** In: one person's token and where GitHub is. Out: a client bound to the signal of one call. */
export function createGitHub(options: GitHubOptions): GitHub {
  const { url: api, root, graphql } = apiAt(options.apiUrl);
  const { signal } = options;
  const now = options.now ?? Date.now;
  const person = options.memory?.person(root, options.token);
  const watching = { root, graphql, now, pause: options.pause ?? pause, signal };
  const unchecked: Transport = {
    api,
    watch: person && watched({ ...watching, quota: person.quota }),
    answers: person?.answers,
    signal,
    fetch: options.fetch ?? globalFetch,
  };
  const headers = {
    authorization: `Bearer ${options.token}`,
    'user-agent': options.userAgent ?? 'gatehouse',
    'x-github-api-version': API_VERSION,
  };

  const receive = async (request: Exchange, maxBytes = MAX_BYTES, via = transport): Promise<Received> =>
    refuse(await exchange(via, request, maxBytes));
  const refuse = (received: Received): Received => {
    if (received.status < 300) return received;
    const failure = { status: received.status, headers: received.headers, body: jsonOrUndefined(received.body) };
    throw noted(failureOf({ ...failure, webUrl: options.webUrl }, now()), received.headers);
  };
  const noted = (error: unknown, from: Headers): unknown => {
    if (person !== undefined) rememberLimit(person.quota, error, from, now());
    return error;
  };
  /** A download must have come to its content; what is not that is a failure of GitHub, or of the store behind it. */
  const contentOf = async ({ response, inside }: Download): Promise<Response> => {
    if (response.status < 300) return response;
    if (inside)
      refuse({ status: response.status, headers: response.headers, body: await readAll(transport, response) });
    await response.body?.cancel();
    throw storeFailure(response.status);
  };
  const build = async (route: string, parameters: object, accept = JSON_MEDIA): Promise<Exchange> => {
    const allowed = await confines.prepare(route, { ...parameters });
    await lockdown.before(route, allowed);
    return requestOf(root, route, allowed, { ...headers, accept });
  };
  const read = async (path: string, via: Transport): Promise<unknown> => {
    const sent = { ...headers, accept: JSON_MEDIA };
    const { body } = await receive({ method: 'GET', url: root + path, headers: sent }, MAX_BYTES, via);
    return jsonOrUndefined(body);
  };
  const query = async (body: string, via: Transport): Promise<unknown> => {
    const sent = { ...headers, accept: JSON_MEDIA, 'content-type': 'application/json; charset=utf-8' };
    const request = { method: 'POST', url: graphql, headers: sent, body };
    const received = await receive(request, MAX_BYTES, via);
    const answer = { headers: received.headers, body: jsonOrUndefined(received.body), webUrl: options.webUrl };
    try {
      return dataOf(answer, now());
    } catch (error) {
      throw noted(error, received.headers);
    }
  };
  const lookup: Lookup = {
    read: (path) => read(path, transport),
    peek: (path) => read(path, unchecked),
    graphql: (text, variables) => query(JSON.stringify({ query: text, variables }), unchecked),
  };
  const confines = options.limit === null ? UNLIMITED : confinesOf(options.limit, api, lookup);
  const transport: Transport = confines === UNLIMITED ? unchecked : { ...unchecked, check: confines.check };
  const { lockdownFor: viewer } = options;
  const lockdown = viewer === undefined ? NO_LOCKDOWN : createLockdown(viewer, (path) => read(path, unchecked));
  const answered = async (route: string, parameters: object, data: unknown, reads = route.startsWith('GET ')) =>
    await lockdown.filter(reads, { ...parameters }, confines.answer(route, data));
  const reply = async <Shape extends z.ZodType>(
    received: Received,
    shape: Shape,
    route: string,
    parameters: object,
  ) => {
    const { status, headers } = received;
    const data = await answered(route, parameters, jsonIn(received));
    return { data: check(data, shape, status), status, headers };
  };

  return {
    webUrl: options.webUrl,
    get leftOut() {
      return lockdown.leftOut;
    },
    async request(route, parameters, shape) {
      const accept = route === 'GET /search/code' ? TEXT_MATCH_MEDIA : JSON_MEDIA;
      return await reply(await receive(await build(route, parameters, accept)), shape, route, parameters);
    },
    async bytes(route, parameters, maxBytes, media = 'raw') {
      const received = await receive(await build(route, parameters, MEDIA[media]), maxBytes);
      return { data: received.body, status: received.status, headers: received.headers };
    },
    async *download(route, parameters, maxBytes, media) {
      const request = await build(route, parameters, media && MEDIA[media]);
      const response = await contentOf(await follow(transport, request));
      yield* chunksOf(transport, response, maxBytes);
    },
    async location(route, parameters) {
      const found = await locate(transport, await build(route, parameters));
      if (found instanceof URL) return found;
      await (await contentOf(found)).body?.cancel();
      throw malformed(found.response.status, 'GitHub did not say where the content is.');
    },
    async *pages(route, parameters, shape, maxPages) {
      let request = await build(route, parameters);
      for (let fetched = 1; fetched <= maxPages; fetched++) {
        const received = await receive(request);
        const { next, last } = parseLinks(received.headers.get('link'), api);
        const more = next !== undefined && next.href !== request.url;
        yield { ...(await reply(received, shape, route, parameters)), fetched, last, more };
        if (!more) return;
        request = { ...request, url: confines.nextPage(request.url, next) };
      }
    },
    async graphql(text, variables, shape) {
      if (text.length > MAX_QUERY) throw new AppError('internal', 'The query is too long.');
      const data = await query(await confines.graphql(text, variables), transport);
      const reads = !text.trimStart().startsWith('mutation');
      return check(await answered('POST /graphql', variables, data, reads), shape, GRAPHQL_STATUS);
    },
  };
}

interface Api {
  readonly url: URL;
  /** Without a slash at its end. */
  readonly root: string;
  /** Where GraphQL is. */
  readonly graphql: string;
}

/** As many as the settings of this deployment name; for every call they were read anew. */
const apis = new Map<string, Api>();

function apiAt(text: string): Api {
  const known = apis.get(text);
  if (known !== undefined) return known;
  const url = new URL(text);
  const api = { url, root: url.href.replace(/\/$/, ''), graphql: graphqlUrl(url).href };
  apis.set(text, api);
  return api;
}

/** Undefined where there is no body. */
function jsonIn({ status, body }: Received): unknown {
  if (body.byteLength === 0) return undefined;
  const data = jsonOrUndefined(body);
  if (data === undefined) throw malformed(status, 'GitHub answered with something that is not JSON.');
  return data;
}

function check<Shape extends z.ZodType>(data: unknown, shape: Shape, status: number): z.output<Shape> {
  const parsed = safeParse(shape, data);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw malformed(status, `GitHub's answer lacks what this server needs${field === '' ? '' : ` at ${field}`}.`);
}

function malformed(status: number, message: string): AppError {
  return new AppError('upstream_malformed', message, { details: { upstream_status: status } });
}

const decoder = new TextDecoder();

function jsonOrUndefined(body: Uint8Array<ArrayBuffer>): unknown {
  try {
    return JSON.parse(decoder.decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
