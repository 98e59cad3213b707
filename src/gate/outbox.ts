/** Closed records that wait to be sent, in the order in which they were closed. In memory: the journal keeps them. */
import type { ClosedRecord } from '../core/record.ts';
import type { Shipment } from './admission.ts';

/** What a record has besides its arguments, roughly. */
const ROW_BYTES = 1000;

export interface Waiting extends Shipment {
  /** Number of the row of the journal that has the record. */
  readonly row: number;
}

export class Outbox {
  #waiting: Waiting[];
  #last: number;

  /** In: what waits, in any order; the last number that was given out before. */
  constructor(waiting: Waiting[], last: number) {
    this.#waiting = waiting.sort((a, b) => a.n - b.n);
    this.#last = waiting.at(-1)?.n ?? last;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** The rows of the journal that have what waits. */
  get rows(): number[] {
    return this.#waiting.map(({ row }) => row);
  }

  /** Out: its number. Numbers grow, also across an outbox that was empty. */
  add(record: ClosedRecord, row: number): number {
    this.#last += 1;
    this.#waiting.push({ n: this.#last, record, row });
    return this.#last;
  }

  /** The oldest: at most `count`, and at most about `bytes` unless one alone is more. */
  oldest(count: number, bytes: number): Shipment[] {
    const oldest: Shipment[] = [];
    let size = 0;
    for (const { n, record } of this.#waiting) {
      size += ROW_BYTES + (record.arguments?.length ?? 0);
      if (oldest.length > 0 && (oldest.length === count || size > bytes)) break;
      oldest.push({ n, record });
    }
    return oldest;
  }

  /** Removes everything up to and including `n`. */
  remove(n: number): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting.n > n);
  }
}
