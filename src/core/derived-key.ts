/** Keys for one use each, from the Worker's one key: what is learnt of one says nothing about the others. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** In: the gate's secret key, what the derived one is for. Out: 43 base64url characters, 32 bytes. */
export function derivedKey(secretKey: string, purpose: string): string {
  return createHmac('sha256', secretKey).update(`gatehouse key\0${purpose}`).digest('base64url');
}

/** HMAC-SHA256 over parts that cannot run into one another. Out: 43 base64url characters. */
export function macOf(key: string, ...parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
}

/** Whether a text is exactly the expected one, in a time that does not tell where they differ. */
export function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
