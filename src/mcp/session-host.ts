/**
 * A 2025-era session inside its Durable Object: the transport, the server, the handshake it began with. What it may do
 * is not kept here: that is read from the token of each request.
 */
import type { AuthInfo, JSONRPCMessage, Server } from '@modelcontextprotocol/server';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { Selection } from '../catalogue/selection.ts';
import type { Config } from '../config.ts';
import type { AuditReader } from '../core/audit-query.ts';
import type { JsonValue } from '../core/json.ts';
import { isObject } from '../core/json.ts';
import type { Identity } from '../core/principal.ts';
import { sameIdentity, sessionName } from '../core/principal.ts';
import { DEFAULT_TIMEOUT_MS } from './admit.ts';
import type { Caller } from './caller.ts';
import { authInfoOf } from './caller.ts';
import { OpenCalls } from './calls.ts';
import type { ConfirmationGate } from './confirm.ts';
import type { DirectCall } from './direct.ts';
import { answerDirect, directCall } from './direct.ts';
import { CallsElsewhere } from './elsewhere.ts';
import { EventLog } from './event-log.ts';
import { openBriefly } from './get-stream.ts';
import { playHandshake } from './handshake.ts';
import type { RpcId } from './messages.ts';
import { isInitialize, requestsIn, rpcErrorResponse } from './messages.ts';
import { buildServer } from './server.ts';
import type { SessionEnvelope } from './session.ts';
import { notEnded, unknownSession } from './session.ts';
import { SoonAnswers } from './soon.ts';

/** Milliseconds a session lives without a request. */
export const SESSION_IDLE_MS = 24 * 60 * 60 * 1000;
/** The expiry is written again at most this often, so that a request does not cost a write. As long may a gate let
 * calls run in the Worker, which the session does not see. */
const TOUCH_MS = 10 * 60 * 1000;
/** A call that runs in a Worker and was not answered after this was lost with it: its own time limit ends before. */
const LOST_MS = DEFAULT_TIMEOUT_MS + 10_000;
/** How soon to come back for the rest of a broken answer. */
const POST_RETRY_MS = 1000;
const KEEP_ALIVE_MS = 15_000;

/** What of a session is kept: all else can be made again. */
interface Kept {
  readonly identity: Identity;
  readonly initialize: JsonValue;
}

export interface SessionHostOptions {
  readonly state: DurableObjectState;
  readonly clock: () => number;
  /** Milliseconds after which an idle GET stream is closed; GET_STREAM_MS unless said. */
  readonly getStreamMs?: number;
  /** Milliseconds after which a call that runs in a Worker is taken for lost; LOST_MS unless said. */
  readonly lostMs?: number;
  /** The gate of the session's owner: outcomes go there, questions to the person, and that the session is open. */
  readonly gate: (envelope: SessionEnvelope) => SessionGate;
  /** The log of a tenant. */
  readonly audit: (tenant: string) => AuditReader;
  /** Ends the grant of a request's token there, because GitHub has ended what it stands for. */
  readonly endGrant: (envelope: SessionEnvelope) => Promise<void>;
}

type Settle = ConstructorParameters<typeof OpenCalls>[1];

type SessionGate = ConfirmationGate & {
  settle: Settle;
  sessionOpened(name: string, forMs: number): Promise<void>;
  sessionEnded(name: string): Promise<void>;
};

export class SessionHost {
  readonly #options: SessionHostOptions;
  #transport: WebStandardStreamableHTTPServerTransport | undefined;
  #answers: Promise<SoonAnswers> | undefined;
  #kept: Kept | undefined;
  #server: Server | undefined;
  /** Calls in progress by JSON-RPC id: the SDK's own errors must close them too. */
  readonly #running = new Map<RpcId, OpenCalls>();
  /** Those of them that run without the SDK's server, to be cancelled. */
  readonly #direct = new Map<RpcId, AbortController>();
  /** Those that run in a Worker and have their stream here. */
  readonly #elsewhere: CallsElsewhere;
  #touchedAt = 0;
  /** One after the other, so that the gate hears of the end last. */
  #announcing: Promise<void> = Promise.resolve();
  /** DELETEs on their way: while there is one, nobody is told that the session is open. */
  #ending = 0;

  constructor(options: SessionHostOptions) {
    this.#options = options;
    this.#elsewhere = new CallsElsewhere(options.clock, options.lostMs ?? LOST_MS);
  }

  /** `config`: the settings of the session's tenant as they are now. */
  async fetch(request: Request, envelope: SessionEnvelope, config: Config): Promise<Response> {
    const { state, clock } = this.#options;
    const body = request.method === 'POST' ? ((await request.json()) as JsonValue) : undefined;
    const requests = body === undefined ? [] : requestsIn(body);
    const settle: Settle = (id, outcome) => this.#options.gate(envelope).settle(id, outcome);
    const calls = new OpenCalls(envelope.tickets, settle, clock, (work) => state.waitUntil(work));
    this.#kept ??= state.storage.kv.get<Kept>('session');
    const kept = this.#kept;
    // An id that was ended is not begun again: whoever knows it would share it.
    const named = request.headers.has('mcp-session-id');
    const beginning = kept === undefined && !named && body !== undefined && isInitialize(body);
    if (!beginning && (kept === undefined || !sameIdentity(kept.identity, envelope.principal))) {
      calls.failRest('There is no such session.');
      return unknownSession(requests[0]?.id ?? null);
    }

    // An id is one request's until it is answered (MCP 2025-11-25, basic, Requests): its record must not be closed by another.
    const used = requests.find(({ id }) => this.#running.has(id));
    if (used !== undefined) {
      calls.failRest('Its id is that of a request in progress.');
      const message = 'The id of this request is that of another in progress. Use a new id for every request.';
      return rpcErrorResponse(400, { code: -32600, message }, used.id);
    }

    const { principal, upstreamToken, selection } = envelope;
    this.#answers ??= this.#open(kept, selection);
    const answers = await this.#answers;
    for (const { id } of requests) this.#running.set(id, calls);
    const gate = this.#options.gate(envelope);
    const endGrant = () => this.#options.endGrant(envelope);
    const audit = this.#options.audit(principal.tenant);
    const caller: Caller = { config, principal, upstreamToken, calls, gate, endGrant, selection, audit };
    if (request.method === 'DELETE' && !(await this.#tellEnd(envelope))) return notEnded();
    const direct = directCall(body, config);
    const authInfo = authInfoOf(caller);
    const response =
      envelope.runsInWorker === true && requests[0] !== undefined
        ? await this.#openFor(requests[0].id, request, body, answers, authInfo)
        : await answers.handle(request, body, authInfo, direct && (() => this.#answerDirect(direct, caller)));
    if (!response.ok) {
      for (const { id } of requests) this.#running.delete(id);
      calls.failRest(`The session refused the request with HTTP status ${response.status}.`);
    }
    if (beginning && response.ok) this.#keep(envelope, body);
    if (body !== undefined) await this.#endCancelled(body);
    if (request.method === 'DELETE') {
      if (response.ok) await this.end();
      this.#ending -= 1;
    } else {
      await this.#touch();
      if (response.ok && (beginning || envelope.announce === true)) this.#announce(envelope);
    }
    // What comes back for the rest of an answer is no idle stream.
    if (request.method !== 'GET' || !response.ok || request.headers.has('last-event-id')) return response;
    return openBriefly(response, () => this.#transport?.closeStandaloneSSEStream(), this.#options.getStreamMs);
  }

  /** The alarm: ends the session if it was not used for its idle time. */
  async expire(): Promise<void> {
    await this.end();
  }

  /** Sends a message of a call that runs in a Worker, as JSON. Out: whether there was a stream for it. */
  async deliver(id: RpcId, message: string): Promise<boolean> {
    if (this.#transport === undefined || !this.#elsewhere.has(id) || !this.#running.has(id)) return false;
    await this.#transport.send(JSON.parse(message) as JSONRPCMessage, { relatedRequestId: id });
    return true;
  }

  /** Resolves when a call that runs in a Worker is cancelled (true), or is over (false). */
  async cancelled(id: RpcId): Promise<boolean> {
    return await this.#elsewhere.cancelled(id);
  }

  /** Forgets everything. */
  async end(): Promise<void> {
    await this.#server?.close();
    for (const direct of this.#direct.values()) direct.abort();
    this.#direct.clear();
    this.#elsewhere.end();
    this.#running.clear();
    this.#transport = undefined;
    this.#answers = undefined;
    this.#kept = undefined;
    await this.#options.state.storage.deleteAll();
    await this.#options.state.storage.deleteAlarm();
  }

  /** A new transport; after an eviction, one that has gone through the same handshake. */
  async #open(kept: Kept | undefined, selection: Selection): Promise<SoonAnswers> {
    const { state } = this.#options;
    const sessionId = state.id.toString();
    const events = new EventLog(state.storage.sql);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => sessionId,
      eventStore: events,
      retryInterval: POST_RETRY_MS,
      keepAliveMs: KEEP_ALIVE_MS,
    });
    const server = buildServer(selection);
    await server.connect(transport);
    this.#transport = transport;
    this.#server = server;
    if (kept !== undefined) {
      events.recording = false;
      await playHandshake(transport, kept.initialize, sessionId);
      events.recording = true;
    }
    const answers = new SoonAnswers(transport);
    // Last, so that it sees what leaves as JSON too.
    this.#watch(transport);
    return answers;
  }

  async #answerDirect(call: DirectCall, caller: Caller): Promise<void> {
    const { id } = call;
    const cancelled = new AbortController();
    const { signal } = cancelled;
    this.#direct.set(id, cancelled);
    const notify = async (notification: JSONRPCMessage) =>
      await this.#transport?.send(notification, { relatedRequestId: id });
    const answer = await answerDirect(call, { caller, signal, modern: false, notify });
    if (this.#direct.get(id) === cancelled) this.#direct.delete(id);
    // A cancelled call is answered where it is cancelled.
    if (!signal.aborted) await this.#transport?.send(answer);
  }

  /** Opens the stream of a call that runs in a Worker. */
  async #openFor(
    id: RpcId,
    request: Request,
    body: JsonValue | undefined,
    answers: SoonAnswers,
    authInfo: AuthInfo,
  ): Promise<Response> {
    const isCancelled = this.#elsewhere.begin(id, () => void this.#fail(id, LOST));
    try {
      const response = await answers.open(id, request, body, authInfo);
      if (!response.ok) this.#elsewhere.forget(id);
      else if (isCancelled) await this.#cancel(id);
      return response;
    } catch (error) {
      this.#elsewhere.forget(id);
      this.#running.delete(id);
      throw error;
    }
  }

  /** Lets the gate know that calls of this session may run in the Worker, until the expiry has to be moved. */
  #announce(envelope: SessionEnvelope): void {
    const { state, clock, gate } = this.#options;
    const name = sessionName(state.id.toString(), envelope.principal);
    this.#announcing = this.#announcing.then(async () => {
      if (this.#kept === undefined || this.#ending > 0) return;
      // Without it calls come here: slower, and nothing else.
      await gate(envelope)
        .sessionOpened(name, this.#touchedAt + TOUCH_MS - clock())
        .catch(() => {});
    });
    state.waitUntil(this.#announcing);
  }

  /** Before the session ends, its calls must not run in the Worker any more. Out: whether the gate knows. */
  async #tellEnd(envelope: SessionEnvelope): Promise<boolean> {
    this.#ending += 1;
    await this.#announcing;
    try {
      await this.#options
        .gate(envelope)
        .sessionEnded(sessionName(this.#options.state.id.toString(), envelope.principal));
      return true;
    } catch {
      this.#ending -= 1;
      return false;
    }
  }

  /** Sees every answer that leaves: one that no handler of ours gave closes its call too. */
  #watch(transport: WebStandardStreamableHTTPServerTransport): void {
    const send = transport.send.bind(transport);
    transport.send = async (message: JSONRPCMessage, options) => {
      if (!('method' in message) && message.id !== undefined) {
        const calls = this.#running.get(message.id);
        this.#running.delete(message.id);
        this.#elsewhere.over(message.id);
        if ('error' in message) calls?.failProtocol(message.id, message.error.message);
        // A tool that failed has said so in its record. What is open now, the SDK failed: a question nobody can answer.
        else if (message.result.isError === true) calls?.failProtocol(message.id, 'The client could not be asked.');
        else calls?.succeed(message.id);
      }
      await send(message, options);
    };
  }

  /**
   * A cancelled request gets no answer from the SDK, which leaves its stream open for good and the object awake. An
   * error ends it; the client ignores it (MCP 2025-11-25, basic/utilities/cancellation).
   */
  async #endCancelled(body: JsonValue): Promise<void> {
    for (const message of Array.isArray(body) ? body : [body]) {
      if (!isObject(message) || message.method !== 'notifications/cancelled' || !isObject(message.params)) continue;
      const id = message.params.requestId;
      if (typeof id !== 'string' && typeof id !== 'number') continue;
      if (this.#running.has(id)) await this.#cancel(id);
      else this.#elsewhere.cancelEarly(id);
    }
  }

  async #cancel(id: RpcId): Promise<void> {
    this.#direct.get(id)?.abort();
    this.#elsewhere.cancel(id);
    // The handler sees the abort first, so that the call's outcome is its own.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await this.#fail(id, { code: -32010, message: 'The client cancelled the call.' });
  }

  /** Answers a request with an error, and so ends its stream. */
  async #fail(id: RpcId, error: { readonly code: number; readonly message: string }): Promise<void> {
    // The answer itself may have come first: then the transport knows of no such request any more, and none waits.
    await this.#transport?.send({ jsonrpc: '2.0', id, error }).catch(() => undefined);
  }

  #keep({ principal }: SessionEnvelope, initialize: JsonValue): void {
    const { tenant, user, client, jkt } = principal;
    const kept: Kept = { identity: { tenant, user, client, ...(jkt !== undefined && { jkt }) }, initialize };
    this.#options.state.storage.kv.put('session', kept);
    this.#kept = kept;
  }

  /** Moves the expiry; it is never earlier than the idle time after the last request. */
  async #touch(): Promise<void> {
    const now = this.#options.clock();
    if (now - this.#touchedAt < TOUCH_MS) return;
    this.#touchedAt = now;
    await this.#options.state.storage.setAlarm(now + SESSION_IDLE_MS + TOUCH_MS);
  }
}

const LOST = {
  code: -32603,
  message: 'The server lost this call. Call again: it only reads.',
};
