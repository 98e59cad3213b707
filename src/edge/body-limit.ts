/**
 * No body larger than its endpoint needs is ever held or parsed. What a request says about its length can end it early,
 * but only what arrives is believed.
 */
import type { MiddlewareHandler } from 'hono';
import type { Result } from '../core/result.ts';
import { err, ok } from '../core/result.ts';
import type { Refusal, Target } from './refusal.ts';
import { refuse, speaksJsonRpc } from './refusal.ts';

/** Bytes. An MCP message may carry a file's content. */
export const MAX_MCP_BODY = 1024 * 1024;
/** Bytes. Forms, token requests and client registrations are small. */
export const MAX_OTHER_BODY = 64 * 1024;

/** In: where a request goes. Out: the most bytes its body may have. */
export function bodyLimitOf(target: Target): number {
  return speaksJsonRpc(target) ? MAX_MCP_BODY : MAX_OTHER_BODY;
}

/**
 * Bytes that are still read, and thrown away, after a body turned out too large: a client that is answered while it
 * sends sees a broken connection instead of the answer.
 */
export const MAX_DRAIN = 16 * 1024 * 1024;

/**
 * Reads a body once, to its end or to the limit.
 * In: a request whose body was not read yet, the most bytes it may have. Out: its bytes, none where there is no body.
 * Errors: `too_large` (nothing of it is kept), `unreadable_body` when the sender broke off.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Result<Uint8Array<ArrayBuffer>, Refusal>> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  // No more comes than was announced (RFC 9112 section 6.3), and to read it in one go is the cheapest.
  if (announced > 0 && announced <= maxBytes) return await readAnnounced(request, maxBytes);
  if (request.body === null) return ok(new Uint8Array(0));
  const reader = request.body.getReader();
  if (announced > maxBytes) {
    await discard(reader, announced > MAX_DRAIN ? 0 : MAX_DRAIN);
    return err(tooLarge(maxBytes));
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.byteLength;
      if (length > maxBytes) {
        await discard(reader, MAX_DRAIN);
        return err(tooLarge(maxBytes));
      }
      chunks.push(part.value);
    }
  } catch {
    return err(UNREADABLE);
  }
  return ok(joined(chunks, length));
}

async function readAnnounced(request: Request, maxBytes: number): Promise<Result<Uint8Array<ArrayBuffer>, Refusal>> {
  try {
    const body = new Uint8Array(await request.arrayBuffer());
    return body.byteLength > maxBytes ? err(tooLarge(maxBytes)) : ok(body);
  } catch {
    return err(UNREADABLE);
  }
}

/** Reads on to the end or for about `bytes`, keeps nothing, and lets go of what is left. Never throws. */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array>, bytes: number): Promise<void> {
  try {
    for (let left = bytes; left > 0; ) {
      const part = await reader.read();
      if (part.done) return;
      left -= part.value.byteLength;
    }
    await reader.cancel();
  } catch {
    // The sender broke off: nobody is left to answer.
  }
}

/** What the edge puts on the Hono context where a request came with a body. */
export interface BodyVariables {
  readonly body?: Uint8Array<ArrayBuffer>;
}

/**
 * Reads the body of every request within its endpoint's limit and puts the bytes into `c.var.body`: to read them out of a
 * request once more costs a turn of the event loop. Where there is no MCP, the request is handed on with the bytes in it,
 * so that whoever comes next may read it as text or a form without a limit of their own.
 */
export function bodyLimit(limitOf: (target: Target) => number = bodyLimitOf): MiddlewareHandler {
  return async function bodyLimitCheck(c, next) {
    const request = c.req.raw;
    if (request.body === null) return await next();
    const target = { method: c.req.method, path: c.req.path };
    const body = await readBody(request, limitOf(target));
    if (!body.ok) return refuse(target, body.error);
    c.set('body', body.value);
    // Whoever serves MCP takes the bytes, and another request would be made for nothing.
    if (speaksJsonRpc(target)) return await next();
    // HTTP lets them come with a body that means nothing (RFC 9110 section 9.3.1); a Request may have none.
    const bodiless = request.method === 'GET' || request.method === 'HEAD';
    // From its parts: to copy a whole request costs three times as much, most of it for `cf`, which nobody here reads.
    const { url, method, headers, redirect, signal } = request;
    c.req.raw = new Request(url, { method, headers, redirect, signal, body: bodiless ? null : body.value });
    await next();
  };
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

function tooLarge(maxBytes: number): Refusal {
  return {
    status: 413,
    code: 'too_large',
    message: `The body of this request is larger than ${maxBytes} bytes.`,
    hint: 'Send less in one request.',
  };
}

const UNREADABLE: Refusal = {
  status: 400,
  code: 'unreadable_body',
  message: 'The body of this request broke off before its end.',
  hint: 'Send the request again.',
};
