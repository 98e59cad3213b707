/**
 * Logs and archives, which GitHub answers with a redirect to a store of another host, signed for a minute. The token
 * never goes there, and nothing but encrypted connections is followed.
 */
import { AppError } from '../core/errors.ts';
import { isInside } from './guard.ts';
import { type Exchange, MAX_REDIRECTS, redirectOf, send, type Transport } from './transport.ts';

export interface Download {
  /** Unread. Its status may be a refusal, of the API where `inside` is true, otherwise of the store. */
  readonly response: Response;
  readonly inside: boolean;
}

/**
 * In: a request of the API. Out: the answer at the end of at most three redirects. Once out of the API no header of the
 * request but the user agent is sent, also where a redirect leads back. Throws `upstream_malformed` for a redirect that
 * is not followed.
 */
export async function follow(transport: Transport, request: Exchange): Promise<Download> {
  let next = request;
  let inside = true;
  for (let hop = 0; ; hop++) {
    const response = await send(transport, next);
    const location = redirectOf(response, request.method);
    if (location === null) return { response, inside };
    await response.body?.cancel();
    const url = targetOf(location, next.url, transport.api, hop);
    inside &&= isInside(transport.api, url);
    next = inside ? { ...request, url: url.href } : { method: 'GET', url: url.href, headers: agentOf(request) };
  }
}

/** In: a request of the API. Out: where its redirect leads, which is not followed. */
export async function locate(transport: Transport, request: Exchange): Promise<URL | Download> {
  let next = request;
  for (let hop = 0; ; hop++) {
    const response = await send(transport, next);
    const location = redirectOf(response, request.method);
    if (location === null) return { response, inside: true };
    await response.body?.cancel();
    const url = targetOf(location, next.url, transport.api, hop);
    if (!isInside(transport.api, url)) return url;
    next = { ...request, url: url.href };
  }
}

/** What a store's refusal means. It says nothing of the account, which the store does not know. */
export function storeFailure(status: number): AppError {
  const details = { upstream_status: status };
  if (status === 404 || status === 410) {
    return new AppError('upstream_not_found', 'GitHub no longer has this content.', {
      hint: 'Logs and artifacts are deleted after a time. Run the workflow again to get new ones.',
      details,
    });
  }
  return new AppError('upstream_unavailable', `The store behind GitHub answered with status ${status}.`, { details });
}

function targetOf(location: string, from: string, api: URL, hop: number): URL {
  const target = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (target !== undefined && hop < MAX_REDIRECTS && isFollowed(target, api)) return target;
  throw new AppError('upstream_malformed', 'GitHub redirected to a place that this server does not follow.');
}

/** Encrypted, or on this machine where the API is too. */
function isFollowed(target: URL, api: URL): boolean {
  if (target.username !== '' || target.password !== '') return false;
  if (target.protocol === 'https:') return !isLoopback(target) || isLoopback(api);
  return target.protocol === 'http:' && isLoopback(target) && isLoopback(api);
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function agentOf({ headers }: Exchange): Record<string, string> {
  const agent = headers['user-agent'];
  return agent === undefined ? {} : { 'user-agent': agent };
}
