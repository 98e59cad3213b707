/** GitHub's token endpoint: codes and refresh tokens for user access tokens (GitHub Apps, "Refreshing user access tokens"). */
import * as z from 'zod';
import type { Config } from '../config.ts';
import { AppError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';

/** Milliseconds for each request to GitHub during a sign-in. */
const TIMEOUT_MS = 10_000;
const USER_AGENT = 'gatehouse';

/** A person's token for GitHub. Those of OAuth Apps, and of GitHub Apps that opted out, do not expire. */
export interface UpstreamToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** Good once: GitHub replaces it together with the token. */
  readonly refreshToken?: string;
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().optional(),
  refresh_token: z.string().min(1).optional(),
});

/** Redeems GitHub's code. Throws `upstream_unauthorized` or `upstream_unavailable`. */
export async function exchangeGithubCode(config: Config, code: string, verifier: string): Promise<UpstreamToken> {
  const parsed = tokenIn(
    await askForToken(config, { code, redirect_uri: `${config.issuer}/callback`, code_verifier: verifier }),
  );
  if (parsed !== undefined) return parsed;
  throw new AppError('upstream_unauthorized', 'GitHub did not accept the sign-in code.', {
    hint: 'Start the sign-in again. If it keeps failing, the client id or secret of this server is wrong.',
  });
}

/**
 * Redeems a refresh token. Out: the next token, or `revoked` where GitHub says that the refresh token is no good. Throws
 * `upstream_unavailable` for everything else, a wrong client secret included: that ends nobody's sign-in.
 */
export async function refreshGithubToken(config: Config, refreshToken: string): Promise<UpstreamToken | 'revoked'> {
  const answer = await askForToken(config, { grant_type: 'refresh_token', refresh_token: refreshToken });
  const parsed = tokenIn(answer);
  if (parsed !== undefined) return parsed;
  if (isObject(answer) && answer.error === 'bad_refresh_token') return 'revoked';
  throw new AppError('upstream_unavailable', 'GitHub did not renew the sign-in.');
}

async function askForToken(config: Config, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  return await askGithub(`${config.github.url}/login/oauth/access_token`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      client_id: config.github.clientId,
      client_secret: config.github.clientSecret,
      ...parameters,
    }),
  });
}

function tokenIn(answer: unknown): UpstreamToken | undefined {
  const parsed = tokenAnswer.safeParse(answer);
  if (!parsed.success) return undefined;
  const { access_token: token, expires_in: seconds, refresh_token: refreshToken } = parsed.data;
  return {
    token,
    ...(seconds !== undefined && { expiresAt: Date.now() + seconds * 1000 }),
    ...(refreshToken !== undefined && { refreshToken }),
  };
}

/** A JSON answer of GitHub, or a failure that says no more than its status. Redirects are refused: they carry secrets. */
export async function askGithub(url: string, init: RequestInit): Promise<unknown> {
  const headers = new Headers(init.headers);
  headers.set('user-agent', USER_AGENT);
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new AppError('upstream_unavailable', 'GitHub could not be reached for the sign-in.', { cause });
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new AppError(
      response.status >= 500 ? 'upstream_unavailable' : 'upstream_unauthorized',
      `GitHub answered the sign-in with status ${response.status}.`,
      { details: { status: response.status } },
    );
  }
  try {
    return await response.json();
  } catch (cause) {
    throw new AppError('upstream_malformed', 'GitHub answered the sign-in with something that is not JSON.', { cause });
  }
}
