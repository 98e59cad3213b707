/**
 * Asks the person before a tool does what cannot be taken back. Written once: a request of 2026-07-28 gets the question
 * as its result, in a session the SDK asks and calls again (MCP 2026-07-28, basic/patterns/mrtr). For a client that
 * cannot ask, the person answers on a page and the same call goes through once.
 */
import type { ClientCapabilities, InputRequiredResult, ServerContext } from '@modelcontextprotocol/server';
import { inputRequired, inputResponse } from '@modelcontextprotocol/server';
import type { CallContext, Pins, ToolDefinition } from '../catalogue/define.ts';
import type { Config } from '../config.ts';
import { AppError } from '../core/errors.ts';
import { ulid } from '../core/ids.ts';
import { redactArguments } from '../core/redaction.ts';
import { plainText } from '../core/text.ts';
import type { PageAnswer, PageQuestion } from '../gate/confirmations.ts';
import { safeJson } from '../output/safe.ts';
import { type BoundTo, callKey, openState, sealState } from './confirm-state.ts';

/** The person's Gate, as far as questions go. Throws `audit_unavailable`: what it cannot remember does not pass. */
export interface ConfirmationGate {
  claimConfirmation(id: string, attempt: string): Promise<boolean>;
  askOnPage(question: PageQuestion): Promise<PageAnswer>;
}

export interface Asking {
  readonly config: Config;
  readonly request: { readonly mcpReq: Pick<ServerContext['mcpReq'], 'requestState' | 'inputResponses'> };
  readonly gate: ConfirmationGate;
  readonly context: CallContext;
  /** Whether the client said it can show a form (elicitation). */
  readonly canAsk: boolean;
  /** ULID of this call. */
  readonly callId: string;
  /** Names the first round of this call, for its row. */
  readonly link: (firstCallId: string) => void;
}

const YES = {
  type: 'object' as const,
  properties: { confirm: { type: 'boolean' as const, title: 'Yes, go ahead', default: false } },
  required: ['confirm'],
};

/** Whether a client with these capabilities shows forms: `elicitation: {}` means form mode (MCP client/elicitation). */
export function canAskIn(capabilities: ClientCapabilities | undefined): boolean {
  const elicitation = capabilities?.elicitation;
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** Whether the policy has the person asked before this tool, for some of its arguments. */
export function asksFirst(tool: ToolDefinition | undefined, { confirmOff }: Config): tool is ToolDefinition {
  return tool?.confirm !== undefined && !confirmOff.includes('all') && !confirmOff.includes(tool.name);
}

/** The question to answer first, or what was confirmed: nothing pinned where nobody had to be asked. */
export type Asked = { readonly ask: InputRequiredResult } | { readonly confirmed: Pins };
const NOTHING_PINNED: Asked = { confirmed: {} };

/**
 * In: a tool and its checked arguments. Out: that the call may run, or the question to answer first.
 * Throws `declined`, `confirmation_required` with a link, or `confirmation_invalid` for an answer that does not count.
 */
export async function confirmFirst(
  tool: ToolDefinition,
  args: Record<string, unknown>,
  asking: Asking,
): Promise<Asked> {
  const { config, request, canAsk, callId } = asking;
  if (!asksFirst(tool, config)) return NOTHING_PINNED;
  const bound: BoundTo = { principal: asking.context.principal, tool: tool.name, args };
  const state = request.mcpReq.requestState();
  if (typeof state === 'string') return await answered(state, tool, bound, asking);
  const asked = await tool.confirm?.(args, asking.context);
  if (asked === undefined) return NOTHING_PINNED;
  const { text, pins } = typeof asked === 'string' ? { text: asked, pins: {} } : asked;
  const question = plainText(safeJson(text).value, 500);
  if (!canAsk) return await askOnPage(question, pins, bound, asking);
  return ask(question, await sealState(config, bound, { id: ulid(Date.now()), callId, question, pins }));
}

/** The round that brings an answer. It counts only with the state that went out with the question, and once. */
async function answered(
  state: string,
  tool: ToolDefinition,
  bound: BoundTo,
  { config, request, gate, callId, link }: Asking,
): Promise<Asked> {
  const opened = await openState(config, bound, state);
  if (opened === undefined) throw invalid('The answer does not belong to this call, or came too late.');
  link(opened.callId);
  const answer = inputResponse(request.mcpReq.inputResponses, 'confirm');
  if (answer.kind === 'missing') return ask(opened.question, state);
  if (!(await gate.claimConfirmation(opened.id, callId))) throw invalid('The answer was used before.');
  if (answer.kind === 'elicit' && answer.action === 'accept' && answer.content?.confirm === true)
    return { confirmed: opened.pins };
  throw declined(tool);
}

async function askOnPage(
  question: string,
  pins: Pins,
  bound: BoundTo,
  { config, context, gate, callId, link }: Asking,
): Promise<Asked> {
  const pending = {
    id: callId,
    toolName: bound.tool,
    arguments: redactArguments(bound.args) ?? '{}',
    clientName: context.principal.client.name,
    question,
  };
  // What is pinned is part of what was asked: once it has changed, the answer is to another question.
  const key = callKey({ ...bound, args: { ...bound.args, pins } });
  const { status, id } = await gate.askOnPage({ key, attempt: callId, pending });
  link(id);
  if (status === 'confirmed') return { confirmed: pins };
  if (status === 'declined') throw declined({ name: bound.tool });
  const url = `${config.issuer}/confirm/${id}`;
  throw new AppError('confirmation_required', `The person has to confirm this first, at ${url} . ${question}`, {
    details: { url },
  });
}

function ask(message: string, requestState: string): Asked {
  const inputRequests = { confirm: inputRequired.elicit({ message, requestedSchema: YES }) };
  return { ask: inputRequired({ inputRequests, requestState }) };
}

function declined({ name }: { readonly name: string }): AppError {
  return new AppError('declined', `The person declined ${name}: nothing was done.`);
}

function invalid(message: string): AppError {
  return new AppError('confirmation_invalid', message);
}
