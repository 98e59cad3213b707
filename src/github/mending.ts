/** Refusals that a person can mend at GitHub: what stands in the way, and the page where it goes away. Pure. */
import { isObject, type JsonObject } from '../core/json.ts';

export interface Refused {
  readonly headers: Headers;
  /** The parsed body, or undefined where it was not JSON. */
  readonly body: unknown;
  /** Where people use this GitHub: links lead nowhere else. */
  readonly webUrl: string;
}

export interface Mending {
  readonly hint: string;
  readonly details: JsonObject;
}

/** Pages of GitHub's own, below its web URL: what a person has installed, and what they have authorized. */
const INSTALLATIONS = '/settings/installations';
const AUTHORIZED_APPS = '/settings/applications';

/**
 * In: an answer with status 403. Out: who has to do what, and where; undefined where GitHub names no such cause
 * (GitHub REST, "Troubleshooting the REST API"; "Authenticating to the REST API", SAML SSO).
 */
export function mendingOf(refused: Refused): Mending | undefined {
  const message = isObject(refused.body) && typeof refused.body.message === 'string' ? refused.body.message : '';
  const base = refused.webUrl.replace(/\/$/, '');
  const authorize = singleSignOn(refused);
  if (authorize !== undefined) {
    const hint = `The organization demands single sign-on. The person has to open ${authorize} and authorize, then call again.`;
    return mending('saml_sso', hint, authorize);
  }
  if (/SAML enforcement/i.test(message)) {
    const link = `${base}${AUTHORIZED_APPS}`;
    const hint = `The organization demands single sign-on. The person has to sign in to it at GitHub, then reconnect this server; ${link} shows what they have authorized.`;
    return mending('saml_sso', hint, link);
  }
  if (/OAuth App access restrictions/i.test(message)) {
    const link = `${base}${AUTHORIZED_APPS}`;
    const hint = `The organization has to approve this application first. The person can ask for that at ${link}, under this application; an owner of the organization approves it.`;
    return mending('oauth_app_restrictions', hint, link);
  }
  if (/not accessible by integration/i.test(message)) {
    const link = `${base}${INSTALLATIONS}`;
    const needed = permissionsIn(refused.headers);
    const which = needed === undefined ? 'the permission' : `one of these permissions: ${needed}`;
    const hint = `The GitHub App of this server is not installed for this repository, or lacks ${which}. The person, or an owner of the organization, can change that at ${link}.`;
    return mending('app_not_installed', hint, link);
  }
  return undefined;
}

function mending(cause: string, hint: string, link: string): Mending {
  return { hint, details: { cause, link } };
}

/** `X-GitHub-SSO: required; url=…`, where the link is plain and belongs to this GitHub. */
function singleSignOn({ headers, webUrl }: Refused): string | undefined {
  const given = /^required;\s*url=([\w.~:/?#@!$&()*+,;=%[\]-]{1,500})$/.exec(headers.get('x-github-sso') ?? '')?.[1];
  if (given === undefined || !URL.canParse(given)) return undefined;
  const [url, home] = [new URL(given), new URL(webUrl)];
  // The origin of a configured GitHub is https, or http on this machine.
  if (url.origin !== home.origin || url.username !== '' || url.password !== '') return undefined;
  return url.href;
}

/** `X-Accepted-GitHub-Permissions`, such as `issues=write; pull_requests=write`, where it is nothing else. */
function permissionsIn(headers: Headers): string | undefined {
  const value = headers.get('x-accepted-github-permissions') ?? '';
  return /^[a-z_]{1,60}=[a-z]{1,10}(?:[;,] ?[a-z_]{1,60}=[a-z]{1,10}){0,8}$/.test(value) ? value : undefined;
}
