/**
 * SHIM, for local use and tests only: what the embedded GitHub answers comes from `emulate` behind this proxy, with
 * a few answers put right.
 *
 * Real, from `emulate`: the OAuth pages and codes, users, organisations and their members, repositories, files, commits,
 * branches, compare with real patches, issues, comments, labels, pull requests, search, pagination links.
 *
 * Stood in here, because `emulate` differs from GitHub:
 *  - an API request without a token, or with one that was never issued or was revoked: 401 (it acts as its first user);
 *  - `GET /repos/…/pulls/N/files` and the counts of a pull request, computed from its own `compare` (it lists made-up names);
 *  - a private repository that the account may not see: 404 (it says 403);
 *  - `GET /user/memberships/orgs/ORG`, from its own membership of that login (it has no such route);
 *  - gists, stars and the GraphQL query for teams (it has none of these; see stand-ins-people.ts);
 *  - a pull request read as an issue, and pull requests among search results, in the shape of an issue;
 *  - GraphQL and the lesser REST of issues, pull requests and reviews: see stand-ins-conversations.ts;
 *  - Actions, notifications and security alerts, invented: see stand-ins-operations.ts;
 *  - the callback URLs of the gate's tenants, which nobody enters here: as if they were entered;
 *  - ETags: a hash of the body, and 304 to a read that names it. Unlike at GitHub, a 304 counts against the quota here.
 *
 * Not there at all: scopes are not enforced, no secondary rate limit, PKCE is ignored, no refresh tokens
 * (test/support/enterprise.ts stands in for a GitHub App's), and everything is in memory.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../../core/json.ts';
import { githubError, hidePrivate, standIn } from './stand-ins.ts';
import { conversationStandIn } from './stand-ins-conversations.ts';
import { createOperations, type Operations, STORE } from './stand-ins-operations.ts';
import { peopleStandIn } from './stand-ins-people.ts';
import type { Fault, RecordedRequest, Traffic } from './traffic.ts';
import type { Answer, Upstream } from './upstream.ts';
import { jsonAnswer, readJson } from './upstream.ts';

/** Access tokens that were issued and not revoked, with the login they act for. */
export type Tokens = Map<string, string>;

export interface ShimOptions {
  readonly upstream: Upstream;
  readonly tokens: Tokens;
  readonly traffic: Traffic;
  /** Callback URLs of the one application: those of tenants are added as they come. */
  readonly redirectUris: string[];
  /** Called when the OAuth token endpoint issued an access token. */
  readonly onToken?: ((token: string, login: string) => void) | undefined;
}

/** Pages and assets: what a browser or anybody may fetch without a token. */
const OPEN = /^\/(login|settings|avatars|_emulate)(\/|$)|^\/favicon\.ico$|^\/[^/]+\/[^/]+\/raw\//;
const AUTHORIZE = '/login/oauth/authorize';
const TOKEN_ENDPOINT = '/login/oauth/access_token';
const LARGEST_BODY = 32 * 1024 * 1024;

/** The shim as a server that is not listening yet. */
export function createShim(given: ShimOptions): Server {
  const options = { ...given, operations: createOperations() };
  return createServer((req, res) => {
    const entry = options.traffic.open(req.method ?? 'GET', req.url ?? '/', req.headers);
    const left = new AbortController();
    res.on('close', () => {
      entry.endedAt = Date.now();
      entry.aborted = !res.writableFinished;
      left.abort();
    });
    answer(req, entry, left.signal, options).then(
      (found) => send(res, entry, found),
      (error: unknown) => {
        if (!left.signal.aborted) send(res, entry, githubError(502, `The shim failed: ${String(error)}`));
      },
    );
  });
}

async function answer(
  req: IncomingMessage,
  entry: RecordedRequest,
  signal: AbortSignal,
  options: ShimOptions & { readonly operations: Operations },
): Promise<Answer> {
  const fault = options.traffic.faultFor(entry.method, entry.path);
  const body = await readBody(req);
  if (fault?.hang === true) await sleep(2 ** 31 - 1, undefined, { signal, ref: false });
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal });
  if (fault?.status !== undefined) return faultAnswer(fault, fault.status);

  const { upstream, tokens, operations } = options;
  const host = req.headers.host ?? '127.0.0.1';
  const url = new URL(entry.path, `http://${host}`);
  const ask = { method: entry.method, path: entry.path, headers: req.headers, body, signal };
  if (url.pathname === TOKEN_ENDPOINT) return rememberToken(await upstream.ask(ask), options);
  if (STORE.test(url.pathname)) return operations.store(url.pathname, req.headers.authorization);
  if (url.pathname === AUTHORIZE) registerTenant(url.searchParams.get('redirect_uri') ?? '', options.redirectUris);
  if (OPEN.test(url.pathname)) return upstream.ask(ask);

  const token = /^(?:bearer|token)\s+(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
  if (token === undefined) return githubError(401, 'Requires authentication');
  const login = tokens.get(token);
  if (login === undefined) return githubError(401, 'Bad credentials');
  entry.login = login;
  const headers = { ...(req.headers as Record<string, string>), host };
  const call = { method: entry.method, url, headers, body, login, upstream };
  const stoodIn = (await operations.answer(call)) ?? (await peopleStandIn(call)) ?? (await conversationStandIn(call));
  const found = stoodIn ?? (await standIn(call)) ?? (await hidePrivate(call, await upstream.ask(ask)));
  return entry.method === 'GET' && found.status === 200 ? tagged(found, req.headers['if-none-match']) : found;
}

/** A person would enter the callback URL of each tenant at GitHub, in the App's settings. */
function registerTenant(redirectUri: string, registered: string[]): void {
  const plain = redirectUri.replace(/\/t\/[^/?#]+\/callback$/, '/callback');
  if (plain !== redirectUri && registered.includes(plain) && !registered.includes(redirectUri))
    registered.push(redirectUri);
}

/** The answer with its ETag, or 304 where the caller has it already (RFC 9110 section 13.1.2, weak comparison). */
function tagged(found: Answer, known: string | undefined): Answer {
  const etag = `W/"${createHash('sha256').update(found.body).digest('hex')}"`;
  const headers = { ...found.headers, etag };
  return known === etag ? { status: 304, headers, body: Buffer.alloc(0) } : { ...found, headers };
}

/** Whose token it is, the emulator itself says: the shim only learns that it exists. */
async function rememberToken(answered: Answer, { upstream, tokens, onToken }: ShimOptions): Promise<Answer> {
  const value = readJson(answered) ?? Object.fromEntries(new URLSearchParams(answered.body.toString('utf8')));
  const token = isObject(value) ? value.access_token : undefined;
  if (typeof token !== 'string') return answered;
  const user = readJson(await upstream.ask({ path: '/user', headers: { authorization: `Bearer ${token}` } }));
  if (isObject(user) && typeof user.login === 'string') {
    tokens.set(token, user.login);
    onToken?.(token, user.login);
  }
  return answered;
}

function faultAnswer(fault: Fault, status: number): Answer {
  const body = fault.body ?? { message: `Injected ${status}`, documentation_url: '', status: String(status) };
  if (typeof body !== 'string') return jsonAnswer(status, body, { ...fault.headers });
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...fault.headers },
    body: Buffer.from(body),
  };
}

async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error('request body too large');
    chunks.push(chunk);
  }
  return size === 0 ? undefined : Buffer.concat(chunks);
}

function send(res: ServerResponse, entry: RecordedRequest, { status, headers, body }: Answer): void {
  entry.status = status;
  if (res.destroyed) return;
  const empty = status === 204 || status === 304;
  res.writeHead(status, { ...headers, ...(!empty && { 'content-length': String(body.length) }) });
  res.end(empty || entry.method === 'HEAD' ? undefined : body);
}
