/** The client of the tests, the thief, and the ways to spoil a proof of theirs. */
import { createHmac } from 'node:crypto';
import { tokenHash } from '../../../src/auth/dpop/proof.ts';
import { answer, NONCE, NOW, ORIGIN, TOKEN } from './endpoints.ts';
import type { Json, ProofParts, Signer } from './make-proof.ts';
import { b64, proofBy, signer } from './make-proof.ts';

export const [own, thief, eddsa, rs256, ps256, short] = await Promise.all([
  signer('ES256'),
  signer('ES256'),
  signer('EdDSA'),
  signer('RS256'),
  signer('PS256'),
  signer('RS256', { modulusLength: 1024 }),
]);

let serial = 0;
export const claimsAt = (path: string): Json => ({
  jti: `id-${++serial}`,
  htm: 'POST',
  htu: `${ORIGIN}${path}`,
  iat: NOW,
  nonce: NONCE,
  ...(path === '/mcp' && { ath: tokenHash(TOKEN) }),
});
const jktOf = async (by: Signer) => {
  const { response } = await answer({ at: '/token', proof: await proofBy(by, claimsAt('/token')) });
  return ((await response.json()) as { jkt: string }).jkt;
};
export const [ownJkt, thiefJkt, eddsaJkt, rs256Jkt, ps256Jkt] = (await Promise.all(
  [own, thief, eddsa, rs256, ps256].map(jktOf),
)) as [string, string, string, string, string];

/** A proof for /mcp or /token by the client's own key, with changes. */
export const mcp = (parts: ProofParts = {}, by = own) => proofBy(by, claimsAt('/mcp'), parts);
export const token = (parts: ProofParts = {}, by = own) => proofBy(by, claimsAt('/token'), parts);
export const claims = (changes: Json) => mcp({ claims: changes });
export const header = (changes: Json) => mcp({ header: changes });
export const jwk = (changes: Json, by = own) => mcp({ header: { jwk: { ...by.jwk, ...changes } } }, by);
export const htu = (value: string) => claims({ htu: value });
/** A valid proof with one of its three parts changed after it was signed. */
export const spoiled = async (part: 0 | 1 | 2, change: (text: string) => string) => {
  const parts = (await mcp()).split('.');
  parts[part] = change(parts[part] as string);
  return parts.join('.');
};
/** A header and claims as they are, with any signature. */
export const raw = (head: Json, signature: string) =>
  `${b64(JSON.stringify(head))}.${b64(JSON.stringify(claimsAt('/mcp')))}.${signature}`;
export const full = (by: Signer): Json => ({ typ: 'dpop+jwt', alg: by.alg, jwk: by.jwk });

/** The last character of 64 bytes in base64url has four bits that mean nothing. */
export function otherTail(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) as string) + 1];
}

export async function notUtf8(): Promise<string> {
  const text = `${b64(JSON.stringify(full(own)))}.${b64(Buffer.from(JSON.stringify(claimsAt('/mcp')).replace('POST', 'PÖST'), 'latin1'))}`;
  return `${text}.${b64(await own.sign(text))}`;
}

export function hmac(): string {
  const text = raw({ ...full(own), alg: 'HS256' }, '').slice(0, -1);
  return `${text}.${createHmac('sha256', JSON.stringify(own.jwk)).update(text).digest('base64url')}`;
}

export function bytes(text: unknown): Buffer {
  return Buffer.from(String(text), 'base64url');
}

export function der(signature: string): string {
  const integers = [bytes(signature).subarray(0, 32), bytes(signature).subarray(32)].map((half) => {
    const padded = Buffer.concat([Buffer.alloc(1), half]);
    return Buffer.concat([Buffer.from([2, padded.length]), padded]);
  });
  const body = Buffer.concat(integers);
  return b64(Buffer.concat([Buffer.from([0x30, body.length]), body]));
}
