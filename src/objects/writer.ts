/** A few per tenant: owns a hash chain and its head, and is the only way to D1. */
import { DurableObject } from 'cloudflare:workers';
import { Ledger } from '../audit/ledger.ts';
import { cutBatch, writeRows } from '../audit/sql.ts';
import type { Shipment } from '../gate/admission.ts';

/** D1 takes about 2 MB in one parameter; half of that leaves room. */
const BATCH_BYTES = 1_000_000;
const BATCH_ROWS = 1000;
const DRAIN_DELAY_MS = 100;
const MAX_RETRY_MS = 30_000;

export class Writer extends DurableObject<Env> {
  readonly #ledger = new Ledger(this.ctx.storage);
  #failures = 0;

  /** Takes closed records of one gate; they are safe here when this returns. */
  async append(chain: string, source: string, items: readonly Shipment[]): Promise<void> {
    this.#ledger.append(chain, source, items);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + DRAIN_DELAY_MS);
  }

  /** Never throws: an alarm that throws is retried a few times and then lost. */
  override async alarm(): Promise<void> {
    try {
      await this.#drain();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      console.error(JSON.stringify({ event: 'audit_write_failed', failures: this.#failures, error: String(error) }));
      const wait = Math.min(MAX_RETRY_MS, 500 * 2 ** Math.min(this.#failures, 6)) * (0.5 + Math.random() / 2);
      await this.ctx.storage.setAlarm(Date.now() + wait);
    }
  }

  async #drain(): Promise<void> {
    for (;;) {
      const rows = cutBatch(this.#ledger.pending(BATCH_ROWS), BATCH_BYTES);
      if (rows.length === 0) return;
      const confirmed = await writeRows(this.env.AUDIT_DB, rows);
      this.#ledger.confirm(confirmed);
      if (confirmed.size < rows.length)
        throw new Error(`${rows.length - confirmed.size} rows were not confirmed by D1`);
    }
  }
}
