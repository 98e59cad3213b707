/**
 * The token endpoint (RFC 6749 section 3.2), which is also where tokens are revoked (RFC 7009). A request about a grant
 * is answered inside the Gate of the grant's owner, one at a time per grant; what names no grant of ours is answered
 * where it arrives, and creates nothing.
 */
import { createHash } from 'node:crypto';
import type { TokenExchangeCallbackOptions, TokenExchangeCallbackResult } from '@cloudflare/workers-oauth-provider';
import { OAuthError } from '@cloudflare/workers-oauth-provider';
import { openUserId } from '../core/ids.ts';
import { ok } from '../core/result.ts';
import type { TokenContext } from './context.ts';
import { recordEvents } from './context.ts';
import type { Binding } from './dpop/binding.ts';
import { decideToken } from './dpop/binding.ts';
import type { Scheme } from './dpop/credentials.ts';
import type { RefusalReason } from './dpop/refusal.ts';
import { refusalFor } from './dpop/refusal.ts';
import type { ReplayMemory } from './dpop/replay.ts';
import { replayKey } from './dpop/replay.ts';
import type { AuthEvent } from './events.ts';
import { standing } from './github-sign-in.ts';
import type { GrantMetadata, GrantProps } from './server.ts';
import { authorizationServer } from './server.ts';
import type { TokenAnswer, TokenRequest, Turnstile } from './store/once.ts';
import { ANSWER_MS, presentedIn, rememberAnswer, rememberedAnswer } from './store/once.ts';
import type { Vault } from './store/vault.ts';
import { RevokedGrant } from './store/vault.ts';
import { accessTokenTtl, renewUpstream } from './upstream.ts';

/** A grant of this gate, as a code or token names it: `user:grant:secret`. */
interface NamedGrant {
  /** As the provider knows the user: with the seal. */
  readonly sealedUser: string;
  readonly userId: string;
  readonly grantId: string;
}

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
  /** Counts a refusal of a request about a grant that gets a row. Out: seconds to wait, where it is one too many. */
  readonly countRefusal: (grantId: string) => number | undefined;
}

/** Answers a request about a grant, inside its owner's Gate. */
export async function answerInGate(
  request: TokenRequest,
  context: TokenContext,
  { vault, turnstile, replay, countRefusal }: GateKeeping,
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
    if (remembered !== undefined) return remembered;
    const retired = await refuseRetired(request, grant, context, vault);
    if (retired !== undefined) return retired;
    let refusedFor: string | undefined;
    const answer = await ask(request, context, ctx, {
      grant,
      onRefusal: (reason) => {
        refusedFor = reason;
      },
    });
    const isGrant = new URLSearchParams(request.body).has('grant_type');
    if (answer.status === 200 && isGrant) await rememberAnswer(vault, request, answer);
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
  readonly grant?: NamedGrant;
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
      const props = await renewed(before, issue, context);
      if (grantType === 'refresh_token') await assertListed(props, issue, context);
      await recordEvents(context, user, { id: clientId, name: clientName }, [
        { method: 'auth/token', status: 'success', grantId, facts: { grant_type: grantType, scope: requestedScope } },
      ]);
      return { ...propsOf(props, bound, props !== before), accessTokenTTL: accessTokenTtl(props, context.now) };
    },
    ...(asking.onRefusal !== undefined && { onRefusal: asking.onRefusal }),
  });
  try {
    const headers = request.headers.map(([name, value]) => [name, value] as [string, string]);
    const response = await server.fetch(
      new Request(request.url, { method: 'POST', headers, body: request.body }),
      context.provider,
      ctx,
    );
    const answer = { status: response.status, headers: [...response.headers], body: await response.text() };
    return issued.type === 'DPoP' && response.ok ? asDpop(answer) : answer;
  } catch (error) {
    // The grant was revoked while it was being refreshed: what was made of it is worthless already.
    if (error instanceof RevokedGrant) return invalidGrant('The grant was revoked.');
    throw error;
  }
}

const NOT_LISTED = 'This account may not use this server any more. Ask its administrator.';

const REVOKED_UPSTREAM =
  'GitHub ended the sign-in behind this connection: it was revoked there, or ran out. Sign in again.';

type Issue = Pick<TokenExchangeCallbackOptions, 'grantType' | 'grantId' | 'userId' | 'clientId'>;

/**
 * The props with an upstream token that lasts. What GitHub replaced is worthless from then on, so access tokens that
 * carry it end here: a client that still holds one is told so, and refreshes. Throws an OAuthError; `invalid_grant` makes
 * the provider revoke the grant.
 */
async function renewed(props: GrantProps, issue: Issue, context: TokenContext): Promise<GrantProps> {
  const renewal = await renewUpstream(props, context.config, context.now);
  if (renewal.kind === 'kept') return props;
  const { grantType, grantId, userId, clientId } = issue;
  if (renewal.kind === 'renewed') {
    await endAccessTokens(`token:${userId}:${grantId}:`, context);
    return renewal.props;
  }
  await recordEvents(context, props.user, { id: clientId, name: props.clientName }, [
    denied({ grantId }, grantType, REVOKED_UPSTREAM),
    { method: 'auth/revoke', status: 'success', grantId, facts: { reason: 'upstream_revoked' } },
  ]);
  throw new OAuthError('invalid_grant', { description: REVOKED_UPSTREAM });
}

/**
 * Whoever was taken off the list loses access when the token ends. Throws an OAuthError: `invalid_grant`, which makes the
 * provider revoke the grant, or `temporarily_unavailable` where GitHub cannot say, which leaves it as it was.
 */
async function assertListed(props: GrantProps, issue: Issue, context: TokenContext): Promise<void> {
  const is = await standing(context.config, props.upstreamToken, props.user);
  if (is === 'listed') return;
  if (is === 'unknown') {
    throw new OAuthError('temporarily_unavailable', {
      description: 'GitHub could not be asked about memberships. Try again shortly with the same refresh token.',
      statusCode: 503,
      headers: { 'retry-after': '30' },
    });
  }
  const { grantType, grantId, clientId } = issue;
  await recordEvents(context, props.user, { id: clientId, name: props.clientName }, [
    denied({ grantId }, grantType, NOT_LISTED),
    { method: 'auth/revoke', status: 'success', grantId, facts: { reason: 'not_listed' } },
  ]);
  throw new OAuthError('invalid_grant', { description: NOT_LISTED });
}

async function endAccessTokens(prefix: string, { provider }: TokenContext): Promise<void> {
  const { keys } = await provider.OAUTH_KV.list({ prefix });
  for (const { name } of keys) await provider.OAUTH_KV.delete(name);
}

/** What the token of a request is bound to. Throws an OAuthError, which leaves code and grant as they were. */
function bindingOf(request: TokenRequest, props: GrantProps, isCode: boolean, { config }: TokenContext): Binding {
  const decided = decideToken({
    proof: request.proof === undefined ? undefined : ok(request.proof),
    publicClient: props.publicClient === true,
    alwaysBound: false,
    codeJkt: isCode ? props.codeJkt : undefined,
    grantJkt: props.grantJkt,
    policy: config.dpop,
  });
  if (decided.ok) return decided.value;
  throw new OAuthError(decided.error.error, { description: decided.error.description });
}

/** The props of grant and token once the binding is decided: written only where something changes. */
function propsOf(props: GrantProps, { tokenJkt, grantJkt }: Binding, isRenewed: boolean): TokenExchangeCallbackResult {
  const { cnf: _, grantJkt: __, codeJkt: ___, ...rest } = props;
  const grant: GrantProps = { ...rest, ...(grantJkt !== undefined && { grantJkt }) };
  const accessTokenProps: GrantProps = { ...grant, ...(tokenJkt !== undefined && { cnf: { jkt: tokenJkt } }) };
  const changed = isRenewed || props.grantJkt !== grantJkt || props.codeJkt !== undefined;
  return { ...(changed && { newProps: grant }), ...(tokenJkt !== undefined || changed ? { accessTokenProps } : {}) };
}

/** RFC 9449 section 5: the type says that the token is bound. */
function asDpop(answer: TokenAnswer): TokenAnswer {
  const body = { ...(JSON.parse(answer.body) as object), token_type: 'DPoP' };
  return {
    ...answer,
    headers: answer.headers.filter(([name]) => name !== 'content-length'),
    body: JSON.stringify(body),
  };
}

function refusedProof(reason: RefusalReason): TokenAnswer {
  const { error, description } = refusalFor(reason);
  return { ...invalidGrant(description), body: JSON.stringify({ error, error_description: description }) };
}

/**
 * A refresh token that was replaced and comes back later was stolen, here or there: its family ends (RFC 9700 section
 * 4.14.2). Right after it was replaced it may be a client that sent two different requests: refused, and no more.
 */
async function refuseRetired(
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
function eventOf(
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

function denied({ grantId }: Pick<NamedGrant, 'grantId'>, grantType: string, errorMessage: string): AuthEvent {
  const facts = { grant_type: grantType };
  return { method: 'auth/token', status: 'denied', grantId, facts, errorCode: 'invalid_grant', errorMessage };
}

/** Names for a row: those of the grant in question, also where it is gone. Nothing of them comes from the request. */
async function personBehind(grant: NamedGrant, context: TokenContext, vault: Vault) {
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

/** The answer to refusals without end: they would fill the log. */
function tooManyRefusals(seconds: number): TokenAnswer {
  const error_description = `Too many requests about this grant were refused. Try again in ${seconds} seconds.`;
  return {
    status: 429,
    headers: [...invalidGrant('').headers, ['retry-after', String(seconds)]],
    body: JSON.stringify({ error: 'temporarily_unavailable', error_description }),
  };
}

function invalidGrant(description: string): TokenAnswer {
  return {
    status: 400,
    headers: [
      ['content-type', 'application/json'],
      ['cache-control', 'no-store'],
    ],
    body: JSON.stringify({ error: 'invalid_grant', error_description: description }),
  };
}
