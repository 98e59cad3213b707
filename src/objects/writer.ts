/** A few per tenant: owns a hash chain and its ends, and is the only way to D1. */
import { DurableObject } from 'cloudflare:workers';
import type { ArchiveDesk, Retention } from '../audit/archive.ts';
import { ChainBroken, moveSegment } from '../audit/archive.ts';
import { enterTools, writeKnocks } from '../audit/counts-sql.ts';
import { Ledger } from '../audit/ledger.ts';
import type { Looked } from '../audit/patrol.ts';
import { patrol } from '../audit/patrol.ts';
import { QuotaWatch } from '../audit/quota-watch.ts';
import { ArchiveBroken, restoreSegment } from '../audit/restore.ts';
import { sealKeys } from '../audit/seal.ts';
import type { Restored } from '../audit/segment-file.ts';
import { Segments } from '../audit/segments.ts';
import { writeRows } from '../audit/sql.ts';
import type { WriterState } from '../audit/totals.ts';
import type { ChainProof, ChainTags } from '../audit/verify.ts';
import { configOf } from '../config.ts';
import type { Counts } from '../core/counts.ts';
import { countKey } from '../core/counts.ts';
import { TOOL_NAMES } from '../core/tool-names.ts';
import type { Shipment } from '../gate/admission.ts';
import type { Parcel } from '../gate/counts.ts';

/** D1 takes about 2 MB in one parameter; half of that leaves room. */
const BATCH_BYTES = 1_000_000;
const BATCH_ROWS = 1000;
/** Key of the number of a row that was found to be wrong. */
const WRONG = 'wrong';
/** Rows wait this long for company, and two batches are this far apart: many calls share the statements of one batch. */
const DRAIN_DELAY_MS = 100;
const DRAIN_PAUSE_MS = 1000;
const MAX_RETRY_MS = 30_000;
/** Milliseconds after its time from which an alarm is taken for lost: the platform tries again later and later, then never. */
const LOST_MS = 10_000;
/** Who knocks need not be known at once: under attack this is a statement every few seconds. */
const KNOCKS_DELAY_MS = 5000;

/** Where old rows go, if the deployment has it: the binding is optional, so no generated type knows of it. */
interface ArchiveBinding {
  readonly ARCHIVE?: R2Bucket;
}

export class Writer extends DurableObject<Env> {
  readonly #ledger = new Ledger(this.ctx.storage, () => this.#keys());
  readonly #segments = new Segments(this.ctx.storage);
  readonly #quota = new QuotaWatch();
  #toolsEntered = false;
  #failures = 0;
  #drainedAt = 0;
  #moving: Promise<unknown> = Promise.resolve();

  /**
   * Takes closed records of one gate, and its counts; they are safe here when this returns true. False: too many rows
   * wait, try again later.
   */
  async append(chain: string, source: string, items: readonly Shipment[], parcel?: Parcel): Promise<boolean> {
    if (!this.#ledger.append(chain, source, items, parcel)) return false;
    if (items.length === 0) return true;
    for (const { record } of items) this.#quota.note(record.user_id, record.upstream?.quota);
    const now = Date.now();
    // A clock that was set back must not put it off.
    const pause = Math.min(DRAIN_PAUSE_MS, Math.max(0, this.#drainedAt + DRAIN_PAUSE_MS - now));
    await this.#wake(now + Math.max(DRAIN_DELAY_MS, pause));
    return true;
  }

  /** What an auditor compares the rows in D1 with. */
  proof(chain: string): ChainProof {
    const { seq, hash } = this.#ledger.head(chain);
    const cut = this.#ledger.cut(chain);
    const leaving = this.#segments.leaving(chain);
    return {
      chain_id: chain,
      cut: { seq: cut.seq, hash: cut.hash },
      leaving: leaving === undefined ? null : { seq: leaving.seq, hash: leaving.hash },
      head: { seq, hash },
      confirmed: seq - this.#ledger.unconfirmed.waiting(),
      sealed: this.#ledger.isSealed(chain),
      wrong: this.ctx.storage.kv.get<number>(WRONG) ?? null,
    };
  }

  /** Tags of the rows from number `from` on, as many as one answer holds. */
  tags(from: number): ChainTags {
    return this.#ledger.tags(from);
  }

  /**
   * Moves one segment of old rows out of D1, or takes back what was begun where rows are kept; seals the ends anew in any
   * case. Out: whether another may follow. Failures are logged, not thrown: the next run goes on.
   */
  async retain(chain: string, retention: Retention | undefined): Promise<boolean> {
    this.#ledger.reseal(chain);
    return await this.#oneAtATime(async () => {
      try {
        return await moveSegment(this.#desk(), chain, retention);
      } catch (error) {
        const event = error instanceof ChainBroken ? 'audit_chain_broken' : 'audit_retention_failed';
        console.error(JSON.stringify({ event, chain_id: chain, error: String(error) }));
        return false;
      }
    });
  }

  /** Looks at the next rows of the chain; what is wrong there is said by `state` until they are right again. */
  async check(chain: string): Promise<Looked> {
    const { kv } = this.ctx.storage;
    const after = kv.get<number>('patrol') ?? 0;
    const found = await patrol(this.#desk(), chain, after);
    const { next, wrong } = found;
    kv.put('patrol', next);
    if (wrong !== undefined) {
      console.error(JSON.stringify({ event: 'audit_chain_broken', chain_id: chain, seq: wrong }));
    }
    const known = kv.get<number>(WRONG);
    // What was wrong is right again when a look has come past it, and nobody's business when the retention has.
    const isPast =
      known !== undefined &&
      (known <= this.#ledger.cut(chain).seq || (after < known && (next === 0 || next >= known) && wrong !== known));
    const first = Math.min(isPast || known === undefined ? Infinity : known, wrong ?? Infinity);
    if (first < Infinity) kv.put(WRONG, first);
    else kv.delete(WRONG);
    return found;
  }

  /** Brings one segment of a month back (audit/restore.ts). Out: also what is wrong with the archive, in a sentence. */
  async restore(month: string, after: number): Promise<Restored | { readonly broken: string }> {
    try {
      return await restoreSegment(this.#desk(), month, after);
    } catch (error) {
      if (error instanceof ArchiveBroken) return { broken: error.message };
      throw error;
    }
  }

  /** Adds what an isolate counted: failures without a principal, requests to GitHub outside a call. */
  async count(tenant: string, counts: Counts): Promise<void> {
    this.#ledger.counters.add(counts);
    if (this.#ledger.counters.knocks().length === 0) return;
    await this.ctx.storage.put('tenant', tenant);
    await this.#wake(Date.now() + KNOCKS_DELAY_MS);
  }

  /** What a scrape of the metrics is told. */
  state(): WriterState {
    return {
      waiting: this.#ledger.unconfirmed.waiting(),
      counts: this.#ledger.counters.all(),
      quota: this.#quota.least(Date.now()),
      broken: !this.#ledger.isSealed(this.ctx.id.name ?? '') || this.ctx.storage.kv.get(WRONG) !== undefined,
    };
  }

  /** Never throws: an alarm that throws is retried a few times and then lost. */
  override async alarm(): Promise<void> {
    try {
      this.#drainedAt = Date.now();
      await this.#drain();
      await this.#tellWhoKnocked();
      this.#failures = 0;
      if (this.#ledger.unconfirmed.waiting() > 0) await this.#wake(this.#drainedAt + DRAIN_PAUSE_MS);
    } catch (error) {
      this.#failures += 1;
      this.#ledger.counters.add(ONE_FAILURE);
      console.error(JSON.stringify({ event: 'audit_write_failed', failures: this.#failures, error: String(error) }));
      const wait = Math.min(MAX_RETRY_MS, 500 * 2 ** Math.min(this.#failures, 6)) * (0.5 + Math.random() / 2);
      await this.ctx.storage.setAlarm(Date.now() + wait);
    }
  }

  /** Writes what waits now. What comes meanwhile is for the next time: the slower D1 is, the fewer batches it should get. */
  async #drain(): Promise<void> {
    if (!this.#toolsEntered) {
      // Before the first rows, so that they are counted by name.
      await enterTools(this.env.AUDIT_DB, [...TOOL_NAMES]);
      this.#toolsEntered = true;
    }
    for (let due = this.#ledger.unconfirmed.waiting(); due > 0; ) {
      const batch = this.#ledger.unconfirmed.oldest(BATCH_ROWS, BATCH_BYTES);
      // Numbers may lack in between where D1 took a part of a batch: then fewer wait than are counted.
      if (batch.count === 0) return;
      due -= batch.count;
      const confirmed = await writeRows(this.env.AUDIT_DB, batch);
      this.#ledger.unconfirmed.confirm(batch, confirmed);
      const lacking = batch.count - confirmed.length;
      if (lacking > 0) throw new Error(`${lacking} rows were not confirmed by D1`);
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

  /** Makes sure the alarm rings soon: one that is long overdue was lost, and one far ahead was set by another clock. */
  async #wake(at: number): Promise<void> {
    const known = await this.ctx.storage.getAlarm();
    const now = Date.now();
    if (known !== null && known > now - LOST_MS && known <= Math.max(at, now + MAX_RETRY_MS)) return;
    await this.ctx.storage.setAlarm(at);
  }

  /** Two runs of the retention must not carry out the same plan at once. */
  async #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#moving.then(work);
    this.#moving = turn.catch(() => undefined);
    return await turn;
  }

  #desk(): ArchiveDesk {
    return {
      db: this.env.AUDIT_DB,
      bucket: (this.env as ArchiveBinding).ARCHIVE,
      ledger: this.#ledger,
      segments: this.#segments,
    };
  }

  #keys() {
    const config = configOf(this.env);
    if (!config.ok) throw new Error('the Worker lacks its settings');
    return sealKeys(config.value.secretKeys);
  }
}

const ONE_FAILURE: Counts = { [countKey(['write_failures'])]: 1 };
