/** Proofs of possession (RFC 9449) of the generator: a new one for each request, signed before its time is taken. */
import type { DpopKeyPair } from '@modelcontextprotocol/client';
import { DpopSession } from '@modelcontextprotocol/client';

/** A token that is bound to a key. Crosses to the thread of the generator. */
export interface Bound {
  readonly keys: DpopKeyPair;
  /** The URL that proofs name. */
  readonly url: string;
  readonly token: string;
  /** The nonce to begin with: a request without one would be sent back for it. */
  readonly nonce: string;
}

const sessions = new Map<string, DpopSession>();

/** Out: a fresh proof for a POST. */
export async function proofFor({ keys, url, token, nonce }: Bound): Promise<string> {
  let session = sessions.get(token);
  if (session === undefined) {
    session = await DpopSession.create({ alg: 'ES256', keyPair: keys });
    session.rememberNonce(url, nonce);
    sessions.set(token, session);
  }
  return await session.buildProof({ htm: 'POST', htu: url, accessToken: token });
}

/** The nonce to go on with, where the answer brought one (section 8.2). */
export function noteNonce({ token, url }: Bound, nonce: string | string[] | undefined): void {
  if (typeof nonce === 'string') sessions.get(token)?.rememberNonce(url, nonce);
}
