/** What happens before a token is issued: whose it is still holds, upstream and on the list, and which key it is bound to. */
import type { TokenExchangeCallbackOptions, TokenExchangeCallbackResult } from '@cloudflare/workers-oauth-provider';
import { OAuthError } from '@cloudflare/workers-oauth-provider';
import { ok } from '../../core/result.ts';
import type { TokenContext } from '../context.ts';
import { recordEvents } from '../context.ts';
import type { Binding } from '../dpop/binding.ts';
import { decideToken } from '../dpop/binding.ts';
import { standing } from '../github-sign-in.ts';
import type { GrantProps } from '../server.ts';
import type { TokenRequest } from '../store/once.ts';
import type { Renewals } from '../upstream.ts';
import { isOfThisGitHub, renewUpstream } from '../upstream.ts';
import { denied } from './rows.ts';

const NOT_LISTED = 'This account may not use this server any more. Ask its administrator.';

const REVOKED_UPSTREAM =
  'GitHub ended the sign-in behind this connection: it was revoked there, or ran out. Sign in again.';

const ELSEWHERE = 'This sign-in was made at another GitHub than the one this server uses now. Sign in again.';

export type Issue = Pick<TokenExchangeCallbackOptions, 'grantType' | 'grantId' | 'userId' | 'clientId'>;

/** The props with an upstream token that lasts. Throws an OAuthError; `invalid_grant` makes the provider revoke the grant. */
export async function renewed(
  props: GrantProps,
  issue: Issue,
  context: TokenContext,
  renewals: Renewals,
): Promise<GrantProps> {
  if (!isOfThisGitHub(props, context.config)) throw new OAuthError('invalid_grant', { description: ELSEWHERE });
  const renewal = await renewUpstream(props, context.config, context.now, renewals);
  if (renewal.kind === 'kept') return props;
  if (renewal.kind === 'renewed') return renewal.props;
  const { grantType, grantId, clientId } = issue;
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
export async function assertListed(props: GrantProps, issue: Issue, context: TokenContext): Promise<void> {
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

/** What the token of a request is bound to. Throws an OAuthError, which leaves code and grant as they were. */
export function bindingOf(
  request: TokenRequest,
  props: GrantProps,
  isCode: boolean,
  { config }: TokenContext,
): Binding {
  const decided = decideToken({
    proof: request.proof === undefined ? undefined : ok(request.proof),
    publicClient: props.publicClient === true,
    alwaysBound: props.alwaysBound === true,
    codeJkt: isCode ? props.codeJkt : undefined,
    grantJkt: props.grantJkt,
    policy: config.dpop,
  });
  if (decided.ok) return decided.value;
  throw new OAuthError(decided.error.error, { description: decided.error.description });
}

/** The props of grant and token once the binding is decided: written only where something changes. */
export function propsOf(
  props: GrantProps,
  { tokenJkt, grantJkt }: Binding,
  isRenewed: boolean,
): TokenExchangeCallbackResult {
  const { cnf: _, grantJkt: __, codeJkt: ___, ...rest } = props;
  const grant: GrantProps = { ...rest, ...(grantJkt !== undefined && { grantJkt }) };
  const accessTokenProps: GrantProps = { ...grant, ...(tokenJkt !== undefined && { cnf: { jkt: tokenJkt } }) };
  const changed = isRenewed || props.grantJkt !== grantJkt || props.codeJkt !== undefined;
  return { ...(changed && { newProps: grant }), ...(tokenJkt !== undefined || changed ? { accessTokenProps } : {}) };
}
