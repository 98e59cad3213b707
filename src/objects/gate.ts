/** One per tenant and user: admits calls, keeps their records, sends closed ones to a Writer. */
import { DurableObject } from 'cloudflare:workers';
import type { ClosedRecord, Outcome } from '../core/record.ts';
import type { Admission, AdmitRequest, GateRpc } from '../gate/admission.ts';
import { GateStore } from '../gate/store.ts';

/** Closed records wait this long for company before they are sent. */
const SHIP_DELAY_MS = 200;
const RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;
const SHIPMENT_SIZE = 500;
/** Writers of a tenant: each owns one hash chain. */
const WRITERS = 2;

export class Gate extends DurableObject<Env> implements GateRpc {
  readonly #store = new GateStore(this.ctx.storage, Date.now);
  #failures = 0;
  #alarmAt: number | null | undefined;

  async admit(request: AdmitRequest): Promise<Admission> {
    const answer = this.#store.admit(request);
    if (request.record !== undefined) await this.#wake(answer.ok ? Date.now() + request.deadlineMs : shipTime());
    else await this.#wake(Date.now() + 3_600_000);
    return answer;
  }

  async settle(id: string, outcome: Outcome): Promise<void> {
    this.#store.settle(id, outcome);
    await this.#wake(shipTime());
  }

  async record(records: readonly ClosedRecord[]): Promise<void> {
    this.#store.record(records);
    await this.#wake(shipTime());
  }

  /** Never throws: an alarm that throws is retried a few times and then lost. */
  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    try {
      this.#store.expire();
      await this.#ship();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      console.error(JSON.stringify({ event: 'audit_shipment_failed', failures: this.#failures, error: String(error) }));
    }
    const due = this.#store.nextWake();
    if (due === undefined) return;
    const backoff = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(this.#failures, 5)) * (0.5 + Math.random() / 2);
    await this.#wake(this.#failures > 0 ? Date.now() + backoff : Math.max(due, Date.now() + SHIP_DELAY_MS));
  }

  async #ship(): Promise<void> {
    const source = this.ctx.id.toString();
    for (;;) {
      const items = this.#store.outbox(SHIPMENT_SIZE);
      const last = items.at(-1);
      if (last === undefined) return;
      const chain = `${last.record.tenant_id}-${Number.parseInt(source.slice(-2), 16) % WRITERS}`;
      await this.env.WRITER.getByName(chain).append(chain, source, items);
      this.#store.shipped(last.n);
    }
  }

  /** Makes sure the alarm rings at `at` or before. */
  async #wake(at: number): Promise<void> {
    if (this.#alarmAt === undefined) this.#alarmAt = await this.ctx.storage.getAlarm();
    if (this.#alarmAt !== null && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    await this.ctx.storage.setAlarm(at);
  }
}

function shipTime(): number {
  return Date.now() + SHIP_DELAY_MS;
}
