/** Makes proofs as a client does, and spoils them as an attacker does. Node's WebCrypto signs; nothing of `src` helps. */

export type Json = Record<string, unknown>;

export interface Signer {
  readonly alg: string;
  /** Public members only. */
  readonly jwk: Json;
  readonly privateJwk: Json;
  sign(text: string): Promise<Uint8Array>;
}

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };

const KINDS = {
  ES256: [
    { name: 'ECDSA', namedCurve: 'P-256' },
    { name: 'ECDSA', hash: 'SHA-256' },
  ],
  EdDSA: [{ name: 'Ed25519' }, { name: 'Ed25519' }],
  RS256: [{ name: 'RSASSA-PKCS1-v1_5', ...RSA }, { name: 'RSASSA-PKCS1-v1_5' }],
  PS256: [
    { name: 'RSA-PSS', ...RSA },
    { name: 'RSA-PSS', saltLength: 32 },
  ],
} as const;

export type Kind = keyof typeof KINDS;
export const ALGS = Object.keys(KINDS) as Kind[];

const MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e'];

/** A new key. `more` changes how it is made, such as the length of its modulus. */
export async function signer(alg: Kind, more: Json = {}): Promise<Signer> {
  const [make, use] = KINDS[alg];
  const pair = (await crypto.subtle.generateKey({ ...make, ...more } as never, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair;
  const privateJwk = (await crypto.subtle.exportKey('jwk', pair.privateKey)) as unknown as Json;
  return {
    alg,
    privateJwk,
    jwk: Object.fromEntries(Object.entries(privateJwk).filter(([name]) => MEMBERS.includes(name))),
    sign: async (text) =>
      new Uint8Array(await crypto.subtle.sign(use as never, pair.privateKey, new TextEncoder().encode(text))),
  };
}

export interface ProofParts {
  readonly header?: Json;
  readonly claims?: Json;
}

/** `undefined` takes a member away. */
export async function proofBy(by: Signer, base: Json, { header, claims }: ProofParts = {}): Promise<string> {
  return await signed(by, { typ: 'dpop+jwt', alg: by.alg, jwk: by.jwk, ...header }, { ...base, ...claims });
}

/** Signs any header and claims, objects or raw JSON texts. */
export async function signed(by: Signer, header: Json | string, claims: Json | string): Promise<string> {
  const text = [header, claims].map((part) => b64(typeof part === 'string' ? part : JSON.stringify(part))).join('.');
  return `${text}.${b64(await by.sign(text))}`;
}

export function b64(bytes: string | Uint8Array): string {
  return Buffer.from(bytes as string).toString('base64url');
}
