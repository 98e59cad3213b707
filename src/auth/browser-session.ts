/**
 * Who is signed in at the gate's own pages, kept in a cookie and nowhere else. Pure; the clock is passed in. The cookie
 * holds nothing secret: it is signed, so that nobody can make or change one.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Config } from '../config.ts';
import { derivedKey, macOf, sameText } from '../core/derived-key.ts';
import type { User } from '../core/principal.ts';
import { cookieName } from './cookies.ts';

export const sessionCookie = ({ tenant }: Keying) => cookieName('__Host-gatehouse', tenant);
/** Seconds a person stays signed in, whatever they do. */
export const SESSION_SECONDS = 8 * 60 * 60;
/** A machine whose clock is a little ahead may have issued it. */
const CLOCK_SKEW = 60;

/** Whose gate it is and its keys. */
export type Keying = Pick<Config, 'tenant' | 'secretKeys'>;

export interface BrowserSession {
  readonly user: User;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** What each form of this session has to carry: see `isOwnForm`. */
  readonly formToken: string;
}

const payloadShape = z.strictObject({
  /** Makes every session another one, also of the same person in the same second. */
  nonce: z.string().length(22),
  id: z.string().regex(/^gh_\d+$/),
  login: z.string().min(1).max(100),
  /** Seconds since the epoch. */
  issued: z.int(),
  expires: z.int(),
});

/** In: who signed in, milliseconds since the epoch. Out: the cookie's value. */
export function sealBrowserSession(
  user: User,
  keying: Keying,
  now: number,
  nonce: string = randomBytes(16).toString('base64url'),
): string {
  const issued = Math.floor(now / 1000);
  const payload = { nonce, id: user.id, login: user.login, issued, expires: issued + SESSION_SECONDS };
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url');
  return `${text}.${signature(text, keying.tenant, keying.secretKeys[0].secret)}`;
}

/**
 * In: a cookie's value, or anything. Out: the session; undefined where it was made up or changed, is of another key or
 * tenant, is over, or claims to live longer than any session does.
 */
export function openBrowserSession(
  sealed: string | undefined,
  keying: Keying,
  now: number,
): BrowserSession | undefined {
  const [text, given, ...rest] = sealed?.split('.') ?? [];
  if (sealed === undefined || text === undefined || given === undefined || rest.length > 0) return undefined;
  const key = keying.secretKeys.find(({ secret }) => sameText(given, signature(text, keying.tenant, secret)));
  if (key === undefined) return undefined;
  const payload = payloadShape.safeParse(parsed(text));
  if (!payload.success) return undefined;
  const { id, login, issued, expires } = payload.data;
  const seconds = now / 1000;
  if (issued > seconds + CLOCK_SKEW || expires <= seconds || expires - issued > SESSION_SECONDS) return undefined;
  return { user: { id, login }, expiresAt: expires * 1000, formToken: formTokenOf(sealed, key.secret) };
}

/** Whether a form came from a page of this session: another site can send one, but does not know its token. */
export function isOwnForm(form: FormData, session: BrowserSession): boolean {
  const given = form.get('form_token');
  return typeof given === 'string' && sameText(given, session.formToken);
}

function signature(text: string, tenant: string, secret: string): string {
  return macOf(derivedKey(secret, 'browser session'), tenant, text);
}

function formTokenOf(sealed: string, secret: string): string {
  return macOf(derivedKey(secret, 'form token'), sealed);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
