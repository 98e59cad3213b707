/**
 * The contract of the catalogue. A tool, resource or prompt is defined once, in one file, and served in both protocol
 * eras. It sees its validated arguments and a narrow context; authentication, limits and audit happen around it.
 */
import type * as z from 'zod';
import type { AuditReader } from '../core/audit-query.ts';
import type { Principal } from '../core/principal.ts';
import type { Toolset } from '../core/toolsets.ts';
import type { GitHub } from '../github/client.ts';
import type { Selection } from './selection.ts';

export interface Progress {
  /** Steps done so far; grows with every report. */
  readonly done: number;
  /** Steps in all, where known. */
  readonly total?: number | undefined;
  /** What is being done, for the person who waits. */
  readonly message: string;
}

/** All that a tool, resource or prompt sees besides its arguments. */
export interface CallContext {
  /** GitHub with the signed-in person's own upstream token. */
  readonly github: GitHub;
  readonly principal: Principal;
  /** Reports progress where the client asked for it; otherwise does nothing. */
  progress(step: Progress): Promise<void>;
  /** Aborts when the client cancels or the time limit is reached. Pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** What the request's headers and the policy chose of the catalogue; everything where absent. */
  readonly selection?: Selection;
  /** What the person confirmed, as the question of this tool pinned it; empty where nobody was asked. */
  readonly confirmed?: Pins;
  /** The log of the caller's tenant, for a tool with the scope `audit:read` and nobody else. */
  readonly audit?: AuditReader;
}

/** What a question was about as it stood then, such as the head of a branch: nothing else may be done on its answer. */
export type Pins = Readonly<Record<string, string>>;

/** Plain text, alone or with what it was about. */
export type Question = string | { readonly text: string; readonly pins: Pins };

/** The four hints of MCP ToolAnnotations; all must be said. */
export interface Hints {
  readonly readOnly: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  readonly openWorld: boolean;
}

/** A link to the whole of what a result shows a part of. */
export interface ResourceLink {
  readonly uri: string;
  readonly name: string;
  readonly mimeType?: string | undefined;
}

/** Arguments with which a call reads on, all others being the same. */
export type Position = Readonly<Record<string, string | number>>;

export interface ToolResult<Data> {
  /** `next` does not leave as it is: `mcp/cursor.ts` seals it, and `next_cursor` goes out. */
  readonly data: Data & { readonly next?: Position | undefined };
  readonly links?: readonly ResourceLink[];
}

export interface ToolDefinition<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** snake_case, as in GitHub's own server where that has the tool. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** For the model: what it does and when to use it, in one or two sentences. */
  readonly description: string;
  readonly toolset: Toolset;
  /** `read` needs `tools:execute:{toolset}:read` or broader, `write` needs `tools:execute:{toolset}:write` or broader. */
  readonly access: 'read' | 'write';
  /** What it needs instead of those: only administrators can have it, so nobody else is shown the tool. */
  readonly scope?: 'audit:read';
  /** Which tighter sliding window applies besides those of the client and the user. */
  readonly window?: 'write' | 'search';
  readonly hints: Hints;
  /** Milliseconds after which the call is aborted; 30,000 unless said. */
  readonly timeoutMs?: number;
  /**
   * Set on a tool that runs another one by its name: `mcp/unwrap.ts` puts the inner call in its place before anything
   * else looks at it, so `run` sees only what could not be resolved. Such a tool has no scope of its own, and is listed
   * without an output schema, because its answers are those of other tools.
   */
  readonly wraps?: true;
  readonly input: Input;
  /** Checked before anything is sent, and listed for clients. */
  readonly output: Output;
  /**
   * The question to ask the person before this runs, or undefined where these arguments need none; `mcp/confirm.ts`
   * asks it. Looks first whether it could be done, where a look tells: nobody is asked about what would fail then. Throws
   * what the look throws: then nothing runs.
   */
  confirm?(args: z.output<Input>, context: CallContext): Promise<Question | undefined> | Question | undefined;
  run(args: z.output<Input>, context: CallContext): Promise<ToolResult<z.input<Output>>>;
}

export const defineTool = <Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: ToolDefinition<Input, Output>,
): ToolDefinition<Input, Output> => tool;

/** A type, not an interface, because the SDK's result types have index signatures. */
export type ResourceContent = {
  readonly uri: string;
  readonly mimeType: string;
  /** The URI of the next part, where this is one (catalogue/ranges.ts). */
  readonly _meta?: Readonly<Record<string, string>>;
} & (
  | { readonly text: string }
  /** Base64. */
  | { readonly blob: string }
);

/** What a completion sees besides what was typed. */
export interface CompletionContext {
  readonly github: GitHub;
  readonly principal: Principal;
  /** Set where the token allows public repositories only: names of others must not be told. */
  readonly publicOnly: boolean;
}

/**
 * Proposes values for an argument. In: what was typed so far, and the arguments filled in already, unchecked. Out:
 * candidates, the likeliest first; whoever calls keeps those that fit what was typed. Throws the client's errors.
 */
export type Completer = (
  typed: string,
  known: Readonly<Record<string, string>>,
  context: CompletionContext,
) => Promise<readonly string[]>;

/** By the name of a variable or an argument; what is missing has no completion. */
export type Completers = Readonly<Record<string, Completer>>;

/** A fixed resource (`uri`) or a family of them (`uriTemplate`, RFC 6570 level 1 and reserved expansion). */
export interface ResourceDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Where the policy allows certain toolsets only, what is read belongs to this one. */
  readonly toolset: Toolset;
  readonly mimeType?: string;
  readonly address: { readonly uri: string } | { readonly uriTemplate: string };
  /**
   * In: a URI asked for. Out: the variables in it, decoded, or undefined where it is not this resource's.
   * A fixed resource answers `{}` for its own URI.
   */
  match(uri: string): Readonly<Record<string, string>> | undefined;
  /** For the variables of the template. */
  readonly complete?: Completers;
  /** Milliseconds for which what was read stays true; 0 unless said (MCP 2026-07-28, server/utilities/caching). */
  freshFor?(variables: Readonly<Record<string, string>>): number;
  read(
    uri: string,
    variables: Readonly<Record<string, string>>,
    context: CallContext & {
      /** Set where the token allows public repositories only (scope `resources:read:public`). */
      readonly publicOnly: boolean;
    },
  ): Promise<ResourceContent[]>;
}

export type PromptMessage = {
  readonly role: 'user' | 'assistant';
  readonly content:
    | { readonly type: 'text'; readonly text: string }
    | {
        readonly type: 'resource';
        readonly resource: { readonly uri: string; readonly mimeType: string; readonly text: string };
      };
};

export type PromptResult = { description: string; messages: PromptMessage[] };

export interface PromptDefinition<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Where the policy allows certain toolsets only, what is embedded belongs to this one. */
  readonly toolset: Toolset;
  /** Prompt arguments arrive as strings (MCP prompts/get); use string schemas that check and convert. */
  readonly input: Input;
  readonly complete?: Completers;
  get(args: z.output<Input>, context: CallContext): Promise<PromptResult>;
}

export const definePrompt = <Input extends z.ZodObject>(prompt: PromptDefinition<Input>): PromptDefinition<Input> =>
  prompt;
