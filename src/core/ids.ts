/** Names for things. Clock and randomness are passed in. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Fills an array with random bytes: `crypto.getRandomValues` in production. */
export type Randomness = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

export const systemRandomness: Randomness = (bytes) => crypto.getRandomValues(bytes);

/**
 * A ULID: 48 bits of time and 80 random bits, so that ids sort by the time they were made.
 * In: milliseconds since the epoch, randomness. Out: 26 characters of Crockford base32.
 */
export function ulid(now: number, randomness: Randomness = systemRandomness): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = CROCKFORD[rest % 32] + time;
  let random = '';
  for (const byte of randomness(new Uint8Array(16))) random += CROCKFORD[byte % 32];
  return time + random;
}

/** What tells one user's part of the store from a made-up one: see `sealUserId`. */
const TAG_LENGTH = 22;

/** The current key first, then those that only open. */
export type Keys = readonly [{ readonly secret: string }, ...{ readonly secret: string }[]];

/**
 * In: a user id of this gate (`gh_583231`), its tenant, the gate's keys.
 * Out: the id with a tag that only this gate can make: `gh_583231.<22 base64url characters>`. The OAuth provider puts
 * it in front of every code and token, so garbage is refused before a store is asked or a Durable Object is named.
 */
export function sealUserId(userId: string, tenant: string, [current]: Keys): string {
  return `${userId}.${tagOf(userId, tenant, current.secret)}`;
}

/** In: what `sealUserId` made, or anything. Out: the user id, or undefined where the tag is not this gate's. */
export function openUserId(sealed: string, tenant: string, keys: Keys): string | undefined {
  const dot = sealed.length - TAG_LENGTH - 1;
  if (dot < 1 || sealed[dot] !== '.') return undefined;
  const userId = sealed.slice(0, dot);
  const given = Buffer.from(sealed.slice(dot + 1));
  const opens = keys.some(({ secret }) => {
    const expected = Buffer.from(tagOf(userId, tenant, secret));
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return opens ? userId : undefined;
}

function tagOf(userId: string, tenant: string, secretKey: string): string {
  const mac = createHmac('sha256', secretKey).update(`gatehouse user id\0${tenant}\0${userId}`).digest('base64url');
  return mac.slice(0, TAG_LENGTH);
}
