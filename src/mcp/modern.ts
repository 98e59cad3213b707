/** The lane of MCP 2026-07-28: stateless, handled in this Worker. What is no plain call gets a server of its own. */
import type { JSONRPCNotification } from '@modelcontextprotocol/server';
import { createMcpHandler, PerRequestHTTPServerTransport } from '@modelcontextprotocol/server';
import type { JsonValue } from '../core/json.ts';
import { isObject } from '../core/json.ts';
import { jsonAnswer } from '../core/own-response.ts';
import { safeAnswer } from '../core/safe-answer.ts';
import type { Caller } from './caller.ts';
import { authInfoOf, callerIn } from './caller.ts';
import type { OpenCalls } from './calls.ts';
import type { DirectCall } from './direct.ts';
import { answerDirect, directCall } from './direct.ts';
import { requestsIn } from './messages.ts';
import { buildServer } from './server.ts';

/** Milliseconds between comments on a stream, so that nothing between here and the client gives up on it. */
const KEEP_ALIVE_MS = 15_000;

/** The one revision of this era. */
const REVISION = '2026-07-28';

type Handler = ReturnType<typeof createMcpHandler>;
let handler: Handler | undefined;

/**
 * Serves one request of the modern era. A closed response stream cancels the call. `revision` is what the request's
 * envelope names, if it is whole.
 */
export async function serveModern(
  request: Request,
  body: JsonValue,
  caller: Caller,
  revision: string | undefined,
): Promise<Response> {
  const { config, calls } = caller;
  const direct = revision === REVISION ? fitsHeaders(request.headers, directCall(body, config)) : undefined;
  const response =
    direct === undefined
      ? await theHandler().fetch(request, { authInfo: authInfoOf(caller), parsedBody: body })
      : await serveDirect(direct, request, caller);
  return await closingRest(await safeAnswer(response), body, calls);
}

/** The call, where the headers say what its body says (SEP-2243): what differs, the SDK refuses. */
function fitsHeaders(headers: Headers, call: DirectCall | undefined): DirectCall | undefined {
  const fits =
    headers.get('mcp-protocol-version') === REVISION &&
    headers.get('mcp-method') === call?.method &&
    headers.get('mcp-name') === call?.params.name;
  return fits ? call : undefined;
}

/**
 * Answers without the SDK's server. The lane has classified the request: its envelope is whole and names the revision.
 * The answer is JSON, or a stream where something is to be said before; a client that hangs up cancels the call.
 */
async function serveDirect(call: DirectCall, request: Request, caller: Caller): Promise<Response> {
  const { signal } = request;
  const hungUp = new AbortController();
  const hangUp = () => hungUp.abort();
  if (signal.aborted) hangUp();
  signal.addEventListener('abort', hangUp, { once: true });
  return await new Promise<Response>((resolve, reject) => {
    let stream: ReturnType<typeof streamFor> | undefined;
    const notify = async (notification: JSONRPCNotification) => {
      if (stream === undefined) {
        stream = streamFor(call, request, hangUp);
        stream.response.then(resolve, (error) => (hungUp.signal.aborted ? resolve(nobodyThere()) : reject(error)));
      }
      await stream.transport.send(notification, { relatedRequestId: call.id });
    };
    answerDirect(call, { caller, signal: hungUp.signal, modern: true, notify })
      .then(async (answer) => {
        signal.removeEventListener('abort', hangUp);
        if (stream !== undefined) await stream.transport.send(answer);
        else if (hungUp.signal.aborted) resolve(nobodyThere());
        else resolve(jsonAnswer(answer));
      })
      .catch(reject);
  });
}

/** For the log line: whoever asked has hung up. */
function nobodyThere(): Response {
  return new Response(null, { status: 499 });
}

/** A stream for a call that runs already. `hangUp` is called when it is closed, by whom ever. */
function streamFor(call: DirectCall, request: Request, hangUp: () => void) {
  const transport = new PerRequestHTTPServerTransport({
    classification: { era: 'modern', revision: REVISION },
    keepAliveMs: KEEP_ALIVE_MS,
  });
  transport.onclose = hangUp;
  transport.onmessage = () => {};
  void transport.start();
  return { transport, response: transport.handleMessage(call, { request }) };
}

/** One for all tenants: whose settings count is said with each request. Made at the first, not when the module loads. */
function theHandler(): Handler {
  handler ??= createMcpHandler(({ authInfo }) => buildServer(callerIn(authInfo)?.selection), {
    // Host, origin and size were checked at the edge, before the token was.
    legacy: 'reject',
    keepAliveMs: KEEP_ALIVE_MS,
    onerror: () => {},
  });
  return handler;
}

/**
 * Closes calls that never reached a handler of ours: the SDK refuses malformed requests itself, always with a JSON
 * answer. A stream has a handler behind it, which closes its call.
 */
async function closingRest(response: Response, body: JsonValue, calls: OpenCalls): Promise<Response> {
  if (!calls.anyOpen) return response;
  if (response.headers.get('content-type')?.includes('text/event-stream') === true) return response;
  const answer: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const failure = isObject(answer) && isObject(answer.error) ? String(answer.error.message) : undefined;
  for (const { id } of requestsIn(body)) {
    calls.failProtocol(id, failure ?? `The request ended with HTTP status ${response.status}.`);
  }
  return response;
}
