/** Signing in with GitHub: the OAuth web flow, who the person is, and whether they may come in. */
import * as z from 'zod';
import type { Config } from '../config.ts';
import { AppError } from '../core/errors.ts';

/** Milliseconds for each request to GitHub during a sign-in. */
const TIMEOUT_MS = 10_000;
const USER_AGENT = 'gatehouse';
/** OAuth App scopes: GitHub has no read-only one for repositories. A GitHub App ignores them. */
const UPSTREAM_SCOPES = 'repo read:org';

export interface GitHubUser {
  readonly id: number;
  readonly login: string;
}

/**
 * Where to send the browser. `codeChallenge` is S256 of the verifier kept for the exchange (RFC 7636); `state` is bound
 * to the browser by the caller (RFC 6749 section 10.12).
 */
export function githubAuthorizeUrl(
  config: Config,
  state: string,
  codeChallenge: string,
  scopes: string = UPSTREAM_SCOPES,
): string {
  const url = new URL(`${config.github.url}/login/oauth/authorize`);
  url.searchParams.set('client_id', config.github.clientId);
  url.searchParams.set('redirect_uri', `${config.publicUrl}/callback`);
  url.searchParams.set('scope', scopes);
  url.searchParams.set('state', state);
  url.searchParams.set('code_challenge', codeChallenge);
  url.searchParams.set('code_challenge_method', 'S256');
  return url.href;
}

const tokenAnswer = z.object({ access_token: z.string().min(1) });
const userAnswer = z.object({ id: z.number().int().positive(), login: z.string().min(1).max(100) });
const membershipAnswer = z.object({ state: z.string() });

/** Redeems GitHub's code. Throws `upstream_unauthorized` or `upstream_unavailable`. */
export async function exchangeGithubCode(config: Config, code: string, verifier: string): Promise<string> {
  const answer = await ask(`${config.github.url}/login/oauth/access_token`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      client_id: config.github.clientId,
      client_secret: config.github.clientSecret,
      code,
      redirect_uri: `${config.publicUrl}/callback`,
      code_verifier: verifier,
    }),
  });
  const parsed = tokenAnswer.safeParse(answer);
  if (parsed.success) return parsed.data.access_token;
  throw new AppError('upstream_unauthorized', 'GitHub did not accept the sign-in code.', {
    hint: 'Start the sign-in again. If it keeps failing, the client id or secret of this server is wrong.',
  });
}

/** Who the token belongs to. */
export async function fetchGithubUser(config: Config, token: string): Promise<GitHubUser> {
  const parsed = userAnswer.safeParse(await api(config, token, '/user'));
  if (parsed.success) return parsed.data;
  throw new AppError('upstream_malformed', 'GitHub did not say who signed in.');
}

/**
 * Whether the person is on the list: by login, or as an active member of an organisation. Closed by default: with
 * empty lists nobody is. A membership that cannot be checked does not count.
 */
export async function maySignIn(config: Config, token: string, user: GitHubUser): Promise<boolean> {
  if (config.allowed.users.includes(user.login.toLowerCase())) return true;
  for (const org of config.allowed.orgs) {
    const answer = await api(config, token, `/user/memberships/orgs/${encodeURIComponent(org)}`).catch(() => undefined);
    const membership = membershipAnswer.safeParse(answer);
    if (membership.success && membership.data.state === 'active') return true;
  }
  return false;
}

async function api(config: Config, token: string, path: string): Promise<unknown> {
  return await ask(`${config.github.apiUrl}${path}`, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
  });
}

/** A JSON answer of GitHub, or a failure that says no more than its status. Redirects are refused: they carry secrets. */
async function ask(url: string, init: RequestInit): Promise<unknown> {
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
    );
  }
  try {
    return await response.json();
  } catch (cause) {
    throw new AppError('upstream_malformed', 'GitHub answered the sign-in with something that is not JSON.', { cause });
  }
}
