/**
 * Validated tokens of the last moments, in the memory of an isolate. Safe to keep because every request passes the
 * person's Gate, which knows what was revoked; expiry is checked by the resource server each time. Tokens are the keys
 * themselves: what they open stands beside them.
 */
const KEEP_MS = 30_000;
const MAX_TOKENS = 1000;

export class TokenCache<Validated> {
  readonly #entries = new Map<string, { readonly validated: Validated; readonly until: number }>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** What is known of the token. */
  peek(token: string): Validated | undefined {
    const known = this.#entries.get(token);
    return known !== undefined && known.until > this.#clock() ? known.validated : undefined;
  }

  /** What `validate` said about the token, at most 30 s ago. Refusals are not kept: the token may be issued any moment. */
  async get(token: string, validate: () => Promise<Validated | null>): Promise<Validated | null> {
    const known = this.peek(token);
    if (known !== undefined) return known;
    const now = this.#clock();
    this.#entries.delete(token);
    const validated = await validate();
    if (validated === null) return null;
    // The oldest goes first: a Map keeps the order of insertion.
    for (const [oldest] of this.#entries.size >= MAX_TOKENS ? this.#entries : []) {
      this.#entries.delete(oldest);
      break;
    }
    this.#entries.set(token, { validated, until: now + KEEP_MS });
    return validated;
  }
}
