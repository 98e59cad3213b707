/**
 * The open calls of one request, from admission to outcome. Whoever runs the server holds them and closes each of them
 * exactly once, whatever happens.
 */
import type { AppError } from '../core/errors.ts';
import { CODES } from '../core/errors.ts';
import type { Outcome, ResultStatus, UpstreamUse } from '../core/record.ts';
import { redactText } from '../core/redaction.ts';
import type { Refusal } from '../gate/admission.ts';
import type { RpcId } from './messages.ts';

/** One admitted or refused call; plain data, so that it can travel to the object of a session. */
export interface CallTicket {
  readonly rpcId: RpcId;
  /** ULID: of the call and of its row. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Whether the gate knows the session that the call names to be open, and its owner's. */
  readonly inSession?: boolean | undefined;
  /** Set where the gate refused; its row is closed already. */
  readonly refusal?: Pick<Refusal, 'code' | 'message' | 'retryAfterSeconds'>;
}

export class OpenCalls {
  readonly #open: CallTicket[];
  readonly #tickets: readonly CallTicket[];
  readonly #settle: (id: string, outcome: Outcome) => Promise<void>;
  readonly #clock: () => number;
  readonly #links = new Map<RpcId, string>();
  readonly #redacted = new Map<RpcId, number>();
  readonly #uses = new Map<RpcId, UpstreamUse>();
  #pending: Promise<void> = Promise.resolve();
  #allClosed: () => void = () => {};

  /**
   * `settle` brings an outcome to the gate. `keepAlive` is told, before anything runs, of the work that must outlive
   * the answer: without it a call whose client hangs up would lose its outcome.
   */
  constructor(
    tickets: readonly CallTicket[],
    settle: (id: string, outcome: Outcome) => Promise<void>,
    clock: () => number,
    keepAlive: (work: Promise<void>) => void,
  ) {
    this.#tickets = tickets;
    this.#open = tickets.filter((ticket) => ticket.refusal === undefined);
    this.#settle = settle;
    this.#clock = clock;
    if (this.#open.length === 0) return;
    const closed = new Promise<void>((resolve) => {
      this.#allClosed = resolve;
    });
    keepAlive(closed.then(() => this.#pending));
  }

  /** The ticket of a JSON-RPC request, or undefined where the request has no record. */
  ticket(rpcId: RpcId): CallTicket | undefined {
    return this.#tickets.find((ticket) => ticket.rpcId === rpcId);
  }

  /** The call is a later round of another one, named by the id of its first row. */
  link(rpcId: RpcId, firstCallId: string): void {
    this.#links.set(rpcId, firstCallId);
  }

  /** What the call asked of GitHub: goes out with its outcome. */
  used(rpcId: RpcId, use: UpstreamUse | undefined): void {
    if (use !== undefined) this.#uses.set(rpcId, use);
  }

  /** How many secrets were replaced in what it answered: goes out with its outcome. */
  redacted(rpcId: RpcId, count: number): void {
    if (count > 0) this.#redacted.set(rpcId, count);
  }

  get anyOpen(): boolean {
    return this.#open.length > 0;
  }

  succeed(rpcId: RpcId, status: ResultStatus = 'success'): void {
    this.#close(rpcId, { result_status: status, error_code: null, error_message: null });
  }

  fail(rpcId: RpcId, error: AppError): void {
    this.#close(rpcId, {
      result_status: CODES[error.code].status,
      error_code: error.code,
      error_message: redactText(error.message),
    });
  }

  /** Closes a call that ended without reaching our handler: the SDK answered it with an error of the protocol. */
  failProtocol(rpcId: RpcId, message: string): void {
    this.#close(rpcId, { result_status: 'error', error_code: 'invalid_request', error_message: redactText(message) });
  }

  /** Closes whatever is still open. */
  failRest(message: string): void {
    for (const { rpcId } of [...this.#open]) this.failProtocol(rpcId, message);
  }

  /** Somebody else closes what is still open: the object of a session. */
  handOver(): void {
    this.#open.length = 0;
    this.#allClosed();
  }

  #close(rpcId: RpcId, outcome: Omit<Outcome, 'duration_ms'>): void {
    const index = this.#open.findIndex((ticket) => ticket.rpcId === rpcId);
    const [ticket] = index === -1 ? [] : this.#open.splice(index, 1);
    if (ticket === undefined) return;
    const duration_ms = Math.max(0, Math.round(this.#clock() - ticket.startedAt));
    const call_id = this.#links.get(rpcId);
    const upstream = this.#uses.get(rpcId);
    const redacted_count = this.#redacted.get(rpcId);
    const settled = this.#settle(ticket.id, {
      ...outcome,
      duration_ms,
      ...(call_id !== undefined && { call_id }),
      ...(upstream !== undefined && { upstream }),
      ...(redacted_count !== undefined && { redacted_count }),
    }).catch((error) => {
      console.error(JSON.stringify({ event: 'outcome_lost', call_id: ticket.id, error: String(error) }));
    });
    this.#pending = Promise.all([this.#pending, settled]).then(() => {});
    if (this.#open.length === 0) this.#allClosed();
  }
}
