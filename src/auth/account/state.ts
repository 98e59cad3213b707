/**
 * The `state` of a sign-in for the gate's own pages (RFC 6749 section 10.12). Pure; clock and randomness are passed in.
 * GitHub knows one callback URL, so the state says which sign-in comes back. Nothing is kept meanwhile: the browser
 * holds a signed cookie for each state, and the PKCE verifier (RFC 7636) follows from the state and the gate's key.
 */
import { createHash } from 'node:crypto';
import { derivedKey, macOf, sameText } from '../../core/derived-key.ts';
import type { Randomness } from '../../core/ids.ts';
import type { Keying } from '../browser-session.ts';
import { cookieName } from '../cookies.ts';

/** Seconds a person may take at GitHub. */
export const STATE_SECONDS = 600;

/** States of clients' sign-ins, which the OAuth provider makes, have no dot. */
const FORM = /^account\.[\w-]{43}$/;

export interface PageState {
  readonly state: string;
  /** RFC 7636 code_challenge, S256. */
  readonly challenge: string;
  readonly cookie: { readonly name: string; readonly value: string };
}

/** Whether a callback belongs to a sign-in for pages. */
export function isPageState(state: string | null): state is string {
  return state !== null && FORM.test(state);
}

/** In: milliseconds since the epoch. Out: what goes to GitHub and what stays in the browser. */
export function newPageState(keying: Keying, now: number, randomness: Randomness): PageState {
  const state = `account.${Buffer.from(randomness(new Uint8Array(32))).toString('base64url')}`;
  const expires = String(Math.floor(now / 1000) + STATE_SECONDS);
  return {
    state,
    challenge: createHash('sha256').update(verifierOf(state, keying.secretKeys[0].secret)).digest('base64url'),
    cookie: {
      name: stateCookie(state, keying.tenant),
      value: `${expires}.${signature(state, expires, keying.tenant, keying.secretKeys[0].secret)}`,
    },
  };
}

/** Its cookie has a name of its own, so that two tabs do not take each other's. */
export function stateCookie(state: string, tenant: string): string {
  return `${cookieName('__Host-gatehouse-sign-in', tenant)}-${digest(state).slice(0, 16)}`;
}

/** Names a state without being it, to remember that it was used. */
export function stateName(state: string): string {
  return `page-sign-in:${digest(state)}`;
}

/** In: a state as it came back, the value of its cookie. Out: the PKCE verifier, or undefined for another browser's or an old one. */
export function verifierFor(
  state: string,
  cookie: string | undefined,
  keying: Keying,
  now: number,
): string | undefined {
  const [, expires = '', given = ''] = /^(\d{1,12})\.([\w-]{43})$/.exec(cookie ?? '') ?? [];
  const { tenant, secretKeys } = keying;
  const key = secretKeys.find(({ secret }) => sameText(given, signature(state, expires, tenant, secret)));
  return key === undefined || Number(expires) * 1000 <= now ? undefined : verifierOf(state, key.secret);
}

function verifierOf(state: string, secret: string): string {
  return macOf(derivedKey(secret, 'page sign-in verifier'), state);
}

function signature(state: string, expires: string, tenant: string, secret: string): string {
  return macOf(derivedKey(secret, 'page sign-in state'), tenant, state, expires);
}

function digest(state: string): string {
  return createHash('sha256').update(state).digest('hex');
}
