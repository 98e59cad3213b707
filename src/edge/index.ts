/** The edge: what every request passes before a part of the gate sees it. */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from './body-limit.ts';
import { securityHeaders } from './headers.ts';
import type { Reach } from './host.ts';
import { hostAndOrigin } from './host.ts';
import type { EdgeVariables, RequestIdOptions } from './request-id.ts';
import { requestId } from './request-id.ts';

export { bodyLimit, bodyLimitOf, MAX_MCP_BODY, MAX_OTHER_BODY, readBody } from './body-limit.ts';
export { addSecurityHeaders, BASE_CSP, mergeCsp, securityHeaders } from './headers.ts';
export type { Arrival, Known, Reach } from './host.ts';
export { checkArrival, hostAndOrigin, isPublicRead, knownHosts } from './host.ts';
export type { EdgeCode, Refusal, Target } from './refusal.ts';
export { refuse, speaksJsonRpc } from './refusal.ts';
export type { EdgeVariables, RequestIdOptions } from './request-id.ts';
export { newRequestId, requestId } from './request-id.ts';

export interface EdgeOptions extends RequestIdOptions {
  /** Undefined while the gate lacks its settings: then no host is known, and every answer is the setup page. */
  readonly reach: Reach | undefined;
}

/** All of it in its order: `app.use(...edge({ reach, now, randomness, write }))`. */
export function edge({ reach, ...options }: EdgeOptions): MiddlewareHandler<{ Variables: EdgeVariables }>[] {
  const always = [requestId(options), securityHeaders({ publicUrl: reach?.publicUrl })];
  return reach === undefined ? always : [...always, hostAndOrigin(reach), bodyLimit()];
}
