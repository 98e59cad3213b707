/** Keeps one person's requests within what GitHub lets the person ask: spaced, then refused, before GitHub does. */
import { AppError } from '../core/errors.ts';
import { type Quota, resourceOf } from './quota.ts';
import type { Exchange } from './transport.ts';

export interface WatchOptions {
  /** Where the API is, without a slash at its end, and where GraphQL is. */
  readonly root: string;
  readonly graphql: string;
  readonly quota: Quota;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Waits that many milliseconds; rejects with the signal's reason after an abort. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Out: what a transport asks around each request. Throws `upstream_rate_limited` in place of a request. */
export function watched({ root, graphql, quota, now, pause, signal }: WatchOptions) {
  return async (request: Exchange, send: () => Promise<Response>): Promise<Response> => {
    // Stores behind the API never see the token, and what they answer is not about the person.
    if (request.headers.authorization === undefined) return await send();
    const { url } = request;
    const resource = url === graphql ? 'graphql' : resourceOf(url.slice(root.length));
    const wait = quota.take(resource, now());
    let response: Response | undefined;
    try {
      if (wait > 0) {
        await pause(wait, signal);
        quota.mustBeOpen(now());
      }
      response = await send();
      return response;
    } finally {
      quota.done(resource, response?.headers, now());
    }
  };
}

/**
 * Remembers a refusal for a secondary limit until it is over. A window that is used up says so in its headers, and
 * concerns nothing but itself.
 */
export function rememberLimit(quota: Quota, error: unknown, headers: Headers, now: number): void {
  if (!(error instanceof AppError) || error.code !== 'upstream_rate_limited') return;
  const secondary = headers.has('retry-after') || headers.get('x-ratelimit-remaining') !== '0';
  if (secondary && error.retryAfterSeconds !== undefined) quota.block(error.retryAfterSeconds, now);
}

/** Waits in real time. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
