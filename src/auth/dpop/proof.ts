/**
 * The check of a DPoP proof (RFC 9449 section 4.3). Pure: clock and WebCrypto are passed in. Two checks of that section
 * need more than the request and stand elsewhere: whether the key is the token's (binding.ts), and whether the proof was
 * seen before (replay.ts, section 11.1).
 */
import { Digests } from '../../core/digests.ts';
import type { Result } from '../../core/result.ts';
import { err, ok } from '../../core/result.ts';
import { normaliseHtu } from './htu.ts';
import type { CompactJws } from './jws.ts';
import { parseJws } from './jws.ts';
import { importKey, publicKeyOf, thumbprint, verifies } from './keys.ts';

/** What a proof can be refused for, in the order it is checked. */
export type ProofProblem =
  | 'several_headers'
  | 'too_long'
  | 'malformed'
  | 'critical_extension'
  | 'missing_claim'
  | 'wrong_type'
  | 'unsupported_algorithm'
  | 'private_key'
  | 'invalid_key'
  | 'bad_signature'
  | 'other_method'
  | 'other_uri'
  | 'nonce_missing'
  | 'nonce_unknown'
  | 'expired'
  | 'from_the_future'
  | 'other_token';

/** The request a proof came with. */
export interface ProofRequest {
  /** The DPoP header as `Headers` gives it: several fields arrive joined by commas. */
  readonly header: string;
  readonly method: string;
  /** Every URI this request may have been sent to: the canonical one, and that of a tunnel in front of it. */
  readonly uris: readonly string[];
  /** The access token that came along, at a protected resource: the proof has to name it. */
  readonly accessToken?: string | undefined;
}

/** How long a proof is good for, in seconds around its `iat`; both at least 0. */
export interface ProofWindow {
  readonly maxAge: number;
  readonly maxAhead: number;
}

export const PROOF_WINDOW: ProofWindow = { maxAge: 60, maxAhead: 10 };

export interface ProofRules {
  readonly window: ProofWindow;
  /** Whether a nonce is one of this server's. Present where a nonce is demanded (sections 8, 9 and 11.3). */
  readonly knowsNonce?: ((nonce: string) => boolean) | undefined;
}

export interface ProofTools {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly subtle: SubtleCrypto;
}

/** What a valid proof says. */
export interface Proof {
  /** Thumbprint of its key (section 6.1). */
  readonly jkt: string;
  readonly jti: string;
  /** Normalised. */
  readonly htu: string;
  readonly nonce: string | undefined;
}

/** Characters. A proof with a 4096-bit RSA key has about 2,500. */
export const MAX_PROOF = 8192;
/** Section 11.1: unnecessarily large ones are refused. */
export const MAX_JTI = 256;

/** In: a request with a DPoP header, what is demanded, clock and WebCrypto. Out: the proof, or the first check it fails. */
export async function checkProof(
  request: ProofRequest,
  rules: ProofRules,
  { now, subtle }: ProofTools,
): Promise<Result<Proof, ProofProblem>> {
  // 1 and 2: one header that is one well-formed JWT. No base64url has a comma, so one means that there were two.
  if (request.header.length > MAX_PROOF) return err('too_long');
  if (request.header.includes(',')) return err('several_headers');
  const jws = parseJws(request.header);
  if (jws === undefined) return err('malformed');
  // No extension is understood here, and those named have to be (RFC 7515 section 4.1.11).
  if (Object.hasOwn(jws.header, 'crit')) return err('critical_extension');

  // 3 to 7: claims, type, algorithm, key, signature.
  const claims = claimsOf(jws);
  if (claims === undefined) return err('missing_claim');
  // Exactly so: a JWT made for something else must not do (section 11.5).
  if (jws.header.typ !== 'dpop+jwt') return err('wrong_type');
  const key = publicKeyOf(jws.header.alg, jws.header.jwk);
  if (typeof key === 'string') return err(key);
  const imported = await importKey(key, subtle);
  if (imported === undefined) return err('invalid_key');
  if (!(await verifies(key.alg, imported, jws, subtle))) return err('bad_signature');

  // 8 to 12: this request, this server, this time, this token.
  if (claims.htm !== request.method) return err('other_method');
  const htu = normaliseHtu(claims.htu);
  if (htu === undefined || !request.uris.some((uri) => normaliseHtu(uri) === htu)) return err('other_uri');
  const problem = nonceProblem(claims.nonce, rules) ?? timeProblem(claims, rules.window, now / 1000);
  if (problem !== undefined) return err(problem);
  if (request.accessToken !== undefined && claims.ath !== tokenHash(request.accessToken)) return err('other_token');

  const nonce = typeof claims.nonce === 'string' ? claims.nonce : undefined;
  return ok({ jkt: thumbprint(key), jti: claims.jti, htu, nonce });
}

/** The `ath` of an access token (section 4.2): base64url of the SHA-256 of its ASCII text. */
export function tokenHash(accessToken: string): string {
  return hashes.of(accessToken);
}

const hashes = new Digests('base64url');

interface Claims extends Readonly<Record<string, unknown>> {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  readonly iat: number;
}

/** The claims where those that section 4.2 requires are there and of their type. */
function claimsOf({ claims }: CompactJws): Claims | undefined {
  const { jti, htm, htu, iat } = claims;
  const named = typeof jti === 'string' && jti !== '' && jti.length <= MAX_JTI;
  const aimed = typeof htm === 'string' && typeof htu === 'string';
  return named && aimed && Number.isFinite(iat) ? (claims as Claims) : undefined;
}

/** Check 10. A nonce is demanded of everybody or of nobody, so that leaving it out is no way around it (section 11.3). */
function nonceProblem(nonce: unknown, { knowsNonce }: ProofRules): ProofProblem | undefined {
  if (knowsNonce === undefined) return undefined;
  if (nonce === undefined) return 'nonce_missing';
  return typeof nonce === 'string' && knowsNonce(nonce) ? undefined : 'nonce_unknown';
}

/** Check 11, and what a JWT may say of its own time (RFC 7519 sections 4.1.4 and 4.1.5). */
function timeProblem(claims: Claims, { maxAge, maxAhead }: ProofWindow, now: number): ProofProblem | undefined {
  const { iat, exp, nbf } = claims;
  if (now - iat > maxAge || (exp !== undefined && !(isNumber(exp) && now < exp))) return 'expired';
  if (iat - now > maxAhead || (nbf !== undefined && !(isNumber(nbf) && nbf - now <= maxAhead)))
    return 'from_the_future';
  return undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
