/** Who may see the whole log of a tenant. Pure. */
import type { Config } from '../config.ts';
import { AUDIT_READ, SCOPES } from './scopes.ts';

/**
 * In: the settings as they are now, the login as GitHub named it. Out: whether they make this person an administrator.
 * Ask at each request: whoever is taken off a list is none from then on. Being named an administrator lets nobody in who
 * may not sign in; whether a member of an organisation still is one, the sign-in has checked.
 */
export function isAdmin({ admins, allowed }: Pick<Config, 'admins' | 'allowed'>, login: string): boolean {
  const name = login.toLowerCase();
  return admins.includes(name) && (allowed.users.includes(name) || allowed.orgs.length > 0);
}

/** In: scopes that were asked for or granted. Out: those that this person may have as things are now. */
export function scopesFor(
  config: Pick<Config, 'admins' | 'allowed'>,
  login: string,
  scopes: readonly string[],
): string[] {
  return scopes.filter((scope) => scope !== AUDIT_READ || isAdmin(config, login));
}

/** What can be granted to somebody of a tenant: where nobody is an administrator, nobody is shown what is theirs. */
export function scopesOffered({ admins }: Pick<Config, 'admins'>): typeof SCOPES {
  return SCOPES.filter(({ name }) => name !== AUDIT_READ || admins.length > 0);
}
