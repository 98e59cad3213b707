/**
 * The one way to a tool, resource or prompt. Everything around them happens here: refusals, arguments, time limit,
 * progress, the shape of the answer, and the outcome of the call's record.
 */
import type {
  CallToolResult,
  ClientCapabilities,
  GetPromptResult,
  InputRequiredResult,
  ReadResourceResult,
} from '@modelcontextprotocol/server';
import { isInputRequiredResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type {
  CallContext,
  Position,
  Progress,
  PromptDefinition,
  ResourceDefinition,
  ToolDefinition,
} from '../catalogue/define.ts';
import { promptByName, resourceFor, toolByName, validateArguments } from '../catalogue/index.ts';
import { isAllowed, refusalOf } from '../catalogue/selection.ts';
import type { Config } from '../config.ts';
import { AppError, CODES, errorBody, toAppError } from '../core/errors.ts';
import type { UpstreamUse } from '../core/record.ts';
import { tally } from '../core/tally.ts';
import { plainText } from '../core/text.ts';
import { createGitHub, type GitHub } from '../github/client.ts';
import { Memory } from '../github/memory.ts';
import { UseMeter } from '../github/use.ts';
import { safeError, safeJson } from '../output/safe.ts';
import {
  noteLeftOut,
  redactedIn,
  shapeContents,
  shapePrompt,
  shapeToolError,
  shapeToolResult,
} from '../output/shape.ts';
import { isAdmin } from '../policy/admins.ts';
import { repositoryLimit } from '../policy/limit.ts';
import { allows } from '../policy/scopes.ts';
import { DEFAULT_TIMEOUT_MS } from './admit.ts';
import type { Caller, CallRequest } from './caller.ts';
import { callerOf } from './caller.ts';
import { canAskIn, confirmFirst } from './confirm.ts';
import { openCursor, sealCursor } from './cursor.ts';
import type { RpcId } from './messages.ts';
import { unlessRevoked } from './revoked-upstream.ts';

/** What this isolate remembers of GitHub, person by person. */
const memory = new Memory();

/**
 * tools/call. Failures of the tool are results a model can read; an unknown tool is an error of the protocol.
 * `capabilities` are those the client declared.
 */
export async function callTool(
  config: Config,
  params: { name: string; arguments?: unknown },
  capabilities: ClientCapabilities | undefined,
  ctx: CallRequest,
): Promise<CallToolResult | InputRequiredResult> {
  const tool = toolByName(params.name);
  try {
    return await run(config, ctx, tool?.timeoutMs, async (context): Promise<CallToolResult | InputRequiredResult> => {
      if (tool === undefined) throw new AppError('unknown_tool', `There is no tool ${plainText(params.name, 60)}.`);
      const { selection, gate, calls } = callerOf(ctx);
      const refusal = refusalOf(tool, selection);
      if (refusal !== undefined) throw refusal;
      const args = validateArguments(tool, params.arguments ?? {});
      const { id } = ctx.mcpReq;
      const asked = await confirmFirst(tool, args, {
        config,
        request: ctx,
        gate,
        context,
        canAsk: canAskIn(capabilities),
        callId: calls.ticket(id)?.id ?? '',
        link: (first) => calls.link(id, first),
      });
      if ('ask' in asked) return asked.ask;
      const call = { principal: context.principal, tool: tool.name, args };
      const result = await tool.run(openCursor(config, call), {
        ...context,
        selection,
        ...asked,
        ...auditFor(tool, ctx),
      });
      const { next, ...shown } = result.data as typeof result.data & { next?: Position };
      const more = next && { truncated: true, next_cursor: sealCursor(config, call, next) };
      const output = tool.output.safeParse({ ...shown, ...more });
      if (!output.success) {
        const field = output.error.issues[0]?.path.join('.') ?? '';
        throw new AppError(
          'upstream_malformed',
          `GitHub's answer lacks what ${tool.name} needs, at ${field || 'the top'}.`,
        );
      }
      return shapeToolResult(output.data, result.links);
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'unknown_tool') throw protocolError(error);
    return shapeToolError(error);
  }
}

/** The log, for a tool that is there to read it. The lane has looked already; this looks at who asks once more. */
function auditFor(tool: ToolDefinition, ctx: CallRequest): Pick<CallContext, 'audit'> {
  if (tool.scope === undefined) return {};
  const { config, principal, audit } = callerOf(ctx);
  if (allows(principal.scopes, tool.scope) && isAdmin(config, principal.user.login)) return { audit };
  throw new AppError('forbidden_by_policy', `The tool ${tool.name} is for administrators.`);
}

/** resources/read. */
export async function readResource(
  config: Config,
  uri: string,
  publicOnly: boolean,
  ctx: CallRequest,
): Promise<ReadResourceResult> {
  const work = () =>
    run(config, ctx, undefined, async (context) => {
      const found = resourceFor(uri);
      if (found === undefined) throw new AppError('unknown_resource', `There is no resource ${plainText(uri, 200)}.`);
      demandAllowed(found.resource, ctx);
      const contents = await found.resource.read(uri, found.variables, { ...context, publicOnly });
      const fresh = { ttlMs: found.resource.freshFor?.(found.variables) ?? 0, cacheScope: 'private' as const };
      // The 2025 revisions know no hints. What was read is the person's own, whoever else could read it.
      return { ...shapeContents(contents), ...(ctx.mcpReq.envelope !== undefined && fresh) };
    });
  return await asProtocolError(work, uri);
}

/** prompts/get. */
export async function getPrompt(
  config: Config,
  params: { name: string; arguments?: unknown },
  ctx: CallRequest,
): Promise<GetPromptResult> {
  return await asProtocolError(() =>
    run(config, ctx, undefined, async (context) => {
      const prompt = promptByName(params.name);
      if (prompt === undefined)
        throw new AppError('unknown_prompt', `There is no prompt ${plainText(params.name, 60)}.`);
      demandAllowed(prompt, ctx);
      return shapePrompt(await prompt.get(validateArguments(prompt, params.arguments ?? {}), context));
    }),
  );
}

/** Throws `forbidden_by_policy` where the policy's toolsets leave this out. */
export function demandAllowed(what: ResourceDefinition | PromptDefinition, ctx: CallRequest): void {
  if (isAllowed(what, callerOf(ctx).selection)) return;
  throw new AppError('forbidden_by_policy', `${what.title} is not allowed here.`);
}

/**
 * Runs the work of one admitted call: throws the refusal it came with, limits its time, closes its record. Every call
 * goes through here, those of the fixture server in test/conformance too. Throws an AppError.
 */
export async function run<T extends object>(
  config: Config,
  ctx: CallRequest,
  timeoutMs: number | undefined,
  work: (context: CallContext) => Promise<T>,
): Promise<T> {
  const { calls } = callerOf(ctx);
  const { id } = ctx.mcpReq;
  const ticket = calls.ticket(id);
  if (ticket === undefined) throw new AppError('internal', 'The call was not admitted.');
  if (ticket.refusal !== undefined) {
    throw new AppError(ticket.refusal.code, ticket.refusal.message, {
      retryAfterSeconds: ticket.refusal.retryAfterSeconds,
    });
  }
  try {
    const result = await limited(config, ctx, timeoutMs ?? DEFAULT_TIMEOUT_MS, ticket.id, work);
    calls.redacted(id, redactedIn(result));
    if (!isInputRequiredResult(result)) calls.succeed(id);
    // A question ends a request of 2026-07-28, whose answer is a new one. A session asks and calls again within the same
    // request, whose answer closes the record (MCP 2026-07-28, basic/patterns/mrtr).
    else if (ctx.mcpReq.envelope !== undefined) calls.succeed(id, 'input_required');
    return result;
  } catch (error) {
    const failure = toAppError(error);
    calls.redacted(id, redactedIn(shapeToolError(failure)));
    calls.fail(id, failure);
    throw error;
  }
}

/**
 * Runs the work of a request that leaves no row: the gate counted it when it was admitted, and refused it there if it
 * had to, so there is no record to close. Time, token and repository limit are those of every call. Throws an AppError.
 */
export async function counted<T extends object>(
  config: Config,
  ctx: CallRequest,
  timeoutMs: number,
  work: (context: CallContext) => Promise<T>,
): Promise<T> {
  return await limited(config, ctx, timeoutMs, String(ctx.mcpReq.id), work);
}

/** Gives the work its context and its time. `name` is what the log calls a failure of ours by. Throws an AppError. */
async function limited<T extends object>(
  config: Config,
  ctx: CallRequest,
  timeoutMs: number,
  name: string,
  work: (context: CallContext) => Promise<T>,
): Promise<T> {
  const caller = callerOf(ctx);
  const { principal } = caller;
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([ctx.mcpReq.signal, limit]);
  const meter = new UseMeter(Date.now);
  try {
    const github = githubFor(config, caller, signal, meter.fetch);
    const context = { github, principal, signal, progress: progressOf(ctx) };
    const result = noteLeftOut(await unlessAborted(signal, work(context)), github.leftOut);
    const redacted = redactedIn(result);
    if (redacted > 0) console.log(JSON.stringify({ event: 'secrets_redacted', call_id: name, redacted }));
    return result;
  } catch (cause) {
    const error = await unlessRevoked(config, failureOf(cause, ctx.mcpReq.signal, limit), caller);
    if (error.code === 'internal')
      console.error(JSON.stringify({ event: 'call_failed', call_id: name, error: stackOf(cause) }));
    throw error;
  } finally {
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
function failureOf(cause: unknown, cancelled: AbortSignal, limit: AbortSignal): AppError {
  if (cancelled.aborted) return new AppError('cancelled', 'The client cancelled the call.', { cause });
  if (limit.aborted) return new AppError('timeout', 'The call took longer than its time limit.', { cause });
  return toAppError(cause);
}

/** A handler that does not listen to its signal must not hold the call. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
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

/** Failures of requests whose result cannot say `isError`. In: the work, and the URI where a resource is read. */
export async function asProtocolError<T>(work: () => Promise<T>, uri?: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AppError ? protocolError(error, uri) : error;
  }
}

/**
 * A resource that does not exist, be it GitHub that says so, is -32602 with its URI as data (MCP 2026-07-28,
 * server/resources, Error Handling); the SDK answers the same in a session, where -32002 would be the older code.
 */
function protocolError(error: AppError, uri?: string): ProtocolError {
  const { message, data } = safeError({
    message: error.message,
    data: { ...errorBody(error), ...(uri !== undefined && { uri }) },
  }).value;
  if (uri === undefined) return new ProtocolError(CODES[error.code].rpc, message, data);
  const missing = error.code === 'unknown_resource' || error.code === 'upstream_not_found';
  const code = missing ? ProtocolErrorCode.InvalidParams : CODES[error.code].rpc;
  return new ProtocolError(code, message, data);
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
