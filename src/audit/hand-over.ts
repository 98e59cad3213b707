/** Brings what an isolate counted to the tenants' first Writers, a little later and all at once. */
import type { Counts } from '../core/counts.ts';
import type { Tally } from '../core/tally.ts';
import { chainOf } from './chain.ts';

/** Milliseconds that counts wait for company: an attack is a few hops a minute, not one per attempt. */
const WAIT_MS = 2000;
/** After this a hand-over that was planned is taken for lost: its request was ended by the platform. */
const LOST_MS = 30_000;

/** The part of the Writers' namespace that is needed here. */
export interface CountingWriters {
  getByName(name: string): { count(tenant: string, counts: Counts): Promise<void> };
}

let plannedUntil = 0;

/** Plans a hand-over unless one is planned. In: who keeps work alive beyond the answer. Costs nothing where nothing was counted. */
export function handOverSoon(tally: Tally, writers: CountingWriters, later: (work: Promise<void>) => void): void {
  const now = Date.now();
  if (tally.isEmpty || plannedUntil > now) return;
  plannedUntil = now + LOST_MS;
  later(
    new Promise((resolve) => setTimeout(resolve, WAIT_MS)).then(() => {
      plannedUntil = 0;
      return handOver(tally, writers);
    }),
  );
}

/** Hands over now. What cannot be handed over is lost and logged: nobody waits for it, and it must not be counted twice. */
export async function handOver(tally: Tally, writers: CountingWriters): Promise<void> {
  for (const [tenant, counts] of tally.take()) {
    try {
      await writers.getByName(chainOf(tenant, 0)).count(tenant, counts);
    } catch (error) {
      console.error(JSON.stringify({ event: 'counts_lost', tenant_id: tenant, counts, error: String(error) }));
    }
  }
}
