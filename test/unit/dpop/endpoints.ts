/**
 * The two endpoints as they use the modules: read the credentials, check the proof, decide, remember. The tests ask
 * them, so that a row of the table ends in a status and an error, not in an internal reason.
 */
import type { DpopPolicy } from '../../../src/auth/dpop/binding.ts';
import { decideResource, decideToken } from '../../../src/auth/dpop/binding.ts';
import { resourceRefusal, tokenRefusal } from '../../../src/auth/dpop/challenge.ts';
import { parseAuthorization } from '../../../src/auth/dpop/credentials.ts';
import { nonces } from '../../../src/auth/dpop/nonce.ts';
import type { Proof } from '../../../src/auth/dpop/proof.ts';
import { checkProof, PROOF_WINDOW } from '../../../src/auth/dpop/proof.ts';
import type { Refusal } from '../../../src/auth/dpop/refusal.ts';
import { refusalFor } from '../../../src/auth/dpop/refusal.ts';
import { replayKey } from '../../../src/auth/dpop/replay.ts';

export const ORIGIN = 'https://gate.example';
export const METADATA = `${ORIGIN}/.well-known/oauth-protected-resource/mcp`;
/** Seconds. Well inside a slot of the nonces, so that rows about time say what they mean. */
export const NOW = 1_800_000_030;
export const TOKEN = 'gh_1.AAAAAAAAAAAAAAAAAAAAAA:grant:secret';

export const OLD_KEY = { id: 'k1', secret: 'the key before, of thirty-two characters' };
export const KEY = { id: 'k2', secret: 'the key of now, of thirty-two characters' };
export const gate = nonces([KEY, OLD_KEY], ORIGIN);
export const NONCE = gate.issue(NOW * 1000);

export interface Ask {
  readonly at: '/mcp' | '/token';
  /** The DPoP header; null where there is none. */
  readonly proof: string | null;
  /** The Authorization header of `/mcp`. */
  readonly authorization?: string | null;
  /** `cnf.jkt` of the token. */
  readonly tokenJkt?: string | undefined;
  readonly write?: boolean;
  readonly policy?: DpopPolicy;
  readonly publicClient?: boolean;
  readonly alwaysBound?: boolean;
  readonly codeJkt?: string;
  readonly grantJkt?: string;
  /** Proofs used so far; changed. */
  readonly used?: Set<string>;
}

export interface Answer {
  /** What the client gets. A success says what it is bound to. */
  readonly response: Response;
  /** Why it was refused, which the client is told in words only. */
  readonly reason?: Refusal['reason'];
}

export async function answer(ask: Ask): Promise<Answer> {
  const { at, proof: header, policy = 'accepted', used = new Set() } = ask;
  const checked = async (accessToken?: string) => {
    if (header === null) return undefined;
    const request = { header, method: 'POST', uris: [`${ORIGIN}${at}`], accessToken };
    const knowsNonce = (nonce: string) => gate.knows(nonce, NOW * 1000);
    return await checkProof(request, { window: PROOF_WINDOW, knowsNonce }, { now: NOW * 1000, subtle: crypto.subtle });
  };
  const isReplay = (proof: Proof | undefined) => proof !== undefined && used.size === used.add(replayKey(proof)).size;

  if (at === '/token') {
    const { publicClient = true, alwaysBound = false, codeJkt, grantJkt } = ask;
    const decided = decideToken({ proof: await checked(), publicClient, alwaysBound, codeJkt, grantJkt, policy });
    const refuse = (refusal: Refusal) => ({ response: tokenRefusal(refusal, NONCE), reason: refusal.reason });
    if (!decided.ok) return refuse(decided.error);
    if (isReplay(decided.value.proof)) return refuse(refusalFor('replayed'));
    const { tokenType, tokenJkt, grantJkt: boundTo } = decided.value;
    return { response: Response.json({ token_type: tokenType, jkt: tokenJkt, grant: boundTo }) };
  }
  const { authorization = `DPoP ${TOKEN}`, tokenJkt, write = false } = ask;
  const credentials = parseAuthorization(authorization);
  if (!credentials.ok) {
    const { reason, tried } = credentials.error;
    return { response: resourceRefusal(refusalFor(reason), { metadataUrl: METADATA, tried }, undefined), reason };
  }
  if (credentials.value === undefined) throw new Error('no row of the table is without credentials');
  const { scheme, token } = credentials.value;
  const decided = decideResource({ scheme, tokenJkt, proof: await checked(token), policy, write });
  const refusal = decided.ok ? (isReplay(decided.value) ? refusalFor('replayed') : undefined) : decided.error;
  if (refusal === undefined) return { response: Response.json({ jkt: decided.ok ? decided.value?.jkt : undefined }) };
  return {
    response: resourceRefusal(refusal, { metadataUrl: METADATA, tried: scheme }, NONCE),
    reason: refusal.reason,
  };
}
