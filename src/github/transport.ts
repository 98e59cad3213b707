/** One exchange with the API: redirects only inside it, a bounded body, and the call's signal on everything. */
import { AppError } from '../core/errors.ts';
import { isInside } from './guard.ts';
import { type Answers, revived } from './memory.ts';

/** Redirects followed for one request; a renamed repository needs one. */
export const MAX_REDIRECTS = 3;
/** Most bytes read of a refusal. Longer ones are taken for what their status says. */
const MAX_REFUSAL = 64 * 1024;

export interface Exchange {
  readonly method: string;
  /** Absolute, as the parser of URLs would write it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Transport {
  readonly api: URL;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  /** Asked about everything before it leaves, redirects too. What it throws is passed on. */
  readonly check?: ((request: Exchange) => Promise<void>) | undefined;
  /** Around everything that is sent, after `check`: keeps the quota. What it throws is passed on. */
  readonly watch?: ((request: Exchange, send: () => Promise<Response>) => Promise<Response>) | undefined;
  /** The answers kept for this person. */
  readonly answers?: Answers | undefined;
}

/**
 * In: a request and the most bytes its answer may have. Out: the answer, whatever its status. Redirects are followed at
 * most three times and only inside the API, so that the token goes nowhere else: 301 and 302 for reads, 307 and 308 for
 * all methods (GitHub REST, "Best practices", follow redirects). Throws `upstream_unavailable` where the network fails,
 * `upstream_malformed` for a redirect that leads out, `too_large`; after an abort, the signal's own reason.
 */
export async function exchange(transport: Transport, request: Exchange, maxBytes: number): Promise<Received> {
  const { answers } = transport;
  let asked = request;
  for (let hop = 0; ; hop++) {
    // An answer that GitHub confirms with 304 costs no quota (GitHub REST, "Best practices", conditional requests).
    const key = answers?.keyOf(asked);
    const kept = key === undefined ? undefined : answers?.find(key, maxBytes);
    const conditional = kept && { ...asked, headers: { ...asked.headers, 'if-none-match': kept.etag } };
    const response = await send(transport, conditional ?? asked);
    if (kept !== undefined && response.status === 304) {
      await response.body?.cancel();
      return revived(kept, response.headers);
    }
    const location = redirectOf(response, asked.method);
    if (location === null) {
      const { status, headers } = response;
      const received = { status, headers, body: await readAll(transport, response, maxBytes) };
      if (key !== undefined) answers?.keep(key, received);
      return received;
    }
    await response.body?.cancel();
    const next = URL.canParse(location, asked.url) ? new URL(location, asked.url) : undefined;
    if (hop === MAX_REDIRECTS || next === undefined || !isInside(transport.api, next)) {
      throw new AppError('upstream_malformed', 'GitHub redirected to a place that this server does not follow.', {
        details: { upstream_status: response.status },
      });
    }
    asked = { ...asked, url: next.href };
  }
}

/** Where an answer to a request of that method says to ask instead; null where it says so of nothing, or not of this. */
export function redirectOf({ status, headers }: Response, method: string): string | null {
  const reads = method === 'GET' || method === 'HEAD';
  const follows = status === 307 || status === 308 || (reads && (status === 301 || status === 302));
  return follows ? headers.get('location') : null;
}

/**
 * One request, as it is: the only place from which anything leaves. Out: its answer, unread. Throws what `check` does,
 * `upstream_unavailable`, or after an abort the signal's reason.
 */
export async function send(transport: Transport, request: Exchange): Promise<Response> {
  const { fetch, signal, check, watch } = transport;
  signal.throwIfAborted();
  if (check !== undefined) await check(request);
  const work = async () => {
    try {
      return await fetch(request.url, {
        method: request.method,
        headers: request.headers,
        ...(request.body !== undefined && { body: request.body }),
        redirect: 'manual',
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(error);
    }
  };
  return await (watch === undefined ? work() : watch(request, work));
}

/** The whole body: at most `maxBytes` of content, and of a refusal at most 64 KiB or nothing. Throws like `chunksOf`. */
export async function readAll(
  transport: Transport,
  response: Response,
  maxBytes = MAX_REFUSAL,
): Promise<Uint8Array<ArrayBuffer>> {
  const refused = response.status >= 300;
  const most = refused ? MAX_REFUSAL : maxBytes;
  const announced = Number(response.headers.get('content-length') ?? 0);
  // What is announced and not compressed comes whole in one read, which is the cheapest.
  if (announced > 0 && announced <= most && !response.headers.has('content-encoding')) {
    const whole = await readWhole(transport, response);
    if (whole.byteLength <= most) return whole;
    if (refused) return new Uint8Array();
    throw tooLarge(maxBytes, response.status);
  }
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of chunksOf(transport, response, most)) chunks.push(chunk);
  } catch (error) {
    if (refused && error instanceof AppError && error.code === 'too_large') return new Uint8Array();
    throw error;
  }
  return join(chunks);
}

async function readWhole({ signal }: Transport, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(error);
  }
}

/**
 * The body of an answer, piece by piece as it arrives. Throws `too_large` above `maxBytes`, `upstream_unavailable` where
 * the network fails, after an abort the signal's own reason. The rest is cancelled when the caller stops early.
 */
export async function* chunksOf(
  { signal }: Pick<Transport, 'signal'>,
  response: Response,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const cancel = () => void reader.cancel(signal.reason).catch(() => undefined);
  // Ends a pending read also where the stream itself does not know the signal.
  signal.addEventListener('abort', cancel, { once: true });
  let size = 0;
  try {
    if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes, response.status);
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes, response.status);
      yield value;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof AppError ? error : unreachable(error);
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}

function unreachable(cause: unknown): AppError {
  return new AppError('upstream_unavailable', 'GitHub could not be reached.', { cause });
}

function tooLarge(maxBytes: number, status: number): AppError {
  return new AppError('too_large', `GitHub's answer has more than ${maxBytes} bytes, which is the most read at once.`, {
    details: { limit_bytes: maxBytes, upstream_status: status },
  });
}
