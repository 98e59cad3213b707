/** What an answer must never be. Pure. */
import type { Hit } from './shot.ts';

/** In: an answer. Out: what is wrong with it; undefined where nothing is. */
export function faultOf(hit: Hit): string | undefined {
  if (hit.timedOut) return 'no answer in time';
  if (hit.status >= 500 && !isRuntimes(hit)) return `status ${hit.status}`;
  if (/"code":\s*-32603/.test(hit.body) || /gatehouse\/error[^}]*"code":\s*"internal"/.test(hit.body)) {
    return 'an internal error';
  }
  if (/^\s+at .+:\d+:\d+\)?$/m.test(hit.body)) return 'a stack trace';
  return undefined;
}

/** Methods and versions that HTTP does not know are refused by the runtime, before the Worker is asked. */
function isRuntimes({ status, headers }: Hit): boolean {
  return (status === 501 || status === 505) && !headers.has('x-request-id');
}

/** What the Worker and the runtime said while inputs came in. */
export class LogWatch {
  readonly faults: string[] = [];

  /** To be handed to a stack as `onLog`. */
  readonly see = (line: { readonly level: string; readonly message: string }): void => {
    const fault = faultOfLog(line);
    if (fault !== undefined) this.faults.push(fault);
  };
}

/** In: a line that the Worker or the runtime logged. Out: what is wrong with it; undefined where nothing is. */
export function faultOfLog({
  level,
  message,
}: {
  readonly level: string;
  readonly message: string;
}): string | undefined {
  if (/uncaught|unhandled/i.test(message) && !message.startsWith('{')) return message;
  if (!message.startsWith('{')) return level === 'error' ? message : undefined;
  const { status, event, error_stack } = JSON.parse(message) as Record<string, unknown>;
  const failed = (typeof status === 'number' && status >= 500) || event === 'call_failed' || error_stack !== undefined;
  return failed ? message : undefined;
}
