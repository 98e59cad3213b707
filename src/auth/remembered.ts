/**
 * Approvals that a browser remembers for 30 days, so that an application it approved is not asked about again. Kept in
 * the provider's signed cookie, per client, redirect URI and resource. A remembered approval renews what is connected
 * and never more: where the person has no such connection any more, has limited it, or is somebody else, they are asked.
 */
import type { AuthRequest, ConsentDescription, GrantSummary, OAuthHelpers } from '@cloudflare/workers-oauth-provider';
import type { Config } from '../config.ts';
import { derivedKey } from '../core/derived-key.ts';
import { DEFAULT_TENANT } from '../core/tenant.ts';
import { allows, SCOPE_NAMES, SCOPES } from '../policy/scopes.ts';
import type { GrantMetadata } from './server.ts';

const PURPOSE = 'remembered approvals';

/** How the provider signs approvals; its own default is 30 days. */
export function remembering({ tenant, secretKeys: [current] }: Config): { readonly secret: string } {
  return { secret: keyFor(tenant, current.secret) };
}

function keyFor(tenant: string, secret: string): string {
  return derivedKey(secret, tenant === DEFAULT_TENANT ? PURPOSE : `${PURPOSE}\0${tenant}`);
}

/** Whether an approval was remembered, with the current key or one before it. */
async function isRemembered(
  oauth: OAuthHelpers,
  request: Request,
  asked: AuthRequest,
  config: Config,
): Promise<boolean> {
  for (const { secret } of config.secretKeys) {
    if (await oauth.isConsentRemembered(request, asked, { secret: keyFor(config.tenant, secret) })) return true;
  }
  return false;
}

/**
 * In: an authorization request, and the known scopes it asks for. Out: the scopes that were approved for this client in
 * this browser, if they hold all of those and may be given without asking; else undefined.
 */
export async function rememberedScopes(
  oauth: OAuthHelpers,
  request: Request,
  asked: AuthRequest,
  requested: readonly string[],
  config: Config,
): Promise<string[] | undefined> {
  // OpenID Connect Core section 3.1.2.1: the client itself wants the person asked.
  if (new URL(request.url).searchParams.get('prompt')?.split(' ').includes('consent') === true) return undefined;
  const covers = (scope: string[]) => isRemembered(oauth, request, { ...asked, scope }, config);
  if (!(await covers([...requested]))) return undefined;
  const covered = await Promise.all(SCOPE_NAMES.map((scope) => covers([scope])));
  const approved = SCOPE_NAMES.filter((_, i) => covered[i] === true);
  return mayGoUnasked(await oauth.describeConsent(asked), approved) ? approved : undefined;
}

/**
 * Whether an approval may stand without asking. Any program on a computer can listen on its loopback addresses or take
 * over a private scheme, whatever the client's name and domain (RFC 8252 section 8.6): it gets nothing that changes
 * things unless the person sees it asking.
 */
export function mayGoUnasked(
  { redirectUri, redirectIsLoopback }: Pick<ConsentDescription, 'redirectUri' | 'redirectIsLoopback'>,
  scopes: readonly string[],
): boolean {
  const isLocal = redirectIsLoopback || !/^https?:/i.test(redirectUri);
  return !isLocal || !SCOPES.some(({ name, dangerous }) => dangerous && scopes.includes(name));
}

/**
 * In: the grants of who signed in, and a request that was let through unasked. Out: whether one of them is the very
 * connection that it renews.
 */
export function renews(grants: readonly GrantSummary[], asked: AuthRequest): boolean {
  return grants.some(
    ({ clientId, redirectUri, scope, metadata }) =>
      clientId === asked.clientId &&
      redirectUri === asked.redirectUri &&
      (metadata as Partial<GrantMetadata> | undefined)?.repositories === undefined &&
      asked.scope.every((wanted) => allows(scope, wanted)),
  );
}
