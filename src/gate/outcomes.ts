/**
 * Outcomes on their way to a gate. They wait a moment in the isolate for the next call of the same person, whose
 * admission takes them along: a hop to the object costs more than all that it does there.
 */
import type { Settlement } from './admission.ts';

export class OutcomeBox {
  readonly #waiting = new Map<string, Settlement[]>();

  /** In: the name of a gate; an outcome it has not been told. */
  put(gate: string, settlement: Settlement): void {
    const waiting = this.#waiting.get(gate);
    if (waiting === undefined) this.#waiting.set(gate, [settlement]);
    else waiting.push(settlement);
  }

  /** All that waits for the gate: whoever takes it brings it there. */
  take(gate: string): readonly Settlement[] {
    const waiting = this.#waiting.get(gate) ?? [];
    this.#waiting.delete(gate);
    return waiting;
  }

  /** Whether it waits still. */
  holds(gate: string, settlement: Settlement): boolean {
    return this.#waiting.get(gate)?.includes(settlement) === true;
  }
}
