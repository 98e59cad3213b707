/** A few per tenant: owns a hash chain and its head, and is the only way to D1. */
import { DurableObject } from 'cloudflare:workers';
import type { ChainEnd } from '../audit/chain-status.ts';
import { enterTools, writeKnocks } from '../audit/counts-sql.ts';
import { Ledger } from '../audit/ledger.ts';
import { QuotaWatch } from '../audit/quota-watch.ts';
import { cutBatch, writeRows } from '../audit/sql.ts';
import type { WriterState } from '../audit/totals.ts';
import type { Counts } from '../core/counts.ts';
import { countKey } from '../core/counts.ts';
import { TOOL_NAMES } from '../core/tool-names.ts';
import type { Shipment } from '../gate/admission.ts';
import type { Parcel } from '../gate/counts.ts';

/** D1 takes about 2 MB in one parameter; half of that leaves room. */
const BATCH_BYTES = 1_000_000;
const BATCH_ROWS = 1000;
const DRAIN_DELAY_MS = 100;
const MAX_RETRY_MS = 30_000;
/** Who knocks need not be known at once: under attack this is a statement every few seconds. */
const KNOCKS_DELAY_MS = 5000;

export class Writer extends DurableObject<Env> {
  readonly #ledger = new Ledger(this.ctx.storage);
  readonly #quota = new QuotaWatch();
  #toolsEntered = false;
  #failures = 0;

  /** Takes closed records of one gate, and its counts; they are safe here when this returns. */
  async append(chain: string, source: string, items: readonly Shipment[], parcel?: Parcel): Promise<void> {
    this.#ledger.append(chain, source, items, parcel);
    if (items.length === 0) return;
    for (const { record } of items) this.#quota.note(record.user_id, record.upstream?.quota);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + DRAIN_DELAY_MS);
  }

  /** Adds what an isolate counted: failures without a principal, requests to GitHub outside a call. */
  async count(tenant: string, counts: Counts): Promise<void> {
    this.#ledger.counters.add(counts);
    if (this.#ledger.counters.knocks().length === 0) return;
    await this.ctx.storage.put('tenant', tenant);
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + KNOCKS_DELAY_MS);
  }

  /** What a scrape of the metrics is told. */
  state(): WriterState {
    return {
      waiting: this.#ledger.waiting(),
      counts: this.#ledger.counters.all(),
      quota: this.#quota.least(Date.now()),
      broken: false,
    };
  }

  /** The end of the chain and how much of it waits. */
  end(chain: string): ChainEnd {
    const { seq, hash } = this.#ledger.head(chain);
    return { seq, hash, waiting: this.#ledger.waiting() };
  }

  /** Never throws: an alarm that throws is retried a few times and then lost. */
  override async alarm(): Promise<void> {
    try {
      await this.#drain();
      await this.#tellWhoKnocked();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#ledger.counters.add(ONE_FAILURE);
      console.error(JSON.stringify({ event: 'audit_write_failed', failures: this.#failures, error: String(error) }));
      const wait = Math.min(MAX_RETRY_MS, 500 * 2 ** Math.min(this.#failures, 6)) * (0.5 + Math.random() / 2);
      await this.ctx.storage.setAlarm(Date.now() + wait);
    }
  }

  async #drain(): Promise<void> {
    if (!this.#toolsEntered) {
      // Before the first rows, so that they are counted by name.
      await enterTools(this.env.AUDIT_DB, [...TOOL_NAMES]);
      this.#toolsEntered = true;
    }
    for (;;) {
      const rows = cutBatch(this.#ledger.pending(BATCH_ROWS), BATCH_BYTES);
      if (rows.length === 0) return;
      const confirmed = await writeRows(this.env.AUDIT_DB, rows);
      this.#ledger.confirm(confirmed);
      if (confirmed.size < rows.length)
        throw new Error(`${rows.length - confirmed.size} rows were not confirmed by D1`);
    }
  }

  async #tellWhoKnocked(): Promise<void> {
    const knocks = this.#ledger.counters.knocks();
    const tenant = await this.ctx.storage.get<string>('tenant');
    if (knocks.length === 0 || tenant === undefined) return;
    const now = Date.now();
    await writeKnocks(this.env.AUDIT_DB, tenant, knocks, now);
    this.#ledger.counters.confirmKnocks(knocks, now);
  }
}

const ONE_FAILURE: Counts = { [countKey(['write_failures'])]: 1 };
