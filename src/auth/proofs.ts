/** Proofs of possession (DPoP, RFC 9449) at the two endpoints of a deployment: nonces, clock and key together. */
import type { Config } from '../config.ts';
import type { PresentedProof } from './dpop/binding.ts';
import { urisOf } from './dpop/htu.ts';
import type { Nonces } from './dpop/nonce.ts';
import { nonces } from './dpop/nonce.ts';
import type { Proof } from './dpop/proof.ts';
import { checkProof, PROOF_WINDOW } from './dpop/proof.ts';

export interface ProofCheck {
  readonly method: string;
  /** URL the request arrived at, before it was made canonical. */
  readonly arrivedAt: string;
  readonly accessToken?: string;
}

export class Proofs {
  readonly #publicUrl: string;
  readonly #nonces: Nonces;

  constructor({ publicUrl, issuer, secretKeys }: Config) {
    this.#publicUrl = publicUrl;
    this.#nonces = nonces(secretKeys, issuer);
  }

  /** In: the DPoP header as it came, or null. Out: what it proves, why it does not, or undefined where there is none. */
  async check(
    header: string | null,
    { method, arrivedAt, accessToken }: ProofCheck,
    now: number,
  ): Promise<PresentedProof> {
    if (header === null) return undefined;
    return await checkProof(
      { header, method, uris: urisOf(arrivedAt, this.#publicUrl), accessToken },
      { window: PROOF_WINDOW, knowsNonce: (nonce) => this.#nonces.knows(nonce, now) },
      { now, subtle: crypto.subtle },
    );
  }

  /** A current nonce, to be sent with a refusal (section 8). */
  fresh(now: number): string {
    return this.#nonces.issue(now);
  }

  /** The nonce to go on with after a proof that passed, where another one is due (section 8.2). */
  next(proof: Proof, now: number): string | undefined {
    return this.#nonces.next(proof.nonce, now);
  }
}

const made = new WeakMap<Config, Proofs>();

/** The proofs of a deployment, made once. */
export function proofsOf(config: Config): Proofs {
  const known = made.get(config);
  if (known !== undefined) return known;
  const proofs = new Proofs(config);
  made.set(config, proofs);
  return proofs;
}
