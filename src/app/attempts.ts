/** Limits what anybody can begin: it stands in front of the routes that begin a sign-in or register a client. */
import type { MiddlewareHandler } from 'hono';
import type { AttemptKind } from '../auth/attempts.ts';
import { refusedFor } from '../auth/attempts.ts';
import type { EdgeVariables } from '../edge/index.ts';
import { say } from './say.ts';
import type { TenantVariables } from './tenants.ts';

const WHAT: Readonly<Record<AttemptKind, string>> = {
  sign_in: 'sign-ins may be begun',
  register: 'clients may be registered',
};

/** Lets an attempt go on while its address has begun fewer than the limit; otherwise 429 with the time to wait. */
export function limitAttempts(
  kind: AttemptKind,
): MiddlewareHandler<{ Bindings: Env; Variables: EdgeVariables & TenantVariables }> {
  return async function countAttempt(c, next) {
    const { config, log } = c.var;
    const seconds = await refusedFor(kind, c.req.header('cf-connecting-ip') ?? null, c.env, config);
    if (seconds === undefined) return await next();
    log.facts.error_code = 'rate_limited';
    const { count, seconds: span } = config.limits.signIn;
    const rule = `From one address, ${count} ${WHAT[kind]} in ${span} seconds.`;
    const wait = `Try again in ${seconds} seconds.`;
    return say(c, {
      status: 429,
      code: 'temporarily_unavailable',
      title: 'Too many attempts',
      message: `${rule} ${wait}`,
      lines: [rule, `Others may share your address. ${wait}`],
      retryAfter: seconds,
    });
  };
}
