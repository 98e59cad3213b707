/** completion/complete: values for the arguments of prompts and the variables of resource templates. */
import type { CompleteRequestParams, CompleteResult, ServerContext } from '@modelcontextprotocol/server';
import { fits } from '../catalogue/completers.ts';
import type { Completer, CompletionContext } from '../catalogue/define.ts';
import { promptByName, resourceByTemplate } from '../catalogue/index.ts';
import type { Config } from '../config.ts';
import { AppError, type ErrorCode } from '../core/errors.ts';
import { mapStrings } from '../core/json.ts';
import { plainText } from '../core/text.ts';
import { sanitiseText } from '../output/sanitise.ts';
import { allows } from '../policy/scopes.ts';
import { callerOf } from './caller.ts';
import { counted, demandAllowed } from './invoke.ts';
import { asProtocolError } from './protocol-error.ts';

/** Most values of one answer (MCP 2026-07-28, server/utilities/completion). */
const MAX_VALUES = 100;
/** Milliseconds: whoever types does not wait for longer. */
const TIMEOUT_MS = 5_000;
/** Longest text that is completed. */
const MAX_TYPED = 500;
/** Nothing fits what is half typed, or names what is not there: that is an empty list, not a failure. */
const NOTHING_THERE: ReadonlySet<ErrorCode> = new Set(['upstream_not_found', 'invalid_arguments']);

/**
 * In: what is filled in, and what was typed so far. Out: at most 100 values that fit, those that begin with it first.
 * Throws errors of the protocol: for a prompt or template that does not exist (-32602), and where GitHub or the limits
 * refuse (MCP 2026-07-28, server/utilities/completion, Error Handling).
 */
export async function complete(
  config: Config,
  params: CompleteRequestParams,
  ctx: ServerContext,
): Promise<CompleteResult> {
  return await asProtocolError(() =>
    counted(config, ctx, TIMEOUT_MS, async ({ github, principal }) => {
      const completer = completerOf(params, ctx);
      const { value } = params.argument;
      if (completer === undefined || value.length > MAX_TYPED) return answer([]);
      const isPrompt = params.ref.type === 'ref/prompt';
      const publicOnly = !isPrompt && !allows(callerOf(ctx).principal.scopes, 'resources:read');
      const context: CompletionContext = { github, principal, publicOnly };
      const found = await unlessMissing(completer(value, params.context?.arguments ?? {}, context));
      return mapStrings(answer(ranked(found, value)), sanitiseText);
    }),
  );
}

function completerOf({ ref, argument }: CompleteRequestParams, ctx: ServerContext): Completer | undefined {
  const definition = ref.type === 'ref/prompt' ? promptByName(ref.name) : resourceByTemplate(ref.uri);
  if (definition !== undefined) {
    demandAllowed(definition, ctx);
    const completers = definition.complete ?? {};
    return Object.hasOwn(completers, argument.name) ? completers[argument.name] : undefined;
  }
  if (ref.type === 'ref/prompt') throw new AppError('unknown_prompt', `There is no prompt ${plainText(ref.name, 60)}.`);
  throw new AppError('unknown_resource', `There is no resource template ${plainText(ref.uri, 200)}.`);
}

async function unlessMissing(work: Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError && NOTHING_THERE.has(error.code)) return [];
    throw error;
  }
}

/** Each value once, those that begin with what was typed before those that contain it, otherwise in their order. */
function ranked(values: readonly string[], typed: string): string[] {
  const some = [...new Set(values)].filter((value) => value !== '' && fits(value, typed));
  const begins = (value: string) => value.toLowerCase().startsWith(typed.toLowerCase());
  return [...some.filter(begins), ...some.filter((value) => !begins(value))];
}

/** Without `total`: GitHub was asked for one page. */
function answer(values: readonly string[]): CompleteResult {
  return { completion: { values: values.slice(0, MAX_VALUES), hasMore: values.length > MAX_VALUES } };
}
