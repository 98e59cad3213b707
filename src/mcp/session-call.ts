/**
 * A plain call of an open session, run in the Worker that admitted it: the session's object has nothing to add to an
 * answer that is there soon. Only where it takes longer, or has something to say before, does the object open a stream
 * for it, which the client can come back for. A cancellation takes effect from then on, whenever it came.
 */
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { toolByName } from '../catalogue/index.ts';
import type { Config } from '../config.ts';
import type { JsonValue } from '../core/json.ts';
import { jsonAnswer } from '../core/own-response.ts';
import type { Caller } from './caller.ts';
import type { DirectCall } from './direct.ts';
import { answerDirect, directCall } from './direct.ts';
import { isShortId } from './elsewhere.ts';
import { SOON_MS, takesBoth } from './soon.ts';

/** The object of the session, as far as a call that runs elsewhere needs it. */
export interface SessionLink {
  /** The session's id. */
  readonly id: string;
  /** Opens a stream for the call; an answer that is no success where the session is not there any more. */
  open(): Promise<Response>;
  /** Sends a notification or the answer on that stream. Resolves to whether there was one. */
  deliver(message: JSONRPCMessage): Promise<boolean>;
  /** Resolves when the client cancels the call (true) or the call is over (false). */
  cancelled(): Promise<boolean>;
}

/**
 * In: a POST with the id of a session. Out: its call, where it may run in the Worker; undefined for what the object has to
 * look at. A tool that writes is left to it, because it takes an id once; and one with a time limit of its own, because it
 * outlives a client that hangs up.
 */
export function plainCall(request: Request, body: JsonValue, config: Config): DirectCall | undefined {
  const call = directCall(body, config);
  if (call === undefined || !isShortId(call.id)) return undefined;
  const tool = toolByName(call.params.name);
  if (tool?.access !== 'read' || tool.timeoutMs !== undefined) return undefined;
  return takesBoth(request.headers) ? call : undefined;
}

/**
 * Runs the call. Out: its answer as JSON, or a stream of the object. `keepAlive` is told of work that goes on after that.
 */
export async function callInWorker(
  call: DirectCall,
  caller: Caller,
  link: SessionLink,
  keepAlive: (work: Promise<unknown>) => void,
  soonMs = SOON_MS,
): Promise<Response> {
  return await new Promise<Response>((resolve, reject) => {
    const cancelled = new AbortController();
    /** Whether the client listens on the stream. */
    let opened: Promise<boolean> | undefined;
    const open = async (): Promise<boolean> => {
      clearTimeout(timer);
      // Without the object the answer is late, and nothing else.
      const response = await link.open().catch(ignored);
      if (response === undefined) return false;
      resolve(response);
      if (response.ok) {
        keepAlive(link.cancelled().then((yes) => yes && cancelled.abort(), ignored));
        return true;
      }
      caller.calls.failRest(`The session refused the request with HTTP status ${response.status}.`);
      cancelled.abort();
      return false;
    };
    const stream = (): Promise<boolean> => {
      opened ??= open();
      return opened;
    };
    const timer = setTimeout(stream, soonMs);
    const notify = async (notification: JSONRPCMessage) => {
      // Progress that does not arrive is no failure of the call.
      if (await stream()) await link.deliver(notification).catch(ignored);
    };
    const work = answerDirect(call, { caller, signal: cancelled.signal, modern: false, notify }).then(
      async (answer) => {
        clearTimeout(timer);
        // Where the session refused it, there is an answer already.
        if (opened === undefined || !(await opened)) {
          const response = jsonAnswer(answer);
          response.headers.set('mcp-session-id', link.id);
          return resolve(response);
        }
        // A cancelled call is answered where it is cancelled.
        if (cancelled.signal.aborted || (await link.deliver(answer).catch(ignored)) === true) return;
        console.error(JSON.stringify({ event: 'answer_lost', call_id: caller.calls.ticket(call.id)?.id }));
      },
    );
    keepAlive(work.catch(reject));
  });
}

/** The object is gone: what waits for its word goes on without. */
const ignored = () => undefined;
