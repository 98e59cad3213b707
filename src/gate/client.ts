/** The way to a user's Gate. Fails closed: what the gate cannot admit is refused, never waved through. */
import { AppError } from '../core/errors.ts';
import type { User } from '../core/principal.ts';
import type { ClosedRecord, Outcome } from '../core/record.ts';
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

/** Of this isolate, whichever request they come from. */
const outcomes = new OutcomeBox();

export class GateClient {
  readonly #namespace: GateNamespace;
  readonly #tenant: string;
  readonly #name: string;

  readonly #keepAlive: (work: Promise<unknown>) => void;

  /**
   * One gate per tenant and user; `userId` without its seal. `keepAlive` is told of an admission that carries outcomes of
   * other calls: they must arrive also where its own client hangs up.
   */
  constructor(
    namespace: GateNamespace,
    tenant: string,
    userId: string,
    keepAlive: (work: Promise<unknown>) => void = () => {},
  ) {
    this.#namespace = namespace;
    this.#tenant = tenant;
    this.#name = `${tenant}:${userId}`;
    this.#keepAlive = keepAlive;
  }

  /** Asks to pass. Throws `audit_unavailable` where the gate cannot be reached. */
  async admit(request: AdmitRequest): Promise<Admission> {
    const settled = outcomes.take(this.#name);
    if (settled.length === 0) return await this.#ask((gate) => gate.admit(request));
    const asked = this.#bringing(settled, (gate) => gate.admit({ ...request, settled }));
    this.#keepAlive(asked.catch(() => undefined));
    return await asked;
  }

  /** Closes a record, with the next admission or soon. What no try brings there closes as `unknown` at its deadline. */
  async settle(id: string, outcome: Outcome): Promise<void> {
    const settlement = { id, outcome };
    outcomes.put(this.#name, settlement);
    await scheduler.wait(HOLD_MS);
    if (!outcomes.holds(this.#name, settlement)) return;
    const waiting = outcomes.take(this.#name);
    await this.#bringing(waiting, (gate) => gate.settle(waiting));
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

  /** Hands over records that are closed from the start. Throws `audit_unavailable` where the gate cannot be reached. */
  async record(...records: ClosedRecord[]): Promise<void> {
    await this.#ask((gate) => gate.record(records));
  }

  /** Asks with outcomes that wait again if the gate was not reached: the next admission has another try. */
  async #bringing<T>(settled: readonly Settlement[], question: (gate: GateRpc) => Promise<T>): Promise<T> {
    try {
      return await this.#ask(question);
    } catch (error) {
      outcomes.put(this.#name, ...settled);
      throw error;
    }
  }

  async #ask<T>(question: (gate: GateRpc) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      try {
        // A stub whose object failed stays broken: a new one for each try.
        return await question(this.#namespace.getByName(this.#name));
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
