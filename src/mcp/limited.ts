/** What a call's work is given: its context, its time, and GitHub as one person may use it. */
import type { CallContext, Progress } from '../catalogue/define.ts';
import type { Config } from '../config.ts';
import { AppError, toAppError } from '../core/errors.ts';
import type { UpstreamUse } from '../core/record.ts';
import { tally } from '../core/tally.ts';
import { createGitHub, type GitHub } from '../github/client.ts';
import { Memory } from '../github/memory.ts';
import { UseMeter } from '../github/use.ts';
import { safeJson } from '../output/safe.ts';
import { noteLeftOut, redactedIn } from '../output/shape.ts';
import { repositoryLimit } from '../policy/limit.ts';
import type { Caller, CallRequest } from './caller.ts';
import { callerOf } from './caller.ts';
import type { RpcId } from './messages.ts';
import { unlessRevoked } from './revoked-upstream.ts';

/** What this isolate remembers of GitHub, person by person. */
const memory = new Memory();

/** Gives the work its context and its time. `name` is what the log calls a failure of ours by. Throws an AppError. */
export async function limited<T extends object>(
  config: Config,
  ctx: CallRequest,
  timeoutMs: number,
  name: string,
  work: (context: CallContext) => Promise<T>,
): Promise<T> {
  const caller = callerOf(ctx);
  const { principal } = caller;
  const cancelled = ctx.mcpReq.signal;
  const ended = new AbortController();
  const { signal } = ended;
  let late = false;
  // A handler that does not listen to its signal must not hold the call.
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>();
  // Where nobody comes to wait for it.
  stopped.catch(() => undefined);
  const end = () => {
    ended.abort();
    stop(signal.reason);
  };
  // Let go of with the call: a signal of its own for the time limit would be kept until that time has come.
  const timer = setTimeout(() => {
    late = true;
    end();
  }, timeoutMs);
  cancelled.addEventListener('abort', end, { once: true });
  if (cancelled.aborted) end();
  const meter = new UseMeter(Date.now);
  try {
    const github = githubFor(config, caller, signal, meter.fetch);
    const context = { github, principal, signal, progress: progressOf(ctx) };
    const result = noteLeftOut(await Promise.race([work(context), stopped]), github.leftOut);
    const redacted = redactedIn(result);
    if (redacted > 0) console.log(JSON.stringify({ event: 'secrets_redacted', call_id: name, redacted }));
    return result;
  } catch (cause) {
    const error = await unlessRevoked(config, failureOf(cause, cancelled.aborted, late), caller);
    if (error.code === 'internal')
      console.error(JSON.stringify({ event: 'call_failed', call_id: name, error: stackOf(cause) }));
    throw error;
  } finally {
    clearTimeout(timer);
    cancelled.removeEventListener('abort', end);
    noteUse(caller, ctx.mcpReq.id, meter.use);
  }
}

/** What was asked of GitHub is counted with the call's record; what has none waits in the isolate. */
function noteUse({ calls, principal }: Caller, id: RpcId, use: UpstreamUse | undefined): void {
  if (calls.ticket(id) !== undefined) calls.used(id, use);
  else
    for (const [status, n] of Object.entries(use?.statuses ?? {})) tally.add(principal.tenant, ['upstream', status], n);
}

/** GitHub as one person may use it, until the signal aborts. */
export function githubFor(
  config: Config,
  { principal, upstreamToken }: Pick<Caller, 'principal' | 'upstreamToken'>,
  signal: AbortSignal,
  through?: typeof fetch,
): GitHub {
  return createGitHub({
    apiUrl: config.github.apiUrl,
    webUrl: config.github.url,
    token: upstreamToken,
    limit: principal.repositories === null ? null : repositoryLimit(principal.repositories),
    lockdownFor: config.lockdown ? principal.user.login : undefined,
    signal,
    memory,
    ...(through !== undefined && { fetch: through }),
  });
}

/** What ended the call: the client, the time limit, or something that went wrong. */
function failureOf(cause: unknown, cancelled: boolean, late: boolean): AppError {
  if (cancelled) return new AppError('cancelled', 'The client cancelled the call.', { cause });
  if (late) return new AppError('timeout', 'The call took longer than its time limit.', { cause });
  return toAppError(cause);
}

/** notifications/progress, where the client asked for it (MCP basic/patterns/progress). */
function progressOf(ctx: CallRequest): (step: Progress) => Promise<void> {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return async () => {};
  return async ({ done, total, message }) => {
    await ctx.mcpReq.notify({
      method: 'notifications/progress',
      params: {
        progressToken,
        progress: done,
        message: safeJson(message).value,
        ...(total !== undefined && { total }),
      },
    });
  };
}

/** Where it broke, without the message: a message may hold anything. */
function stackOf(cause: unknown): string {
  const inner = cause instanceof AppError ? cause.cause : cause;
  if (!(inner instanceof Error)) return typeof inner;
  return [
    inner.name,
    ...(inner.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 6),
  ].join('\n');
}
