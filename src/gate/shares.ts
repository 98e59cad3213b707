/**
 * What a gate holds of its tenant's limit: leased by a Registry (lessor.ts), ahead of need, so that a call asks nobody
 * while there is some left. In memory only: a gate that forgets begins anew, and what it held counts as used. The clock
 * and the ids are passed in.
 */
import type { Refusal } from './admission.ts';
import type { ShareAnswer, ShareAsk } from './lessor.ts';
import { leaseMs } from './lessor.ts';
import { monotonic } from './windows.ts';

type Limit = ShareAsk['limit'];

/** A gate that got nothing asks again after this at the latest: others may have left some. */
const PAUSE_MS = 1000;

export class Shares {
  readonly #ask: (ask: ShareAsk) => Promise<ShareAnswer | undefined>;
  readonly #clock: () => number;
  readonly #newId: () => string;
  #holder: string | undefined;
  #granted = 0;
  #used = 0;
  #until = Number.NEGATIVE_INFINITY;
  #latest: number | undefined;
  #asking: Promise<void> | undefined;
  /** Nothing was left: when there would be some, and when it is worth asking. */
  #none: { readonly retryAt: number; readonly askAt: number } | undefined;
  /** Calls that wait for an answer. */
  #waiting = 0;
  /** When calls were let through lately, ascending: about as many will be again. */
  #recent: number[] = [];

  constructor(
    ask: (ask: ShareAsk) => Promise<ShareAnswer | undefined>,
    clock: () => number,
    newId: () => string = () => crypto.randomUUID(),
  ) {
    this.#ask = ask;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** Asks once, for all that wait now. Another that waited may have taken it: look again. Throws where nobody answers. */
  async answered(limit: Limit): Promise<void> {
    this.#waiting += 1;
    try {
      await this.#refill(limit);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Whether a call has to wait for an answer. */
  needsAnswer(): boolean {
    return this.#left() === 0 && !this.#isPaused();
  }

  /**
   * Takes one, and asks for more in time. Out: 0, or the milliseconds after which there would be one. `background` is
   * told of the asking.
   */
  take(limit: Limit, background: (work: Promise<void>) => void): number {
    const left = this.#left();
    const now = this.#now();
    if (left === 0) return Math.max(1, (this.#none?.retryAt ?? now + PAUSE_MS) - now);
    this.#used += 1;
    this.#recent.push(now);
    const wanted = this.#demand(limit);
    const renew = this.#until - now < leaseMs(limit.seconds) / 2;
    // Who calls once in a while is not worth a share that may go unused.
    if (wanted >= 2 && (left - 1 <= wanted / 2 || renew) && this.#asking === undefined && !this.#isPaused()) {
      background(this.#refill(limit).catch(() => undefined));
    }
    return 0;
  }

  /** One question at a time. */
  #refill(limit: Limit): Promise<void> {
    this.#asking ??= this.#askOnce(limit).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #askOnce(limit: Limit): Promise<void> {
    this.#left();
    this.#holder ??= this.#newId();
    const holder = this.#holder;
    const from = this.#now();
    const wanted = Math.max(1, this.#demand(limit), this.#waiting);
    const answer = await this.#ask({ holder, used: this.#used, wanted, limit });
    // Begun anew meanwhile: what was leased to another memory is lost.
    if (holder !== this.#holder) return;
    if (answer === undefined) return this.#beginAnew();
    this.#granted = Math.max(this.#granted, answer.granted);
    this.#until = Math.max(this.#until, from + leaseMs(limit.seconds));
    const none = answer.retryAfterMs > 0;
    const now = this.#now();
    this.#none = none
      ? { retryAt: now + answer.retryAfterMs, askAt: now + Math.min(PAUSE_MS, answer.retryAfterMs) }
      : undefined;
  }

  /** What may still be taken. A lease that has ended, or whose end is not known any more, is given up. */
  #left(): number {
    const clock = this.#clock();
    if (this.#latest !== undefined && clock < this.#latest) {
      // The clock jumped back: when the lease ends can no longer be told.
      this.#latest = clock;
      this.#none = undefined;
      this.#recent = [];
      this.#beginAnew();
    }
    // A holder that waits for its first lease is not begun anew.
    if (Number.isFinite(this.#until) && this.#now() >= this.#until) this.#beginAnew();
    return this.#granted - this.#used;
  }

  #beginAnew(): void {
    this.#holder = undefined;
    this.#granted = 0;
    this.#used = 0;
    this.#until = Number.NEGATIVE_INFINITY;
  }

  #isPaused(): boolean {
    return this.#none !== undefined && this.#now() < this.#none.askAt;
  }

  /** Half as many as were let through within the time of a lease: what is held and not used counts against everybody. */
  #demand({ seconds }: Limit): number {
    const since = this.#now() - leaseMs(seconds);
    const first = this.#recent.findIndex((at) => at > since);
    this.#recent.splice(0, first === -1 ? this.#recent.length : first);
    return Math.ceil(this.#recent.length / 2);
  }

  #now(): number {
    this.#latest = monotonic(this.#clock(), this.#latest);
    return this.#latest;
  }
}

/** In: a limit that is reached, or undefined where nobody could be asked; milliseconds to wait, 0 where there is no need to. */
export function tenantRefusal(limit: Limit | undefined, waitMs: number): Refusal | undefined {
  if (waitMs === 0) return undefined;
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  const message =
    limit === undefined
      ? 'The limit of this tenant could not be asked for.'
      : `The limit of ${limit.count} in ${limit.seconds} seconds for all people of this tenant is reached.`;
  return { ok: false, code: 'rate_limited', limit: 'tenant', message, retryAfterSeconds };
}
