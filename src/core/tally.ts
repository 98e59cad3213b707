/**
 * What an isolate has counted and no object has been told yet: failures that have no principal, and so no record to
 * travel with, and requests to GitHub outside a call. A Writer gets it within seconds (audit/hand-over.ts).
 */
import { OTHER_ADDRESS } from './address.ts';
import type { CountName, Counts } from './counts.ts';
import { countKey } from './counts.ts';

/** Names kept of one tenant: more networks than that in a few seconds are one. */
const MAX_NAMES = 200;

export class Tally {
  #tenants = new Map<string, Map<string, number>>();

  get isEmpty(): boolean {
    return this.#tenants.size === 0;
  }

  /** Counts `n` more. In: a tenant that exists, never one that a request made up. */
  add(tenant: string, name: CountName, n = 1): void {
    const counts = this.#tenants.get(tenant) ?? new Map<string, number>();
    this.#tenants.set(tenant, counts);
    const exact = countKey(name);
    const full = counts.size >= MAX_NAMES && !counts.has(exact) && name[0] === 'auth_failures';
    const key = full ? countKey([name[0], name[1], OTHER_ADDRESS]) : exact;
    counts.set(key, (counts.get(key) ?? 0) + n);
  }

  /** Gives away what was counted, by tenant, and begins anew. */
  take(): Map<string, Counts> {
    const taken = new Map([...this.#tenants].map(([tenant, counts]) => [tenant, Object.fromEntries(counts)]));
    this.#tenants = new Map();
    return taken;
  }
}

/** Of this isolate. */
export const tally = new Tally();
