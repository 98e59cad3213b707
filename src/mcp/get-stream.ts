/** The stream that a session's client opens to listen (MCP 2025-11-25, basic/transports). */

/** An idle GET stream is closed after this: an object with an open stream stays awake, and is billed. */
export const GET_STREAM_MS = 30_000;
/** How long the client should then wait before it opens the next one (SEP-1699). */
export const GET_RETRY_MS = 60_000;

/**
 * In: the transport's answer, and what closes its stream. Out: the same, which ends after `ms` milliseconds with the time
 * after which to come back.
 */
export function openBriefly(response: Response, close: () => void, ms: number = GET_STREAM_MS): Response {
  if (response.body === null) return response;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stream = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => {
      timer = setTimeout(() => {
        controller.enqueue(new TextEncoder().encode(`retry: ${GET_RETRY_MS}\n\n`));
        close();
      }, ms);
    },
    flush: () => clearTimeout(timer),
  });
  void response.body.pipeTo(stream.writable).catch(() => clearTimeout(timer));
  return new Response(stream.readable, response);
}
