/** What `tools/list` answers to a selection, made once for each. */
import { lists, prompts, resources, tools } from './index.ts';
import type { ListedTool } from './listing.ts';
import type { Selectable, Selection } from './selection.ts';
import { ALL_TOOLSETS, DEFAULT_SELECTION, isAllowed, isListed, keyOf } from './selection.ts';

/** Answers kept at once; what was not asked for longest goes first. A client can ask for any number of them. */
const MAX_KEPT = 50;

export type ToolList = { tools: ListedTool[]; _meta?: { [UNKNOWN_KEY]: string[] } };

/** Where a list says which names in the request's headers this server does not know. */
export const UNKNOWN_KEY = 'gatehouse/unknown';

/** Names of all tools, for `readSelection`. */
export const toolNames: ReadonlySet<string> = new Set(tools.map((tool) => tool.name));

/** Tools that only administrators can be granted. */
export const ADMIN_TOOLS: readonly string[] = tools.flatMap(({ name, scope }) => (scope === undefined ? [] : [name]));

const kept = new Map<string, ListedTool[]>();
for (const toolsets of [DEFAULT_SELECTION.toolsets, ALL_TOOLSETS]) {
  for (const readonly of [false, true]) {
    listedTools({ ...DEFAULT_SELECTION, toolsets, readonly, policy: { exclude: ADMIN_TOOLS } });
  }
}

/** In: the selection of a request. Out: the tools it shows, in the order of the catalogue. */
export function listTools(selection: Selection): ToolList {
  const listed = listedTools(selection);
  if (selection.unknown.length === 0) return { tools: listed };
  return { tools: listed, _meta: { [UNKNOWN_KEY]: [...selection.unknown] } };
}

/** The same for what else is listed: the policy takes away, headers do not. */
export function listOthers(selection: Selection) {
  if (selection.policy.toolsets === undefined) return lists;
  const allowed = new Set(
    [...resources, ...prompts].filter((one) => isAllowed(one, selection)).map(({ name }) => name),
  );
  const among = <Listed extends { name: string }>(list: readonly Listed[]) =>
    list.filter(({ name }) => allowed.has(name));
  return {
    resources: { resources: among(lists.resources.resources) },
    resourceTemplates: { resourceTemplates: among(lists.resourceTemplates.resourceTemplates) },
    prompts: { prompts: among(lists.prompts.prompts) },
  };
}

function listedTools(selection: Selection): ListedTool[] {
  const key = keyOf(selection);
  const listed = kept.get(key) ?? lists.tools.tools.filter((_, i) => isListed(tools[i] as Selectable, selection));
  // Last in the order is what was asked for last, so that the common ones stay.
  kept.delete(key);
  const [oldest] = kept.keys();
  if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, listed);
  return listed;
}
