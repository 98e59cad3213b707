/** Counts what one call asks of GitHub, and remembers what GitHub says is left. */
import type { UpstreamUse } from '../core/record.ts';
import { windowOf } from './quota.ts';

/** Windows that GitHub names are few, and their names short. */
const MAX_RESOURCES = 10;

export class UseMeter {
  readonly #now: () => number;
  readonly #fetch: typeof fetch;
  #statuses: Record<string, number> | undefined;
  #quota: Record<string, { limit: number; remaining: number; reset_at: number }> | undefined;

  /** `now` in milliseconds since the epoch. */
  constructor(now: () => number, through: typeof fetch = (input, init) => fetch(input, init)) {
    this.#now = now;
    this.#fetch = through;
  }

  /** `fetch` that counts. */
  readonly fetch: typeof fetch = async (input, init) => {
    try {
      const response = await this.#fetch(input, init);
      this.#count(String(response.status));
      this.#note(response.headers);
      return response;
    } catch (error) {
      this.#count('failed');
      throw error;
    }
  };

  /** What was asked so far; undefined where nothing was. */
  get use(): UpstreamUse | undefined {
    const statuses = this.#statuses;
    return statuses && { statuses, ...(this.#quota !== undefined && { quota: this.#quota }) };
  }

  #count(status: string): void {
    this.#statuses ??= {};
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
  }

  #note(headers: Headers): void {
    const said = windowOf(headers, this.#now());
    if (said === undefined) return;
    const name = headers.get('x-ratelimit-resource') ?? 'core';
    if (!/^[a-z_]{1,40}$/.test(name)) return;
    this.#quota ??= {};
    const known = this.#quota[name];
    if (known === undefined && Object.keys(this.#quota).length >= MAX_RESOURCES) return;
    // Answers overtake one another: of one window the lowest word is the newest.
    if (known !== undefined && known.reset_at === said.resetAt && known.remaining < said.remaining) return;
    this.#quota[name] = { limit: said.limit, remaining: said.remaining, reset_at: said.resetAt };
  }
}
