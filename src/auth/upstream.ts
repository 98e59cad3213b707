/**
 * The life of the upstream token behind a grant. It is renewed inside the person's Gate, when a token of the grant is
 * issued: one at a time per grant, so that GitHub's refresh token, which is good once, is used once.
 */
import { OAuthError } from '@cloudflare/workers-oauth-provider';
import type { Config } from '../config.ts';
import { AppError } from '../core/errors.ts';
import { refreshGithubToken, type UpstreamToken } from './github-token.ts';
import { ACCESS_TOKEN_TTL, type GrantProps } from './server.ts';

/** Milliseconds before its end from which a token is renewed: twice as long as an access token of ours lives. */
export const RENEW_BEFORE_MS = 30 * 60 * 1000;
/** Seconds: the least an access token may live in the provider. An upstream token with less left is of no use. */
const LEAST_TTL = 60;
/** Seconds after which a client may ask again when GitHub failed. */
const RETRY_AFTER = 30;

/** Renewals that a grant may not have got yet, each by the tokens that it replaced. */
export interface Renewals {
  get(replaced: UpstreamToken): Promise<UpstreamToken | undefined>;
  /**
   * Keeps a renewal, and ends the access tokens of the grant: they carry what GitHub does not accept any more, and a client
   * that still holds one is told so, and refreshes.
   */
  put(replaced: UpstreamToken, next: UpstreamToken): Promise<void>;
}

export type Renewal =
  /** As it was: it does not expire, not yet, or GitHub could not be asked and it is good for a while. */
  | { readonly kind: 'kept' }
  | { readonly kind: 'renewed'; readonly props: GrantProps }
  /** GitHub has ended it: nothing but a new sign-in brings it back. */
  | { readonly kind: 'revoked' };

/**
 * Whether the upstream token of a grant may be sent to the GitHub that the settings name. A tenant's settings are rows of
 * a database: whoever can write them must not be able to have tokens sent to a host of theirs.
 */
export function isOfThisGitHub({ upstreamApi }: GrantProps, { github }: Config): boolean {
  return upstreamApi === undefined || upstreamApi === github.apiUrl;
}

/** What a grant keeps of an upstream token. */
export function upstreamProps({ token, expiresAt, refreshToken }: UpstreamToken) {
  return {
    upstreamToken: token,
    ...(expiresAt !== undefined && { upstreamExpiresAt: expiresAt }),
    ...(refreshToken !== undefined && { upstreamRefreshToken: refreshToken }),
  };
}

/**
 * Makes sure that the upstream token of a grant lasts. `now` in milliseconds since the epoch. Throws an OAuthError
 * `temporarily_unavailable` (503) where GitHub cannot be asked and the token has run out; the grant stays as it was.
 */
export async function renewUpstream(
  props: GrantProps,
  config: Config,
  now: number,
  renewals: Renewals,
): Promise<Renewal> {
  const { upstreamExpiresAt: expiresAt, upstreamRefreshToken: refreshToken } = props;
  if (expiresAt === undefined || expiresAt - now >= RENEW_BEFORE_MS) return { kind: 'kept' };
  const lasts = expiresAt - now >= LEAST_TTL * 1000;
  if (refreshToken === undefined) return { kind: lasts ? 'kept' : 'revoked' };
  const replaced = { token: props.upstreamToken, refreshToken };
  const kept = await renewals.get(replaced);
  if (kept !== undefined && kept.token !== replaced.token) {
    // It may have grown old meanwhile.
    const later = withUpstream(props, kept);
    const again = await renewUpstream(later, config, now, renewals);
    return again.kind === 'kept' ? { kind: 'renewed', props: later } : again;
  }
  let next: UpstreamToken | 'revoked';
  try {
    next = await refreshGithubToken(config, refreshToken);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (lasts) return { kind: 'kept' };
    throw new OAuthError('temporarily_unavailable', {
      description: 'GitHub could not be asked to renew the sign-in. Try again shortly with the same refresh token.',
      statusCode: 503,
      headers: { 'retry-after': String(RETRY_AFTER) },
    });
  }
  if (next === 'revoked') return { kind: 'revoked' };
  await renewals.put(replaced, next);
  return { kind: 'renewed', props: withUpstream(props, next) };
}

function withUpstream(props: GrantProps, next: UpstreamToken): GrantProps {
  const { upstreamToken: _, upstreamExpiresAt: __, upstreamRefreshToken: ___, ...rest } = props;
  return { ...rest, ...upstreamProps(next) };
}

/** Seconds that an access token may live: not longer than the upstream token behind it, and at least a minute. */
export function accessTokenTtl({ upstreamExpiresAt }: GrantProps, now: number): number {
  if (upstreamExpiresAt === undefined) return ACCESS_TOKEN_TTL;
  return Math.max(LEAST_TTL, Math.min(ACCESS_TOKEN_TTL, Math.floor((upstreamExpiresAt - now) / 1000)));
}
