/** An open stream must not outlive the token it was opened with. */
import { isJsonAnswer } from '../core/own-response.ts';

/** Milliseconds between two looks: a revocation ends a stream within this and the time of one question. */
export const LOOK_EVERY_MS = 10_000;

/**
 * In: an answer, and a question whether its token is still good. Out: the answer; a stream ends soon after the token was
 * revoked, and what produced it is cancelled. A question that cannot be answered ends it too.
 */
export function endWhenRevoked(
  response: Response,
  isAlive: () => Promise<boolean>,
  everyMs: number = LOOK_EVERY_MS,
): Response {
  if (isJsonAnswer(response)) return response;
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!isStream || response.body === null) return response;
  const reader = response.body.getReader();
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => clearInterval(timer);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(async () => {
        if (await isAlive().catch(() => false)) return;
        stop();
        try {
          controller.close();
        } catch {
          // Ended meanwhile.
        }
        await reader.cancel('the token was revoked').catch(() => {});
      }, everyMs);
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        stop();
        controller.close();
      } catch (error) {
        stop();
        controller.error(error);
      }
    },
    async cancel(reason) {
      stop();
      await reader.cancel(reason);
    },
  });
  return new Response(body, response);
}
