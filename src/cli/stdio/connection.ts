/** The transport of a local server: the SDK's own, with every message seen on its way in and out. */
import type { JSONRPCMessage, Server, Transport } from '@modelcontextprotocol/server';
import { isObject, type JsonValue } from '../../core/json.ts';
import { plainText } from '../../core/text.ts';
import { authInfoOf } from '../../mcp/caller.ts';
import { type RpcRequest, requestsIn } from '../../mcp/messages.ts';
import { problemsIn } from '../../mcp/params.ts';
import { unwrapSession } from '../../mcp/unwrap.ts';
import { errorMessage } from '../errors.ts';
import type { LocalCalls } from './calls.ts';

export class Connection implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>;
  readonly #wire: Transport;
  readonly #calls: LocalCalls;
  #isClosed: () => void = () => {};

  constructor(wire: Transport, calls: LocalCalls) {
    this.#wire = wire;
    this.#calls = calls;
    this.closed = new Promise((resolve) => {
      this.#isClosed = resolve;
    });
  }

  async start(): Promise<void> {
    this.#wire.onmessage = (message) => this.#receive(message);
    this.#wire.onerror = (error) => this.onerror?.(error);
    this.#wire.onclose = () => {
      this.onclose?.();
      this.#isClosed();
    };
    await this.#wire.start();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#calls.answered(message);
    await this.#wire.send(message);
  }

  async close(): Promise<void> {
    await this.#wire.close();
  }

  /** What went wrong beside the calls, without anything a message held that could be secret. */
  report(error: unknown): void {
    const unread = problemsIn(error) !== undefined;
    const what = unread ? 'A message was left out: it is no JSON-RPC 2.0.' : plainText(errorMessage(error), 300);
    console.error(`Gatehouse: ${what}`);
  }

  /** Out: the same server, whose handlers are told who calls: `serveStdio` hands on nothing that is said here beside a message. */
  identified(server: Server): Server {
    const connect = server.connect.bind(server);
    server.connect = async (channel) => {
      await connect(channel);
      const deliver = channel.onmessage;
      channel.onmessage = (message, extra) =>
        deliver?.(message, { ...extra, authInfo: authInfoOf(this.#calls.callerOf(message)) });
    };
    return server;
  }

  #receive(raw: JSONRPCMessage): void {
    // A message of the SDK is JSON that was parsed.
    const message = unwrapSession(raw as unknown as JsonValue, this.#calls.selection);
    const [request] = requestsIn(message);
    if (request !== undefined && this.#calls.isRunning(request.id)) {
      this.#refuseRepeated(request);
      return;
    }
    if (request !== undefined) this.#calls.open(request);
    this.onmessage?.(message as unknown as JSONRPCMessage);
    if (!isObject(message) || message.method !== 'notifications/cancelled' || !isObject(message.params)) return;
    const id = message.params.requestId;
    if (typeof id === 'string' || typeof id === 'number') this.#calls.cancelled(id);
  }

  /** An id is one request's until it is answered (MCP 2025-11-25, basic, Requests): an answer with it would be the other's. */
  #refuseRepeated(request: RpcRequest): void {
    this.#calls.refuseRepeated(request);
    const message = 'The id of a request is that of another in progress. Use a new id for every request.';
    void this.#wire.send({ jsonrpc: '2.0', error: { code: -32600, message } }).catch((error) => this.report(error));
  }
}
