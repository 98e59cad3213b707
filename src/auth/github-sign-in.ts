/** Signing in with GitHub: the OAuth web flow, who the person is, and whether they may come in. */
import * as z from 'zod';
import type { Config } from '../config.ts';
import { AppError } from '../core/errors.ts';
import { askGithub } from './github-token.ts';

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
  url.searchParams.set('redirect_uri', `${config.issuer}/callback`);
  url.searchParams.set('scope', scopes);
  url.searchParams.set('state', state);
  url.searchParams.set('code_challenge', codeChallenge);
  url.searchParams.set('code_challenge_method', 'S256');
  return url.href;
}

const userAnswer = z.object({ id: z.number().int().positive(), login: z.string().min(1).max(100) });
const membershipAnswer = z.object({ state: z.string() });

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
export async function maySignIn(config: Config, token: string, user: Pick<GitHubUser, 'login'>): Promise<boolean> {
  return (await standing(config, token, user)) === 'listed';
}

/** Like `maySignIn`, for one who is signed in: whom GitHub would not tell about is not taken for one who left. */
export async function standing(
  config: Config,
  token: string,
  user: Pick<GitHubUser, 'login'>,
): Promise<'listed' | 'not_listed' | 'unknown'> {
  if (config.allowed.users.includes(user.login.toLowerCase())) return 'listed';
  let unknown = false;
  for (const org of config.allowed.orgs) {
    try {
      const answer = await api(config, token, `/user/memberships/orgs/${encodeURIComponent(org)}`);
      if (membershipAnswer.parse(answer).state === 'active') return 'listed';
    } catch (error) {
      unknown ||= !(error instanceof AppError && error.details?.status === 404);
    }
  }
  return unknown ? 'unknown' : 'not_listed';
}

async function api(config: Config, token: string, path: string): Promise<unknown> {
  return await askGithub(`${config.github.apiUrl}${path}`, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
  });
}
