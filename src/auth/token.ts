/**
 * The token endpoint (RFC 6749 section 3.2), which is also where tokens are revoked (RFC 7009). A request about a grant
 * is answered inside the Gate of the grant's owner, one at a time per grant; what names no grant of ours is answered
 * where it arrives, and creates nothing.
 */
import { openUserId } from '../core/ids.ts';
import type { TokenContext } from './context.ts';
import { recordEvents } from './context.ts';
import type { Scheme } from './dpop/credentials.ts';
import type { ReplayMemory } from './dpop/replay.ts';
import { replayKey } from './dpop/replay.ts';
import type { GrantProps } from './server.ts';
import { authorizationServer } from './server.ts';
import type { TokenAnswer, TokenRequest, Turnstile } from './store/once.ts';
import { presentedIn, rememberedAnswer, sealedAnswer } from './store/once.ts';
import { renewalsIn } from './store/renewals.ts';
import type { SealedAnswer, Vault } from './store/vault.ts';
import { RevokedGrant } from './store/vault.ts';
import { asDpop, invalidGrant, refusedProof, tooManyRefusals } from './token/answers.ts';
import { assertListed, bindingOf, propsOf, renewed } from './token/issue.ts';
import type { NamedGrant } from './token/rows.ts';
import { denied, eventOf, personBehind, refuseRetired } from './token/rows.ts';
import type { Renewals } from './upstream.ts';
import { accessTokenTtl } from './upstream.ts';

/** In: the body of a token request. Out: the grant it is about, where only this gate can have named it. */
export function grantNamedIn(body: string, { tenant, secretKeys }: TokenContext['config']): NamedGrant | undefined {
  const [sealedUser = '', grantId, secret] = presentedIn(body).split(':');
  const userId = openUserId(sealedUser, tenant, secretKeys);
  if (userId === undefined || grantId === undefined || secret === undefined) return undefined;
  return /^[\w-]{1,64}$/.test(grantId) ? { sealedUser, userId, grantId } : undefined;
}

/** Answers a request that names no grant of ours: a client that is wrong, a code that was made up. */
export async function answerElsewhere(
  request: TokenRequest,
  context: TokenContext,
  ctx: ExecutionContext,
): Promise<TokenAnswer> {
  return await ask(request, context, ctx, {});
}

/** What a Gate lends to the answering of token requests. */
export interface GateKeeping {
  readonly vault: Vault;
  readonly turnstile: Turnstile;
  readonly replay: ReplayMemory;
  /** Stores what a request changed, its rows so far, and the answer to keep for it: all or nothing. Throws RevokedGrant. */
  readonly store: (answer: SealedAnswer | undefined) => Promise<void>;
  /** Counts a refusal of a request about a grant that gets a row. Out: seconds to wait, where it is one too many. */
  readonly countRefusal: (grantId: string) => number | undefined;
}

/** Answers a request about a grant, inside its owner's Gate. */
export async function answerInGate(
  request: TokenRequest,
  context: TokenContext,
  { vault, turnstile, replay, store, countRefusal }: GateKeeping,
  ctx: ExecutionContext,
): Promise<TokenAnswer> {
  const grant = grantNamedIn(request.body, context.config);
  if (grant === undefined) throw new Error('a token request was sent to a gate that it does not name');
  return await turnstile.pass(grant.grantId, async () => {
    // Before an answer is given again: a copied request brings a copied proof, a client that retries makes a new one.
    if (request.proof !== undefined && !replay.firstUse(replayKey(request.proof), context.now, request.requestId)) {
      return refusedProof('replayed');
    }
    const remembered = await rememberedAnswer(vault, request);
    if (remembered !== undefined && !vault.isRevoked(grant.grantId)) return remembered;
    const retired = await refuseRetired(request, grant, context, vault);
    if (retired !== undefined) {
      await store(undefined);
      return retired;
    }
    let refusedFor: string | undefined;
    const answer = await ask(request, context, ctx, {
      renewals: renewalsIn(vault, `token:${grant.userId}:${grant.grantId}:`),
      onRefusal: (reason) => {
        refusedFor = reason;
      },
    });
    const grantType = new URLSearchParams(request.body).get('grant_type');
    try {
      await store(answer.status === 200 && grantType !== null ? await sealedAnswer(request, answer) : undefined);
    } catch (error) {
      if (!(error instanceof RevokedGrant)) throw error;
      // Revoked while a token was made of it: neither the token nor the row that it was issued is stored.
      const person = await personBehind(grant, context, vault);
      const event = denied(grant, grantType ?? 'revocation', 'The grant was revoked while a token was asked for.');
      await recordEvents(context, person.user, person.client, [event]);
      return invalidGrant('The grant was revoked.');
    }
    // A grant that never was is nothing to write down: anyone can make one up.
    const made = refusedFor === 'grant_not_found' && !vault.isRevoked(grant.grantId);
    const event = made ? undefined : eventOf(request, grant, answer, refusedFor);
    if (event === undefined) return answer;
    const wait = event.status === 'denied' ? countRefusal(grant.grantId) : undefined;
    if (wait !== undefined) return tooManyRefusals(wait);
    const person = await personBehind(grant, context, vault);
    await recordEvents(context, person.user, person.client, [event]);
    return answer;
  });
}

interface Asking {
  readonly renewals?: Renewals;
  readonly onRefusal?: (reason: string) => void;
}

/** Lets the provider answer. Every token that is issued has its row before it leaves. */
async function ask(
  request: TokenRequest,
  context: TokenContext,
  ctx: ExecutionContext,
  asking: Asking,
): Promise<TokenAnswer> {
  const issued: { type: Scheme } = { type: 'Bearer' };
  const server = authorizationServer(context.config, {
    onToken: async ({ grantType, grantId, userId, clientId, props: given, requestedScope }) => {
      const before = given as GrantProps;
      const bound = bindingOf(request, before, grantType === 'authorization_code', context);
      issued.type = bound.tokenType;
      const { user, clientName } = before;
      const issue = { grantType, grantId, userId, clientId };
      if (asking.renewals === undefined) throw new Error('a token is issued inside the gate of its owner only');
      const props = await renewed(before, issue, context, asking.renewals);
      if (grantType === 'refresh_token') await assertListed(props, issue, context);
      await recordEvents(context, user, { id: clientId, name: clientName }, [
        { method: 'auth/token', status: 'success', grantId, facts: { grant_type: grantType, scope: requestedScope } },
      ]);
      return { ...propsOf(props, bound, props !== before), accessTokenTTL: accessTokenTtl(props, context.now) };
    },
    ...(asking.onRefusal !== undefined && { onRefusal: asking.onRefusal }),
  });
  const headers = request.headers.map(([name, value]) => [name, value] as [string, string]);
  const response = await server.fetch(
    new Request(request.url, { method: 'POST', headers, body: request.body }),
    context.provider,
    ctx,
  );
  const answer = { status: response.status, headers: [...response.headers], body: await response.text() };
  return issued.type === 'DPoP' && response.ok ? asDpop(answer) : answer;
}
