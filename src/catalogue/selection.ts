/**
 * Which tools a request wants to see, and which it refuses, by the headers that GitHub's remote server has
 * (github-mcp-server, docs/remote-server.md and docs/server-configuration.md). Pure.
 *
 * `X-MCP-Toolsets` and `X-MCP-Tools` choose what `tools/list` shows; a tool that is not shown can still be called.
 * `X-MCP-Exclude-Tools` and `X-MCP-Readonly` take away, and refuse calls too. Nothing goes beyond the policy.
 */

import { AppError } from '../core/errors.ts';
import { redactText } from '../core/redaction.ts';
import { plainText } from '../core/text.ts';
import type { Toolset } from '../core/toolsets.ts';
import { TOOLSETS } from '../core/toolsets.ts';
import type { ToolDefinition } from './define.ts';

/** What of a tool decides whether it is chosen. */
export type Selectable = Pick<ToolDefinition, 'name' | 'toolset' | 'access'>;

/** The most that a tenant allows. */
export interface ToolPolicy {
  /** The only toolsets that may be used; all where absent. */
  readonly toolsets?: readonly Toolset[];
  readonly exclude?: readonly string[];
  readonly readonly?: boolean;
}

/** Plain data, so that it can travel to the object of a session. Lists are sorted and hold names that exist. */
export interface Selection {
  readonly toolsets: readonly (Toolset | 'default')[];
  readonly tools: readonly string[];
  readonly exclude: readonly string[];
  readonly readonly: boolean;
  readonly policy: ToolPolicy;
  /** What the headers name and this server does not have, as `header: name`; at most MAX_UNKNOWN. */
  readonly unknown: readonly string[];
}

const MAX_UNKNOWN = 10;
const MAX_NAME = 60;
/** Names that one header is read for; what follows is not looked at. */
const MAX_NAMES = 200;

/** Shown unless a request says otherwise; of `actions` only what reads. */
const DEFAULT_TOOLSETS: ReadonlySet<Toolset> = new Set(['context', 'repos', 'issues', 'labels', 'pull_requests']);
const DEFAULT_READING: ReadonlySet<Toolset> = new Set(['actions']);

/** Values of a switch that mean off, as GitHub's server reads them; any other means on. */
const OFF: ReadonlySet<string> = new Set(['', 'false', 'f', 'no', 'n', '0', 'off']);

/** Every toolset, in the order of a selection. */
export const ALL_TOOLSETS: readonly Toolset[] = [...TOOLSETS].sort();

/** What a request without any of the headers gets. */
export const DEFAULT_SELECTION: Selection = {
  toolsets: ['default'],
  tools: [],
  exclude: [],
  readonly: false,
  policy: {},
  unknown: [],
};

/**
 * In: the headers of a request, the names of all tools, the policy. Out: the selection. Case and spaces do not count,
 * repeats neither; unknown names choose nothing and are reported. Where tools are named and toolsets are not, only
 * those tools are shown; where neither is, the toolsets that the policy names, or else the default set.
 */
export function readSelection(headers: Headers, toolNames: ReadonlySet<string>, policy: ToolPolicy = {}): Selection {
  const unknown = new Set<string>();
  const known = <Name extends string>(header: string, isKnown: (name: string) => name is Name): Name[] => {
    const found = new Set<Name>();
    // Names are made lower case, which hides what a secret is known by.
    for (const name of namesIn(redactText(headers.get(header) ?? ''))) {
      if (isKnown(name)) found.add(name);
      else if (unknown.size < MAX_UNKNOWN) unknown.add(`${header}: ${plainText(name, MAX_NAME)}`);
    }
    return [...found].sort();
  };
  const isTool = (name: string): name is string => toolNames.has(name);
  const toolsets = known('X-MCP-Toolsets', isToolsetWord);
  const tools = known('X-MCP-Tools', isTool);
  const named = ['X-MCP-Toolsets', 'X-MCP-Tools'].some((header) => namesIn(headers.get(header)).length > 0);
  return {
    toolsets: named ? expand(toolsets) : policy.toolsets === undefined ? ['default'] : [...policy.toolsets].sort(),
    tools,
    exclude: known('X-MCP-Exclude-Tools', isTool),
    readonly: !OFF.has((headers.get('X-MCP-Readonly') ?? '').trim().toLowerCase()),
    policy,
    unknown: [...unknown],
  };
}

/** Whether `tools/list` shows a tool. */
export function isListed(tool: Selectable, selection: Selection): boolean {
  if (refusalOf(tool, selection) !== undefined) return false;
  const { toolsets, tools } = selection;
  if (tools.includes(tool.name) || toolsets.includes(tool.toolset)) return true;
  return toolsets.includes('default') && isDefault(tool);
}

/** Out: why a tool may not be called under this selection, or undefined where it may. */
export function refusalOf(tool: Selectable, selection: Selection): AppError | undefined {
  const { policy, exclude, readonly } = selection;
  const writes = tool.access === 'write';
  if (!isAllowed(tool, selection) || policy.exclude?.includes(tool.name) || (policy.readonly && writes)) {
    return new AppError('forbidden_by_policy', `The tool ${tool.name} is not allowed here.`);
  }
  if (readonly && writes)
    return refusedBy('X-MCP-Readonly', `${tool.name} changes things, and this connection only reads.`);
  if (exclude.includes(tool.name)) return refusedBy('X-MCP-Exclude-Tools', `This connection excludes ${tool.name}.`);
  return undefined;
}

/** Whether the policy allows what belongs to a toolset: tools, resources and prompts. */
export function isAllowed({ toolset }: { readonly toolset: Toolset }, { policy }: Selection): boolean {
  return policy.toolsets?.includes(toolset) !== false;
}

/** Two selections that show the same have the same key. */
export function keyOf({ unknown: _, ...choice }: Selection): string {
  return JSON.stringify(choice);
}

function refusedBy(header: string, message: string): AppError {
  return new AppError('forbidden_by_policy', message, {
    hint: `The header ${header} in the client's settings says so. Do not retry; only the person can change it.`,
    details: { header },
  });
}

function isDefault({ toolset, access }: Selectable): boolean {
  return DEFAULT_TOOLSETS.has(toolset) || (access === 'read' && DEFAULT_READING.has(toolset));
}

type ToolsetWord = Toolset | 'all' | 'default';

function isToolsetWord(name: string): name is ToolsetWord {
  return name === 'all' || name === 'default' || (TOOLSETS as readonly string[]).includes(name);
}

function expand(words: readonly ToolsetWord[]): (Toolset | 'default')[] {
  return words.includes('all') ? [...ALL_TOOLSETS] : words.filter((word) => word !== 'all');
}

function namesIn(header: string | null): string[] {
  const names = (header ?? '').split(',', MAX_NAMES).map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '');
}
