/**
 * What every answer gets, whoever made it, errors included: the security headers, and the name of its request, which its
 * log line has too, so that a person can quote what an operator can find.
 */
import type { MiddlewareHandler } from 'hono';
import type { Randomness } from '../core/ids.ts';
import type { RequestLog, WriteLine } from '../core/log.ts';
import { logLine } from '../core/log.ts';
import { isJsonAnswer, ownResponse } from '../core/own-response.ts';
import { pathOf } from '../core/url.ts';
import type { BodyVariables } from './body-limit.ts';
import type { HeaderOptions } from './headers.ts';
import { addSecurityHeaders } from './headers.ts';

/** What the edge puts on the Hono context: `c.var.requestId`, `c.var.log`. */
export interface EdgeVariables extends BodyVariables {
  readonly requestId: string;
  readonly log: RequestLog;
}

export interface AnswerOptions extends HeaderOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomness: Randomness;
  readonly write: WriteLine;
}

/** RFC 4648 section 6, in lower case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 16;

/** Out: `req_` and 16 base32 characters (80 random bits). Never taken from the request: a caller could forge log lines. */
export function newRequestId(randomness: Randomness): string {
  let id = 'req_';
  for (const byte of randomness(new Uint8Array(LENGTH))) id += BASE32[byte % 32];
  return id;
}

/**
 * Names the request, completes the headers of its answer, `X-Request-Id` among them, and writes its log line. Belongs
 * outermost. Bodies are passed on as they are, streams as streams.
 */
export function answering(options: AnswerOptions): MiddlewareHandler<{ Variables: EdgeVariables }> {
  const { now, randomness, write } = options;
  return async function nameRequest(c, next) {
    const id = newRequestId(randomness);
    const log: RequestLog = {
      requestId: id,
      method: c.req.method,
      path: pathOf(c.req.url),
      startedAt: now(),
      facts: {},
    };
    c.set('requestId', id);
    c.set('log', log);
    await next();
    const answer = ownResponse(c.res);
    addSecurityHeaders(answer.headers, options, isJsonAnswer(answer));
    answer.headers.set('x-request-id', id);
    c.res = undefined;
    c.res = answer;
    write(logLine(log, answer.status, now()));
  };
}
