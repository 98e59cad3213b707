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
import { isInputRequiredResult } from '@modelcontextprotocol/server';
import type {
  CallContext,
  Position,
  PromptDefinition,
  ResourceDefinition,
  ToolDefinition,
} from '../catalogue/define.ts';
import { promptByName, resourceFor, toolByName, validateArguments } from '../catalogue/index.ts';
import { isAllowed, refusalOf } from '../catalogue/selection.ts';
import type { Config } from '../config.ts';
import { AppError, toAppError } from '../core/errors.ts';
import { safeParse } from '../core/parse.ts';
import { plainText } from '../core/text.ts';
import { redactedIn, shapeContents, shapePrompt, shapeToolError, shapeToolResult } from '../output/shape.ts';
import { isAdmin } from '../policy/admins.ts';
import { allows } from '../policy/scopes.ts';
import { DEFAULT_TIMEOUT_MS } from './admit.ts';
import type { CallRequest } from './caller.ts';
import { callerOf } from './caller.ts';
import { canAskIn, confirmFirst } from './confirm.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { limited } from './limited.ts';
import { asProtocolError, protocolError } from './protocol-error.ts';

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
      const output = safeParse(tool.output, { ...shown, ...more });
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
