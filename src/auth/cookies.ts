/**
 * The gate's own cookies. Pure. All have the `__Host-` prefix (RFC 6265bis section 4.1.3.2): only this very host can
 * set them, so no neighbour under the same domain can plant one.
 */
import { DEFAULT_TENANT } from '../core/tenant.ts';

/** Cookies of all tenants come to one host: each has names of its own. */
export function cookieName(name: string, tenant: string): string {
  return tenant === DEFAULT_TENANT ? name : `${name}-t-${tenant}`;
}

/** In: a `Cookie` header or null, a name. Out: the first cookie of that name. */
export function cookieIn(header: string | null, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * A `Set-Cookie` line. `SameSite=Lax`, because the way back from GitHub is a navigation from another site.
 * In: a value of cookie characters, how long to keep it. 0 seconds takes it away.
 */
export function hostCookie(name: string, value: string, seconds: number): string {
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${seconds}`;
}
