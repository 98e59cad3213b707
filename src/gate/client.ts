/** The way to a user's Gate. Fails closed: what the gate cannot admit is refused, never waved through. */
import { AppError } from '../core/errors.ts';
import type { User } from '../core/principal.ts';
import type { ClosedRecord, Outcome } from '../core/record.ts';
import type { Admission, AdmitRequest, GateRpc, TokenName } from './admission.ts';
import type { PageAnswer, PageQuestion } from './confirmations.ts';

/** The Durable Object namespace of the gates. */
export interface GateNamespace {
  getByName(name: string): GateRpc;
}

/** Tries of an idempotent question: the answer of the first can be lost after it was committed. */
const TRIES = 3;

export class GateClient {
  readonly #namespace: GateNamespace;
  readonly #tenant: string;
  readonly #name: string;

  /** One gate per tenant and user; `userId` without its seal. */
  constructor(namespace: GateNamespace, tenant: string, userId: string) {
    this.#namespace = namespace;
    this.#tenant = tenant;
    this.#name = `${tenant}:${userId}`;
  }

  /** Asks to pass. Throws `audit_unavailable` where the gate cannot be reached. */
  async admit(request: AdmitRequest): Promise<Admission> {
    return await this.#ask((gate) => gate.admit(request));
  }

  /** Closes a record. Where no try succeeds the record closes as `unknown` at its deadline. */
  async settle(id: string, outcome: Outcome): Promise<void> {
    await this.#ask((gate) => gate.settle(id, outcome));
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
