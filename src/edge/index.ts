/** The edge: what every request passes before a part of the gate sees it. */
import type { MiddlewareHandler } from 'hono';
import type { AnswerOptions, EdgeVariables } from './answering.ts';
import { answering } from './answering.ts';
import { bodyLimit } from './body-limit.ts';
import type { Reach } from './host.ts';
import { hostAndOrigin } from './host.ts';

export type { AnswerOptions, EdgeVariables } from './answering.ts';
export { answering, newRequestId } from './answering.ts';
export { bodyLimit, bodyLimitOf, MAX_MCP_BODY, MAX_OTHER_BODY, readBody } from './body-limit.ts';
export { addSecurityHeaders, mergeCsp } from './headers.ts';
export type { Arrival, Known, Reach } from './host.ts';
export { checkArrival, hostAndOrigin, isPublicRead, knownHosts } from './host.ts';
export type { EdgeCode, Refusal, Target } from './refusal.ts';
export { refuse, speaksJsonRpc } from './refusal.ts';

export interface EdgeOptions extends Omit<AnswerOptions, 'publicUrl'> {
  /** Undefined while the gate lacks its settings: then no host is known, and every answer is the setup page. */
  readonly reach: Reach | undefined;
}

/** All of it in its order: `app.use(...edge({ reach, now, randomness, write }))`. */
export function edge({ reach, ...options }: EdgeOptions): MiddlewareHandler<{ Variables: EdgeVariables }>[] {
  const always = answering({ ...options, publicUrl: reach?.publicUrl });
  return reach === undefined ? [always] : [always, hostAndOrigin(reach), bodyLimit()];
}
