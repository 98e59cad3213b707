/** Public keys of proofs: which algorithms, which JWKs, and the name a key goes by. Pure but for WebCrypto passed in. */
import { Digests } from '../../core/digests.ts';
import { isObject } from '../../core/json.ts';
import { fromBase64url } from './jws.ts';

interface Algorithm {
  /** Members of the JWK that are the key, in the order RFC 7638 section 3.2 hashes them. */
  readonly members: readonly string[];
  /** Values the JWK has to have. */
  readonly kind: Readonly<Record<string, string>>;
  /** For WebCrypto. */
  readonly key: SubtleCryptoImportKeyAlgorithm;
  readonly signature: SubtleCryptoSignAlgorithm;
}

const ECDSA: Algorithm = {
  members: ['crv', 'kty', 'x', 'y'],
  kind: { kty: 'EC', crv: 'P-256' },
  key: { name: 'ECDSA', namedCurve: 'P-256' },
  signature: { name: 'ECDSA', hash: 'SHA-256' },
};
const EDDSA: Algorithm = {
  members: ['crv', 'kty', 'x'],
  kind: { kty: 'OKP', crv: 'Ed25519' },
  key: { name: 'Ed25519' },
  signature: { name: 'Ed25519' },
};
const RSA = { members: ['e', 'kty', 'n'], kind: { kty: 'RSA' } } as const;

/**
 * RFC 9449 section 11.6: asymmetric and deemed secure; anything not here, `none` included, is refused. `Ed25519` is what
 * RFC 9864 calls `EdDSA` with that curve; some clients (oauth4webapi) sign under the new name, others under the old.
 */
const ALGORITHMS: ReadonlyMap<unknown, Algorithm> = new Map<unknown, Algorithm>([
  ['ES256', ECDSA],
  ['EdDSA', EDDSA],
  ['Ed25519', EDDSA],
  ['RS256', { ...RSA, key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, signature: { name: 'RSASSA-PKCS1-v1_5' } }],
  ['PS256', { ...RSA, key: { name: 'RSA-PSS', hash: 'SHA-256' }, signature: { name: 'RSA-PSS', saltLength: 32 } }],
]);

/** JWS `alg` values of proofs that are accepted, as both metadata documents and the challenge name them. */
export const SIGNING_ALGS: readonly string[] = [...ALGORITHMS.keys()].map(String);

/** RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1: with any of these it is not a public key. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** RFC 7518 section 3.3 sets the least; the most keeps one signature from costing as much as many. */
const RSA_BITS = { least: 2048, most: 4096 };

/** A public key, reduced to the members that are the key. */
export interface PublicKey {
  readonly alg: string;
  readonly jwk: Readonly<Record<string, string>>;
}

export type KeyProblem = 'unsupported_algorithm' | 'invalid_key' | 'private_key';

/**
 * In: `alg` and `jwk` of a header. Out: the key, or what is wrong with it. What only describes a key (`kid`, `use`,
 * `key_ops`) says nothing about who holds it and is left out; so are `jku` and `x5u`, which are never fetched.
 */
export function publicKeyOf(alg: unknown, jwk: unknown): PublicKey | KeyProblem {
  const algorithm = ALGORITHMS.get(alg);
  if (algorithm === undefined) return 'unsupported_algorithm';
  if (!isObject(jwk)) return 'invalid_key';
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) return 'private_key';
  const entries = algorithm.members.map((member) => [member, jwk[member]] as const);
  const valid = entries.every(([member, value]) => typeof value === 'string' && isMember(member, value, algorithm));
  return valid ? { alg: String(alg), jwk: Object.fromEntries(entries) as Record<string, string> } : 'invalid_key';
}

/** Base64url of the SHA-256 JWK thumbprint (RFC 7638), the `jkt` of RFC 9449 section 6.1. */
export function thumbprint({ jwk }: PublicKey): string {
  return thumbprints.of(JSON.stringify(jwk));
}

const thumbprints = new Digests('base64url');

/** Whether a text can be a thumbprint: 32 bytes in base64url. */
export function isThumbprint(text: string): boolean {
  return fromBase64url(text)?.length === 32;
}

/** Most keys that are kept imported: a client signs every request with the same one. The oldest goes first. */
const MAX_IMPORTED = 1000;
const importedKeys = new Map<string, CryptoKey>();

/** Out: the key for WebCrypto, or undefined where it is none, such as a point that is not on the curve. */
export async function importKey({ alg, jwk }: PublicKey, subtle: SubtleCrypto): Promise<CryptoKey | undefined> {
  const name = `${alg} ${JSON.stringify(jwk)}`;
  const known = importedKeys.get(name);
  if (known !== undefined) return known;
  const { key } = ALGORITHMS.get(alg) as Algorithm;
  try {
    const imported = await subtle.importKey('jwk', jwk as unknown as JsonWebKey, key, false, ['verify']);
    for (const [oldest] of importedKeys.size >= MAX_IMPORTED ? importedKeys : []) {
      importedKeys.delete(oldest);
      break;
    }
    importedKeys.set(name, imported);
    return imported;
  } catch {
    return undefined;
  }
}

/** Whether a signature is the key's. A signature WebCrypto cannot read is not. */
export async function verifies(
  alg: string,
  key: CryptoKey,
  { signature, signed }: { readonly signature: Uint8Array<ArrayBuffer>; readonly signed: Uint8Array<ArrayBuffer> },
  subtle: SubtleCrypto,
): Promise<boolean> {
  try {
    return await subtle.verify((ALGORITHMS.get(alg) as Algorithm).signature, key, signature, signed);
  } catch {
    return false;
  }
}

/** One key has one text, or it would have several thumbprints: exact lengths, and no leading zeros (RFC 7518 section 6). */
function isMember(member: string, value: string, { kind }: Algorithm): boolean {
  const wanted = kind[member];
  if (wanted !== undefined) return value === wanted;
  const bytes = fromBase64url(value);
  if (bytes === undefined) return false;
  if (member === 'x' || member === 'y') return bytes.length === 32;
  const [first = 0] = bytes;
  if (first === 0) return false;
  if (member === 'n') return within(bytes.length * 8 - Math.clz32(first) + 24, RSA_BITS);
  // The exponent: odd, more than 1, which makes every signature valid, and short, because a long one is slow.
  return bytes.length <= 4 && ((bytes.at(-1) as number) & 1) === 1 && (bytes.length > 1 || first > 1);
}

function within(bits: number, { least, most }: typeof RSA_BITS): boolean {
  return bits >= least && bits <= most;
}
