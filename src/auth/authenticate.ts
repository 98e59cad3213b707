/** From a verified token to a principal. */
import type { Config } from '../config.ts';
import { Digests } from '../core/digests.ts';
import type { Principal } from '../core/principal.ts';
import { scopesFor } from '../policy/admins.ts';
import { knownScopes } from '../policy/scopes.ts';
import type { VerifiedToken } from './server.ts';

const digests = new Digests('hex');

/**
 * In: the tenant's settings as they are now, and what the resource server verified. Out: the principal, without what was
 * granted to an administrator who is none any more. Throws where a fact is missing that every token of this gate has:
 * such a token must not be served.
 */
export function principalOf(config: Config, { props, auth }: VerifiedToken): Principal {
  const [, grantId] = auth.token.split(':');
  const { repositories } = props;
  if (grantId === undefined || auth.clientId === undefined || auth.expiresAt === undefined) {
    throw new Error('a verified token lacks its grant, client or expiry');
  }
  // Not read as "no limit": a limit that got lost on the way must not open everything.
  if (repositories === undefined) throw new Error('a verified token does not say what it is limited to');
  return {
    tenant: config.tenant,
    user: props.user,
    client: { id: auth.clientId, name: props.clientName },
    ...(props.cnf !== undefined && { jkt: props.cnf.jkt }),
    scopes: scopesFor(config, props.user.login, knownScopes(auth.scope)),
    repositories,
    grantId,
    tokenId: digests.of(auth.token),
    expiresAt: auth.expiresAt,
  };
}
