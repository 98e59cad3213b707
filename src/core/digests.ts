/** SHA-256 of tokens and keys that come again with every call: to look one up is far cheaper than to work it out. */
import { createHash } from 'node:crypto';

/**
 * Milliseconds after which the next call lets go of all: as long as a validated token is kept beside what it opens
 * (auth/token-cache.ts).
 */
const KEEP_MS = 30_000;
const MAX_TOKENS = 1000;

export class Digests {
  readonly #known = new Map<string, string>();
  readonly #encoding: 'hex' | 'base64url';
  readonly #clock: () => number;
  #until = 0;

  /** `clock` in milliseconds since the epoch. */
  constructor(encoding: 'hex' | 'base64url', clock: () => number = Date.now) {
    this.#encoding = encoding;
    this.#clock = clock;
  }

  /** How many tokens are remembered, all of them forgotten together. */
  get size(): number {
    return this.#known.size;
  }

  /** In: a token. Out: its SHA-256 (FIPS 180-4). */
  of(token: string): string {
    const now = this.#clock();
    if (now >= this.#until || this.#known.size >= MAX_TOKENS) {
      this.#known.clear();
      this.#until = now + KEEP_MS;
    }
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const digest = createHash('sha256').update(token).digest(this.#encoding);
    this.#known.set(token, digest);
    return digest;
  }
}
