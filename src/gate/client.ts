/** The way to a user's Gate. Fails closed: what the gate cannot admit is refused, never waved through. */
import { AppError } from '../core/errors.ts';
import type { User } from '../core/principal.ts';
import type { ClosedRecord, Outcome } from '../core/record.ts';
import { tally } from '../core/tally.ts';
import type { Admission, AdmitRequest, GateRpc, Settlement, TokenName } from './admission.ts';
import type { PageAnswer, PageQuestion } from './confirmations.ts';
import { OutcomeBox } from './outcomes.ts';

/** The Durable Object namespace of the gates. */
export interface GateNamespace {
  getByName(name: string): GateRpc;
}

/** Tries of an idempotent question: the answer of the first can be lost after it was committed. */
const TRIES = 3;
/** Milliseconds that an outcome waits for an admission to take it along. Until then its call counts as running. */
const HOLD_MS = 50;
/** Milliseconds of a call whose outcome does not wait. */
const LONG_MS = 10_000;
/** Milliseconds before an outcome is tried again that could not be brought to its gate. */
const AGAIN_MS = [200, 1000, 4000];

/** Of this isolate, whichever request they come from. */
const outcomes = new OutcomeBox();

export class GateClient {
  readonly #namespace: GateNamespace;
  readonly #tenant: string;
  readonly #name: string;

  readonly #keepAlive: ((work: Promise<unknown>) => void) | undefined;
  readonly #pause: (ms: number) => Promise<void>;

  /**
   * One gate per tenant and user; `userId` without its seal. `keepAlive` belongs to who admits calls and may be followed
   * by another in the same isolate: outcomes then wait for that one, and it is told of work that must be done also where
   * the client hangs up. Without it an outcome goes at once. `pause` waits that many milliseconds.
   */
  constructor(
    namespace: GateNamespace,
    tenant: string,
    userId: string,
    keepAlive?: (work: Promise<unknown>) => void,
    pause: (ms: number) => Promise<void> = (ms) => scheduler.wait(ms),
  ) {
    this.#namespace = namespace;
    this.#tenant = tenant;
    this.#name = `${tenant}:${userId}`;
    this.#keepAlive = keepAlive;
    this.#pause = pause;
  }

  /** Asks to pass. Throws `audit_unavailable` where the gate cannot be reached. */
  async admit(request: AdmitRequest): Promise<Admission> {
    const settled = this.#keepAlive === undefined ? [] : outcomes.take(this.#name);
    try {
      const asked = this.#ask((gate, again) =>
        gate.admit(settled.length === 0 ? request : { ...request, settled: settlements(settled, again) }),
      );
      // What was admitted must be closed, also where its client hangs up now.
      this.#keepAlive?.(asked.catch(() => undefined));
      return await asked;
    } catch (error) {
      // Who held them has let go of them: they are this request's to bring.
      if (settled.length > 0) this.#keepAlive?.(this.#bring(settled, true));
      if (request.record !== undefined) tally.add(this.#tenant, ['unrecorded']);
      throw error;
    }
  }

  /**
   * Closes a record, with the next admission or soon. What cannot be brought there is in the log, and its record closes
   * as `unknown` at its deadline.
   */
  async settle(id: string, outcome: Outcome): Promise<void> {
    const settlement = { id, outcome };
    // What took long may have its client gone, and then not the time to stay for others.
    const isLong = (outcome.duration_ms ?? 0) > LONG_MS;
    if (this.#keepAlive === undefined || isLong) return await this.#bring([settlement]);
    if (!outcomes.put(this.#name, settlement, Date.now())) return;
    await this.#pause(HOLD_MS);
    await this.#bring(outcomes.release(this.#name));
  }

  /** Whether the token may still be used. Throws `audit_unavailable` where the gate cannot be reached. */
  async isAlive(token: TokenName): Promise<boolean> {
    return await this.#ask(async (gate) => await gate.isAlive(token));
  }

  /** Ends the grant of a token whose upstream token GitHub has ended. Throws `audit_unavailable`. */
  async endRevokedUpstream(user: User, { grantId, tokenId }: TokenName, requestId: string): Promise<void> {
    await this.#ask((gate) => gate.endRevokedUpstream(this.#tenant, user, { grantId, tokenId }, requestId));
  }

  /** Whether this is the first use of a sealed answer. Throws `audit_unavailable` where the gate cannot be reached. */
  async claimConfirmation(id: string, attempt: string): Promise<boolean> {
    return await this.#ask((gate) => gate.claimConfirmation(id, attempt));
  }

  /** What the person answered on the page. Throws `audit_unavailable` where the gate cannot be reached. */
  async askOnPage(question: PageQuestion): Promise<PageAnswer> {
    return await this.#ask((gate) => gate.askOnPage(question));
  }

  /** Throws `audit_unavailable` where the gate cannot be reached. */
  async sessionOpened(name: string, forMs: number): Promise<void> {
    await this.#ask(async (gate) => await gate.sessionOpened(name, forMs));
  }

  /** Throws `audit_unavailable` where the gate cannot be reached. */
  async sessionEnded(name: string): Promise<void> {
    await this.#ask(async (gate) => await gate.sessionEnded(name));
  }

  /** Hands over records that are closed from the start. Throws `audit_unavailable` where the gate cannot be reached. */
  async record(...records: ClosedRecord[]): Promise<void> {
    await this.#ask((gate) => gate.record(records));
  }

  /** Brings outcomes to the gate, with pauses where it cannot be reached; `before`: they may be there. Never throws: what is lost is in the log. */
  async #bring(settled: readonly Settlement[], before = false): Promise<void> {
    if (settled.length === 0) return;
    for (const [round, ms] of [0, ...AGAIN_MS].entries()) {
      if (ms > 0) await this.#pause(ms);
      try {
        await this.#ask((gate, again) => gate.settle(settlements(settled, before || again || round > 0)));
        return;
      } catch (error) {
        if (round < AGAIN_MS.length) continue;
        for (const { id } of settled)
          console.error(JSON.stringify({ event: 'outcome_lost', call_id: id, error: String(error) }));
      }
    }
  }

  async #ask<T>(question: (gate: GateRpc, again: boolean) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      try {
        // A stub whose object failed stays broken: a new one for each try.
        return await question(this.#namespace.getByName(this.#name), attempt > 0);
      } catch (error) {
        failure = error;
      }
    }
    throw new AppError('audit_unavailable', 'The gate that records calls could not be reached.', {
      cause: failure,
      retryAfterSeconds: 5,
    });
  }
}

/** What was asked before may have arrived, and only its answer was lost: then it is no outcome that came too late. */
function settlements(settled: readonly Settlement[], again: boolean): readonly Settlement[] {
  return again ? settled.map((settlement) => ({ ...settlement, again })) : settled;
}
