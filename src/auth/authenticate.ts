/** From a verified token to a principal. */
import { createHash } from 'node:crypto';
import type { Principal } from '../core/principal.ts';
import { knownScopes } from '../policy/scopes.ts';
import type { VerifiedToken } from './server.ts';

/**
 * In: whose gate it is, and what the resource server verified. Out: the principal. Throws where a fact is missing that every token of this
 * gate has: such a token must not be served.
 */
export function principalOf(tenant: string, { props, auth }: VerifiedToken): Principal {
  const [, grantId] = auth.token.split(':');
  const { repositories } = props;
  if (grantId === undefined || auth.clientId === undefined || auth.expiresAt === undefined) {
    throw new Error('a verified token lacks its grant, client or expiry');
  }
  // Not read as "no limit": a limit that got lost on the way must not open everything.
  if (repositories === undefined) throw new Error('a verified token does not say what it is limited to');
  return {
    tenant,
    user: props.user,
    client: { id: auth.clientId, name: props.clientName },
    ...(props.cnf !== undefined && { jkt: props.cnf.jkt }),
    scopes: knownScopes(auth.scope),
    repositories,
    grantId,
    tokenId: createHash('sha256').update(auth.token).digest('hex'),
    expiresAt: auth.expiresAt,
  };
}
