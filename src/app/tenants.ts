/**
 * Whose part of the gate a request is for. Routes are written once, as those of `default`: the part of a path that names
 * a tenant is left out before a route is looked for, and the tenant's settings are in `c.var.config`.
 */
import type { MiddlewareHandler } from 'hono';
import type { Config } from '../config.ts';
import { DEFAULT_TENANT, tenantIn } from '../core/tenant.ts';
import { pathOf } from '../core/url.ts';
import type { EdgeVariables } from '../edge/index.ts';
import type { NoTenant } from '../tenants/lookup.ts';
import { configFor } from '../tenants/lookup.ts';
import type { Saying } from './say.ts';
import { say } from './say.ts';

export interface TenantVariables {
  /** The settings of the tenant that the path names. */
  readonly config: Config;
}

/** Of the deployment as a whole: under a tenant's path there is no such thing. */
const DEPLOYMENT_WIDE = /^\/(?:healthz|metrics|sealing-key|audit\/.*)$/;

/**
 * In: a request. Out: its path as a route has it. `/t/acme/token` is `/token`; so is a well-known document with the
 * tenant behind its name (RFC 8414 section 3.1, RFC 9728 section 3.1), or, where a client appends instead, before it.
 */
export function pathInTenant(request: Request): string {
  // Asked before the edge has seen the host.
  const pathname = pathOf(request.url);
  const tenant = tenantIn(pathname);
  if (tenant === DEFAULT_TENANT) return pathname;
  const path = pathname.replace(`/t/${tenant}`, '') || '/';
  return DEPLOYMENT_WIDE.test(path) ? pathname : path;
}

/** Finds the tenant, or says why nothing is served: what stands behind this is asked for a tenant that is. */
export function ofTenant(): MiddlewareHandler<{ Bindings: Env; Variables: EdgeVariables & TenantVariables }> {
  return async function findTenant(c, next) {
    const tenant = tenantIn(pathOf(c.req.url));
    const found = await configFor(c.env, tenant, (work) => c.executionCtx.waitUntil(work));
    if (!found.ok) return say(c, sayingFor(found.error));
    c.get('log').facts.tenant_id = tenant;
    c.set('config', found.value);
    await next();
  };
}

function sayingFor(reason: NoTenant): Saying {
  switch (reason.kind) {
    case 'unknown':
      return {
        status: 404,
        code: 'unknown_tenant',
        title: 'Not found',
        message: 'There is no such tenant here. Check the address that you were given.',
      };
    case 'disabled':
      return {
        status: 403,
        code: 'tenant_disabled',
        title: 'This server is switched off',
        message: 'The administrator switched this server off: nobody can sign in or call. Ask the administrator.',
      };
    case 'not_set_up': {
      const problems = reason.problems.map(({ variable, rule }) => `${variable} ${rule}`).join('; ');
      return {
        status: 503,
        code: 'not_set_up',
        title: 'This server is not set up',
        message: `This server answers nothing until its settings are mended: ${problems}. Tell the administrator.`,
      };
    }
    case 'unavailable':
      return {
        status: 503,
        code: 'temporarily_unavailable',
        title: 'Try again shortly',
        message: 'The settings of this server cannot be read at the moment. Try again shortly.',
        retryAfter: 10,
      };
  }
}
