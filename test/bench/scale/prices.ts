/**
 * Cloudflare's published prices of the Workers Paid plan in US dollars, read on 2026-11-24 in stored copies of
 * developers.cloudflare.com: workers/platform/pricing, durable-objects/platform/pricing, d1/platform/pricing, r2/pricing.
 */
export interface Price {
  /** What the plan's own price includes in a month, and the price of a million more. */
  readonly included: number;
  readonly perMillion: number;
}

export const PLAN = 5;
export const PRICES = {
  workerRequests: { included: 10e6, perMillion: 0.3 },
  cpuMilliseconds: { included: 30e6, perMillion: 0.02 },
  objectRequests: { included: 1e6, perMillion: 0.15 },
  objectGbSeconds: { included: 400e3, perMillion: 12.5 },
  objectRowsWritten: { included: 50e6, perMillion: 1 },
  d1RowsWritten: { included: 50e6, perMillion: 1 },
} as const satisfies Record<string, Price>;
/** Dollars a GB and month. */
export const STORAGE = { d1: 0.75, d1Included: 5, r2: 0.015, r2Included: 10 } as const;
/** GB that one D1 database holds. */
export const D1_GB = 10;
/** What the free plan allows in a day, and in one database in GB. */
export const FREE = {
  workerRequests: 100_000,
  objectRequests: 100_000,
  objectRowsWritten: 100_000,
  d1RowsWritten: 100_000,
  d1Gb: 0.5,
} as const;

export type Meter = keyof typeof PRICES;

/** Dollars a month. In: how much of a meter is used in a month. */
export function cost(meter: Meter, used: number): number {
  const { included, perMillion } = PRICES[meter];
  return (Math.max(0, used - included) / 1e6) * perMillion;
}
