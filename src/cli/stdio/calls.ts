/**
 * The calls of one connection, each from its raw message to its line in the log: what the gate does for a deployment, as
 * far as one person on their own machine needs it.
 */
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { CLIENT_INFO_META_KEY } from '@modelcontextprotocol/server';
import type { Selection } from '../../catalogue/selection.ts';
import type { Config } from '../../config.ts';
import { AppError } from '../../core/errors.ts';
import { ulid } from '../../core/ids.ts';
import { isObject } from '../../core/json.ts';
import type { Principal } from '../../core/principal.ts';
import { closeRecord } from '../../core/record.ts';
import { plainText } from '../../core/text.ts';
import { openRecord } from '../../mcp/admit.ts';
import type { Caller } from '../../mcp/caller.ts';
import { OpenCalls } from '../../mcp/calls.ts';
import type { RpcId, RpcRequest } from '../../mcp/messages.ts';
import { localConfirmations } from './confirmations.ts';
import type { Journal } from './journal.ts';

export interface LocalScope {
  readonly config: Config;
  readonly principal: Principal;
  readonly upstreamToken: string;
  readonly selection: Selection;
  readonly journal: Journal;
  readonly clock: () => number;
}

const CANCELLED = new AppError('cancelled', 'The client cancelled the call.');
const ENDED = new AppError('cancelled', 'The client ended the connection before the call had ended.');

export class LocalCalls {
  readonly #scope: LocalScope;
  /** ULID: what the lines of one connection have in common. */
  readonly #connectionId: string;
  readonly #gate = localConfirmations();
  readonly #running = new Map<RpcId, OpenCalls>();
  #principal: Principal;

  constructor(scope: LocalScope) {
    this.#scope = scope;
    this.#principal = scope.principal;
    this.#connectionId = ulid(scope.clock());
  }

  get selection(): Selection {
    return this.#scope.selection;
  }

  isRunning(id: RpcId): boolean {
    return this.#running.has(id);
  }

  /** Opens the record of a request that gets one. Where the log is broken the call is refused, and leaves no line. */
  open(request: RpcRequest): void {
    const calls = this.#begin(request);
    if (calls !== undefined) this.#running.set(request.id, calls);
  }

  /** The id of a request is that of one that runs: the line of the new one says so, and the other goes on. */
  refuseRepeated(request: RpcRequest): void {
    this.#begin(request)?.failProtocol(request.id, 'Its id is that of a request in progress.');
  }

  /** Who calls, for the handler of a message. */
  callerOf(message: JSONRPCMessage): Caller {
    const { config, upstreamToken, selection } = this.#scope;
    const id = 'method' in message && 'id' in message ? message.id : undefined;
    return {
      config,
      principal: this.#principal,
      upstreamToken,
      calls: (id === undefined ? undefined : this.#running.get(id)) ?? this.#holding([]),
      gate: this.#gate,
      selection,
      endGrant: async () =>
        console.error(
          "Gatehouse: GitHub does not accept GITHUB_TOKEN any more. Put a new one into the client's settings and start this server again.",
        ),
      audit: NO_LOG,
    };
  }

  /** An answer that leaves: one that no handler of ours gave closes its call too. */
  answered(message: JSONRPCMessage): void {
    if ('method' in message || message.id === undefined) return;
    const calls = this.#running.get(message.id);
    this.#running.delete(message.id);
    if ('error' in message) calls?.failProtocol(message.id, message.error.message);
    // A tool that failed has said so in its record. What is open now, the SDK failed: a question nobody can answer.
    else if (message.result.isError === true) calls?.failProtocol(message.id, 'The client could not be asked.');
    else calls?.succeed(message.id);
  }

  /** A cancelled request gets no answer: its record is closed here, unless its handler has done so. */
  cancelled(id: RpcId): void {
    const calls = this.#running.get(id);
    // The handler sees the abort first.
    setImmediate(() => {
      calls?.fail(id, CANCELLED);
      if (this.#running.get(id) === calls) this.#running.delete(id);
    });
  }

  /** The connection ended: what is still open was not answered. */
  async end(): Promise<void> {
    // Handlers see the abort first.
    await new Promise((resolve) => setImmediate(resolve));
    for (const [id, calls] of [...this.#running]) calls.fail(id, ENDED);
  }

  #begin(request: RpcRequest): OpenCalls | undefined {
    this.#noteClient(request);
    const { config, clock, journal } = this.#scope;
    const startedAt = clock();
    const requestId = crypto.randomUUID();
    const opening = { config, principal: this.#principal, sessionId: this.#connectionId, requestId };
    const record = openRecord(request, opening, startedAt);
    if (record === undefined) return undefined;
    const ticket = { rpcId: request.id, id: record.id, startedAt };
    if (!journal.isWritable()) {
      const message = `The log ${journal.file} cannot be written.`;
      return this.#holding([{ ...ticket, refusal: { code: 'audit_unavailable', message, retryAfterSeconds: 5 } }]);
    }
    const calls = this.#holding([ticket], (outcome) => {
      if (this.#running.get(request.id) === calls) this.#running.delete(request.id);
      // There is no grant: the token is the person's own.
      journal.append(closeRecord({ ...record, grant_id: null }, outcome));
    });
    return calls;
  }

  #holding(
    tickets: ConstructorParameters<typeof OpenCalls>[0],
    settle: (outcome: Parameters<typeof closeRecord>[1]) => void = () => {},
  ): OpenCalls {
    return new OpenCalls(
      tickets,
      async (_id, outcome) => settle(outcome),
      this.#scope.clock,
      () => {},
    );
  }

  /** A session's client says its name once, one of 2026-07-28 with each request. */
  #noteClient({ method, params }: RpcRequest): void {
    const meta = isObject(params._meta) ? params._meta : {};
    const info = method === 'initialize' ? params.clientInfo : meta[CLIENT_INFO_META_KEY];
    if (!isObject(info) || typeof info.name !== 'string') return;
    const name = plainText(info.name, 100) || this.#scope.principal.client.name;
    this.#principal = { ...this.#scope.principal, client: { ...this.#scope.principal.client, name } };
  }
}

/** The tools that read a log are excluded. */
const NO_LOG: Caller['audit'] = {
  rows: () => Promise.reject(new AppError('forbidden_by_policy', 'There is no log to ask here.')),
  counts: () => Promise.reject(new AppError('forbidden_by_policy', 'There is no log to ask here.')),
};
