/**
 * The answers of a session's transport. A request whose answer is there soon gets it as JSON: no stream, no events to
 * keep. One that takes longer, or has something to say before (progress, a question), gets a stream, which the client
 * can come back for (MCP 2025-11-25, basic/transports: the server chooses). The SDK's transport makes the stream.
 */
import type { AuthInfo, JSONRPCMessage, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { isInitializeRequest, isJSONRPCRequest, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import type { JsonValue } from '../core/json.ts';
import type { RpcId } from './messages.ts';

/** Milliseconds after which an answer that is not there yet comes as a stream. */
export const SOON_MS = 500;

interface Waiting {
  /** Answers as JSON. */
  readonly answer: (message: JSONRPCMessage) => void;
  /** Opens the stream; resolves when something can be sent on it. */
  readonly stream: () => Promise<void>;
}

export class SoonAnswers {
  readonly #transport: WebStandardStreamableHTTPServerTransport;
  readonly #soonMs: number;
  /** Requests whose answer may still be JSON. */
  readonly #waiting = new Map<RpcId, Waiting>();
  /** Requests that run already when their stream is opened: the transport hands them over once more. */
  readonly #handedOver = new Set<RpcId>();

  /** In: a transport that a server is connected to, and the milliseconds to wait for an answer. */
  constructor(transport: WebStandardStreamableHTTPServerTransport, soonMs = SOON_MS) {
    this.#transport = transport;
    this.#soonMs = soonMs;
    const send = transport.send.bind(transport);
    transport.send = async (message, options) => {
      const isAnswer = !('method' in message);
      const id = isAnswer ? message.id : options?.relatedRequestId;
      const waiting = id === undefined ? undefined : this.#waiting.get(id);
      if (waiting !== undefined && isAnswer) return waiting.answer(message);
      await waiting?.stream();
      await send(message, options);
    };
    const receive = transport.onmessage;
    transport.onmessage = (message, extra) => {
      if ('method' in message && 'id' in message && this.#handedOver.delete(message.id)) return;
      receive?.(message, extra);
    };
  }

  /**
   * Answers any request of the session. `body` is that of a POST. `run` is there where the server need not be asked: it
   * sends the answer through the transport. It is not called for what the transport would refuse.
   */
  async handle(
    request: Request,
    body: JsonValue | undefined,
    authInfo: AuthInfo,
    run?: () => Promise<void>,
  ): Promise<Response> {
    if (!this.#isPlainRequest(request, body, run !== undefined)) {
      return await this.#transport.handleRequest(request, { parsedBody: body, authInfo });
    }
    const transport = this.#transport;
    const message = body;
    const { id } = message;
    return await new Promise<Response>((resolve, reject) => {
      let opened: Promise<void> | undefined;
      const stream = (): Promise<void> => {
        opened ??= (async () => {
          clearTimeout(timer);
          try {
            resolve(await this.open(id, request, message, authInfo));
          } catch (error) {
            reject(error);
          } finally {
            this.#waiting.delete(id);
          }
        })();
        return opened;
      };
      const timer = setTimeout(stream, this.#soonMs);
      const answer = (answered: JSONRPCMessage) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        const headers = { 'mcp-session-id': transport.sessionId ?? '' };
        resolve(Response.json(answered, { headers }));
      };
      this.#waiting.set(id, {
        stream,
        // What is answered while its stream is being opened goes there.
        answer: (answered) =>
          opened === undefined ? answer(answered) : void opened.then(() => transport.send(answered)),
      });
      if (run !== undefined) return void run().catch(reject);
      transport.onmessage?.(message, {
        authInfo,
        request,
        closeSSEStream: () => void stream().then(() => transport.closeSSEStream(id)),
        closeStandaloneSSEStream: () => transport.closeStandaloneSSEStream(),
      });
    });
  }

  /** Opens the stream of a request that runs already: what is sent for it from now on goes there. */
  async open(id: RpcId, request: Request, body: JsonValue | undefined, authInfo: AuthInfo): Promise<Response> {
    this.#handedOver.add(id);
    try {
      return await this.#transport.handleRequest(request, { parsedBody: body, authInfo });
    } finally {
      this.#handedOver.delete(id);
    }
  }

  /** One request in an open session, with headers that the transport would accept. All else is the transport's. */
  #isPlainRequest(
    request: Request,
    body: JsonValue | undefined,
    isRequest: boolean,
  ): body is JsonValue & JSONRPCMessage & { id: RpcId } {
    return (
      request.method === 'POST' &&
      request.headers.get('mcp-session-id') === this.#transport.sessionId &&
      takesBoth(request.headers) &&
      (isRequest || (isJSONRPCRequest(body) && !isInitializeRequest(body)))
    );
  }
}

/** Whether a client takes JSON and streams, in a revision that the transport speaks: it would refuse all others. */
export function takesBoth(headers: Headers): boolean {
  const accept = headers.get('accept') ?? '';
  const version = headers.get('mcp-protocol-version');
  return (
    accept.includes('application/json') &&
    accept.includes('text/event-stream') &&
    (version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version))
  );
}
