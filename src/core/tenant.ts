/** Tenants by name, and where their parts of the gate are. Pure. */

/** The tenant that is always there: issuer at the origin, resource at `/mcp`, settings from the Worker's variables. */
export const DEFAULT_TENANT = 'default';

/** Also a part of paths, of cookie names and of the names of Durable Objects: nothing in it needs escaping anywhere. */
const NAME = /^[a-z](?:[a-z\d-]{0,30}[a-z\d])?$/;
/** What may stand in a path where a tenant's name would be, and is looked up; anything else is nobody's. */
const PLACE = /^\/t\/([^/]+)(?=\/|$)/;

/** Whether a text can name a tenant: 1 to 32 of a-z, 0-9 and hyphens, a letter first and no hyphen last. */
export function isTenantName(text: string): boolean {
  return NAME.test(text);
}

/** In: a tenant. Out: the path under which its part of the gate is, without a trailing slash. */
export function baseOf(tenant: string): string {
  return tenant === DEFAULT_TENANT ? '' : `/t/${tenant}`;
}

/** In: the path of a URL. Out: the tenant it names, whether there is one or not; `default` where it names none. */
export function tenantIn(path: string): string {
  if (!path.includes('/t/')) return DEFAULT_TENANT;
  const wellKnown = /^\/\.well-known\/[^/]+(?=\/t\/)/.exec(path)?.[0] ?? '';
  return PLACE.exec(path.slice(wellKnown.length))?.[1] ?? DEFAULT_TENANT;
}
