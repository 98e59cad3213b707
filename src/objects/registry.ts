/**
 * Some per tenant, by key: OAuth clients and half-done sign-ins, which have no user yet, who tries how often, and in one of
 * them the tenant's limit.
 */
import { DurableObject } from 'cloudflare:workers';
import type { RecordKeeper } from '../auth/store/face.ts';
import type { ListPage, PutOptions, StoredRecord } from '../auth/store/table.ts';
import { RecordTable } from '../auth/store/table.ts';
import type { AttemptLimit } from '../gate/attempts.ts';
import { Attempts } from '../gate/attempts.ts';
import type { ShareAnswer, ShareAsk } from '../gate/lessor.ts';
import { Lessor } from '../gate/lessor.ts';

/** Expired records are invisible at once; they are removed this long after the first of them expired. */
const PURGE_DELAY_MS = 60_000;

export class Registry extends DurableObject<Env> implements RecordKeeper {
  readonly #records = new RecordTable(this.ctx.storage, Date.now);
  readonly #attempts = new Attempts(this.ctx.storage, Date.now);
  readonly #lessor = new Lessor(this.ctx.storage, Date.now);

  getRecord(key: string): StoredRecord | undefined {
    return this.#records.get(key);
  }

  async putRecord(key: string, value: string, options: PutOptions): Promise<void> {
    this.#records.put(key, value, options);
    await this.#schedule();
  }

  deleteRecord(key: string): void {
    this.#records.delete(key);
  }

  /** Out: true for the first who asks for a name, false for everybody after, until `expiration` (seconds since the epoch). */
  async claim(name: string, expiration: number): Promise<boolean> {
    if (this.#records.get(name) !== undefined) return false;
    this.#records.put(name, '', { expiration });
    await this.#schedule();
    return true;
  }

  /** Counts an attempt. Out: 0 where it may go on, or the whole seconds after which one would. */
  async attempt(key: string, limit: AttemptLimit): Promise<number> {
    const seconds = this.#attempts.take(key, limit);
    await this.#schedule();
    return seconds;
  }

  /** Leases a share of the tenant's limit to one of its gates: asked of one registry of a tenant only. */
  lease(ask: ShareAsk): ShareAnswer | undefined {
    return this.#lessor.lease(ask);
  }

  listRecords(prefix: string, limit: number, cursor?: string): ListPage {
    return this.#records.list(prefix, limit, cursor);
  }

  override async alarm(): Promise<void> {
    this.#records.purge();
    this.#attempts.purge();
    await this.#schedule();
  }

  async #schedule(): Promise<void> {
    const next = Math.min(this.#records.nextExpiry() ?? Infinity, this.#attempts.nextExpiry() ?? Infinity);
    if (next === Infinity || (await this.ctx.storage.getAlarm()) !== null) return;
    await this.ctx.storage.setAlarm(Math.max(next, Date.now()) + PURGE_DELAY_MS);
  }
}
