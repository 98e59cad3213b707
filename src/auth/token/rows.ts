/** Rows of the token endpoint: what was refused or revoked, and whose it was. */
import { createHash } from 'node:crypto';
import type { TokenContext } from '../context.ts';
import { recordEvents } from '../context.ts';
import type { AuthEvent } from '../events.ts';
import type { GrantMetadata } from '../server.ts';
import { authorizationServer } from '../server.ts';
import type { TokenAnswer, TokenRequest } from '../store/once.ts';
import { ANSWER_MS } from '../store/once.ts';
import type { Vault } from '../store/vault.ts';
import { invalidGrant } from './answers.ts';

/** A grant of this gate, as a code or token names it: `user:grant:secret`. */
export interface NamedGrant {
  /** As the provider knows the user: with the seal. */
  readonly sealedUser: string;
  readonly userId: string;
  readonly grantId: string;
}

/**
 * A refresh token that was replaced and comes back later was stolen, here or there: its family ends (RFC 9700 section
 * 4.14.2). Right after it was replaced it may be a client that sent two different requests: refused, and no more.
 */
export async function refuseRetired(
  request: TokenRequest,
  grant: NamedGrant,
  context: TokenContext,
  vault: Vault,
): Promise<TokenAnswer | undefined> {
  const token = new URLSearchParams(request.body).get('refresh_token');
  if (token === null) return undefined;
  const retiredAt = vault.retiredAt(createHash('sha256').update(token).digest('hex'));
  if (retiredAt === undefined || vault.isRevoked(grant.grantId)) return undefined;
  if (context.now - retiredAt < ANSWER_MS)
    return invalidGrant('The refresh token was just replaced by another request.');
  const person = await personBehind(grant, context, vault);
  await authorizationServer(context.config).getOAuthApi(context.provider).revokeGrant(grant.grantId, grant.sealedUser);
  await recordEvents(context, person.user, person.client, [
    denied(grant, 'refresh_token', 'A refresh token that had been replaced was used; its grant is revoked.'),
    { method: 'auth/revoke', status: 'success', grantId: grant.grantId, facts: { reason: 'refresh_token_replayed' } },
  ]);
  return invalidGrant('The refresh token was replaced before; the grant is revoked.');
}

/** Reasons of the provider that mean: this was a code or token of ours, and it is not good any more. */
const REPLAYS: Readonly<Record<string, string>> = {
  code_replayed: 'An authorization code was used a second time; its grant is revoked.',
  refresh_token_mismatch: 'A refresh token that its grant does not know was used.',
  grant_not_found: 'A code or refresh token of a grant that is gone was used.',
};

/** What the provider's callback does not see, and has a row: revocations, and codes or tokens that were good once. */
export function eventOf(
  request: TokenRequest,
  grant: NamedGrant,
  answer: TokenAnswer,
  refusedFor: string | undefined,
): AuthEvent | undefined {
  const grantType = new URLSearchParams(request.body).get('grant_type');
  const ok = answer.status === 200;
  if (grantType === null) {
    const facts = { reason: 'requested_by_client' };
    return ok ? { method: 'auth/revoke', status: 'success', grantId: grant.grantId, facts } : undefined;
  }
  const replay = refusedFor === undefined ? undefined : REPLAYS[refusedFor];
  return ok || replay === undefined ? undefined : denied(grant, grantType, replay);
}

/** In: the grant a token was asked for, how, and a sentence for the row. */
export function denied({ grantId }: Pick<NamedGrant, 'grantId'>, grantType: string, errorMessage: string): AuthEvent {
  const facts = { grant_type: grantType };
  return { method: 'auth/token', status: 'denied', grantId, facts, errorCode: 'invalid_grant', errorMessage };
}

/** Names for a row: those of the grant in question, also where it is gone. Nothing of them comes from the request. */
export async function personBehind(grant: NamedGrant, context: TokenContext, vault: Vault) {
  const oauth = authorizationServer(context.config).getOAuthApi(context.provider);
  const { items } = await oauth.listUserGrants(grant.sealedUser, { limit: 100 });
  const own = items.find((item) => item.id === grant.grantId);
  const { login, clientName } = (own?.metadata ?? vault.endedOwner(grant.grantId) ?? {}) as Partial<GrantMetadata>;
  return {
    user: { id: grant.userId, login: login ?? grant.userId },
    client: {
      id: own?.clientId ?? vault.endedOwner(grant.grantId)?.clientId ?? 'unknown',
      name: clientName ?? 'unknown',
    },
  };
}
