/**
 * Once-only token requests. Inside the user's Gate, requests about one grant run one after another; the success answer
 * is kept for a moment, sealed by the code or token that was presented, and given again to the same request, so that a
 * client that lost its answer, or sent two, is not taken for a thief.
 */
import { createHash } from 'node:crypto';
import type { Proof } from '../dpop/proof.ts';
import { openUnder, sealUnder } from './sealed.ts';
import type { SealedAnswer, Vault } from './vault.ts';

/** Milliseconds for which the same request gets the same answer. */
export const ANSWER_MS = 30_000;
const PURPOSE = 'token answer';

/** A token request as it came, and who signed its proof of possession, if anybody. */
export interface TokenRequest {
  /** Whose part of the gate it came to. */
  readonly tenant: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Form-encoded. */
  readonly body: string;
  /** Its DPoP proof, verified. */
  readonly proof?: Proof | undefined;
  readonly requestId: string;
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** Runs what concerns one key one after another. */
export class Turnstile {
  readonly #last = new Map<string, Promise<unknown>>();

  async pass<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}

/** The answer that this very request was given a moment ago. */
export async function rememberedAnswer(vault: Vault, request: TokenRequest): Promise<TokenAnswer | undefined> {
  const sealed = vault.answer(idOf(request));
  if (sealed === undefined) return undefined;
  return JSON.parse(await openUnder(presentedIn(request.body), PURPOSE, sealed)) as TokenAnswer;
}

/** A success answer to keep for the same request. Without the presented code or token it cannot be read. */
export async function sealedAnswer(request: TokenRequest, answer: TokenAnswer): Promise<SealedAnswer> {
  const sealed = await sealUnder(presentedIn(request.body), PURPOSE, JSON.stringify(answer));
  return { id: idOf(request), sealed, milliseconds: ANSWER_MS };
}

/** The code or refresh token of a request, or of a revocation the token. */
export function presentedIn(body: string): string {
  const form = new URLSearchParams(body);
  return form.get('code') ?? form.get('refresh_token') ?? form.get('token') ?? '';
}

/** The same request: its parameters in any order, its client authentication, its key; not its proof, which is new each time. */
function idOf({ body, headers, proof }: TokenRequest): string {
  const form = [...new URLSearchParams(body)].map((pair) => JSON.stringify(pair)).sort();
  const authorization = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? null;
  return createHash('sha256')
    .update(JSON.stringify([form, authorization, proof?.jkt ?? null]))
    .digest('base64url');
}
