/**
 * Nonces of this server (RFC 9449 sections 8 and 9), kept nowhere: a nonce is a time slot and its HMAC, so that it can
 * be recognised but not foretold (section 11.2). Many clients share one; what is once-only about a proof is its `jti`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** A key of the Worker by its id. */
export interface NonceKey {
  /** 1 to 32 characters of base64url. */
  readonly id: string;
  /** At least 32 bytes. */
  readonly secret: string;
}

/** Seconds a nonce is the current one; it is accepted for as long again. */
export const NONCE_SLOT = 300;

/** Nonces that are remembered: three slots of each key are in use. */
const MAX_KNOWN = 32;

/** `key.slot.mac`: characters RFC 9449 section 8.1 allows. */
const FORM = /^([A-Za-z0-9_-]{1,32})\.([0-9a-z]{1,10})\.[A-Za-z0-9_-]{43}$/;

export interface Nonces {
  /** The nonce of now, for a DPoP-Nonce header. Milliseconds since the epoch. */
  issue(now: number): string;
  /** Whether a nonce is of this slot or the one before, under the current key or a predecessor. */
  knows(nonce: string, now: number): boolean;
  /**
   * Section 8.2: what the answer to an accepted proof should bring, or undefined where the client has the current
   * nonce already. Said on success, it saves the client the round trip of a refusal.
   */
  next(used: string | undefined, now: number): string | undefined;
}

/**
 * In: the keys, the current one first, then those before it; the audience, which is the issuer, so that nonces of one
 * tenant are no good at another. The token endpoint and the resource share it: they are one server on one origin, and
 * clients keep one nonce per origin.
 */
export function nonces(keys: readonly [NonceKey, ...NonceKey[]], audience: string): Nonces {
  const derived = new Map(keys.map(({ id, secret }) => [id, derive(secret)]));
  const current = keys[0].id;

  /** By key and slot: every request asks for the same few. */
  const known = new Map<string, string>();
  const nonceOf = (id: string, slot: number): string => {
    const name = `${id}.${slot.toString(36)}`;
    const made = known.get(name);
    if (made !== undefined) return made;
    const key = derived.get(id) as Buffer;
    const mac = createHmac('sha256', key).update(`${audience}\0${slot}`).digest('base64url');
    const nonce = `${name}.${mac}`;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(name, nonce);
    return nonce;
  };
  const issue = (now: number) => nonceOf(current, slotAt(now));
  return {
    issue,
    knows(nonce, now) {
      const [, id = '', text = ''] = FORM.exec(nonce) ?? [];
      const slot = Number.parseInt(text, 36);
      // One ahead as well: the machine that issued it may have a clock that is a little faster.
      if (!derived.has(id) || !(Math.abs(slotAt(now) - slot) <= 1)) return false;
      return equal(nonce, nonceOf(id, slot));
    },
    next(used, now) {
      const fresh = issue(now);
      return used === fresh ? undefined : fresh;
    },
  };
}

/** A key for nonces alone: what is learnt of it says nothing about the Worker's key or its other uses. */
function derive(secret: string): Buffer {
  return createHmac('sha256', secret).update('gatehouse dpop nonce').digest();
}

function slotAt(now: number): number {
  return Math.floor(now / (NONCE_SLOT * 1000));
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
