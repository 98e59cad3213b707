/**
 * Outcomes on their way to a gate. They wait a moment in the isolate for the next call of the same person, whose
 * admission takes them along: a hop to the object costs more than all that it does there.
 */
import type { Settlement } from './admission.ts';

/** Milliseconds after which somebody who is to bring what waits is taken for gone. */
const GONE_MS = 200;

export class OutcomeBox {
  readonly #waiting = new Map<string, Settlement[]>();
  /** Since when somebody is there to bring what waits for a gate, in milliseconds. */
  readonly #held = new Map<string, number>();

  /**
   * In: the name of a gate; an outcome it has not been told; the time now. Out: whether whoever puts it there has to stay
   * and `release` in a moment what waits by then; otherwise somebody else does.
   */
  put(gate: string, settlement: Settlement, now: number): boolean {
    const waiting = this.#waiting.get(gate);
    if (waiting === undefined) this.#waiting.set(gate, [settlement]);
    else waiting.push(settlement);
    const since = this.#held.get(gate);
    if (since !== undefined && Math.abs(now - since) < GONE_MS) return false;
    this.#held.set(gate, now);
    return true;
  }

  /** All that waits for the gate: whoever takes it brings it there. */
  take(gate: string): readonly Settlement[] {
    const waiting = this.#waiting.get(gate) ?? [];
    this.#waiting.delete(gate);
    return waiting;
  }

  /** What waits when the moment is over. Whoever puts the next one there has to stay. */
  release(gate: string): readonly Settlement[] {
    this.#held.delete(gate);
    return this.take(gate);
  }
}
