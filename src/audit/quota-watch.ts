/** What GitHub last said is left to the people of a chain, in memory: a gauge that may begin anew. Pure. */
import type { UpstreamUse } from '../core/record.ts';

/** People remembered at once; whoever was seen longest ago goes first. */
const MAX_PEOPLE = 1000;

/** Of the people seen in their current window, the one who has least left. */
export interface LeastQuota {
  readonly resource: string;
  readonly limit: number;
  readonly remaining: number;
}

export class QuotaWatch {
  readonly #people = new Map<string, NonNullable<UpstreamUse['quota']>>();

  /** In: whose it is, and what GitHub said with the answers of a call. */
  note(userId: string, quota: UpstreamUse['quota']): void {
    if (quota === undefined) return;
    const known = this.#people.get(userId);
    this.#people.delete(userId);
    this.#people.set(userId, { ...known, ...quota });
    const [oldest] = this.#people.keys();
    if (this.#people.size > MAX_PEOPLE && oldest !== undefined) this.#people.delete(oldest);
  }

  /** By GitHub's name for the window, the least that anyone has; `now` in milliseconds since the epoch. */
  least(now: number): LeastQuota[] {
    const least = new Map<string, LeastQuota>();
    for (const quota of this.#people.values()) {
      for (const [resource, { limit, remaining, reset_at }] of Object.entries(quota)) {
        if (reset_at <= now) continue;
        const known = least.get(resource);
        if (known === undefined || remaining / limit < known.remaining / known.limit) {
          least.set(resource, { resource, limit, remaining });
        }
      }
    }
    return [...least.values()];
  }
}
