/** The catalogue: what this server offers, as an explicit list. A new tool is one file and one line here. */
import type { PromptDefinition, ResourceDefinition, ToolDefinition } from './define.ts';
import { listPrompt, listResource, listTemplate, listTool } from './listing.ts';
import { codeReview } from './prompts/code-review.ts';
import { explainFailure } from './prompts/explain-failure.ts';
import { fixIssue } from './prompts/fix-issue.ts';
import { releaseNotes } from './prompts/release-notes.ts';
import { triageIssue } from './prompts/triage-issue.ts';
import { commit } from './resources/commit.ts';
import { file } from './resources/file.ts';
import { comment, issue } from './resources/issue.ts';
import { jobLog } from './resources/job-log.ts';
import { me } from './resources/me.ts';
import { pull, pullDiff } from './resources/pull.ts';
import { callToolsAmong } from './tools/call-tool.ts';
import { conversationTools } from './tools/conversations.ts';
import { getFileContents } from './tools/get-file-contents.ts';
import { getMe } from './tools/get-me.ts';
import { issueRead } from './tools/issue-read.ts';
import { issueWrite } from './tools/issue-write.ts';
import { operationTools } from './tools/operations.ts';
import { queryAuditLog } from './tools/query-audit-log.ts';
import { repositoryTools } from './tools/repositories.ts';
import { searchIssues } from './tools/search-issues.ts';
import { searchToolsAmong } from './tools/search-tools.ts';

export { validateArguments } from './validate.ts';

// The widest types stand for all: arguments are validated by each definition's own schema before it sees them.
const direct = [
  getMe,
  searchIssues,
  getFileContents,
  issueRead,
  issueWrite,
  ...repositoryTools,
  ...conversationTools,
  ...operationTools,
  queryAuditLog,
] as unknown as readonly ToolDefinition[];
/** All of them, and behind them the ways to those that a list does not show. */
export const tools = [
  ...direct,
  searchToolsAmong(direct),
  ...callToolsAmong(toolByName),
] as unknown as readonly ToolDefinition[];
export const resources: readonly ResourceDefinition[] = [me, file, issue, comment, pull, pullDiff, commit, jobLog];
export const prompts = [
  codeReview,
  triageIssue,
  fixIssue,
  releaseNotes,
  explainFailure,
] as unknown as readonly PromptDefinition[];

const toolsByName: ReadonlyMap<string, ToolDefinition> = new Map(tools.map((tool) => [tool.name, tool]));
const promptsByName: ReadonlyMap<string, PromptDefinition> = new Map(prompts.map((prompt) => [prompt.name, prompt]));

export function toolByName(name: string): ToolDefinition | undefined {
  return toolsByName.get(name);
}

export function promptByName(name: string): PromptDefinition | undefined {
  return promptsByName.get(name);
}

/** In: a URI asked for. Out: the resource it belongs to and the variables in it. */
export function resourceFor(
  uri: string,
): { readonly resource: ResourceDefinition; readonly variables: Readonly<Record<string, string>> } | undefined {
  for (const resource of resources) {
    const variables = resource.match(uri);
    if (variables !== undefined) return { resource, variables };
  }
  return undefined;
}

/** In: the template of a resource as it is listed. Out: that resource. */
export function resourceByTemplate(template: string): ResourceDefinition | undefined {
  return resources.find(({ address }) => 'uriTemplate' in address && address.uriTemplate === template);
}

/**
 * The narrowest scope that lets a tool run. None for a tool that runs another one: what is asked for there is the scope
 * of the inner tool.
 */
export function scopeOf(
  tool: ToolDefinition,
): 'audit:read' | `tools:execute:${ToolDefinition['toolset']}:${'read' | 'write'}` | undefined {
  if (tool.wraps) return undefined;
  return tool.scope ?? `tools:execute:${tool.toolset}:${tool.access}`;
}

/** What the list methods answer, made once when the module loads. */
export const lists = {
  tools: { tools: tools.map(listTool) },
  resources: { resources: resources.flatMap(listResource) },
  resourceTemplates: { resourceTemplates: resources.flatMap(listTemplate) },
  prompts: { prompts: prompts.map(listPrompt) },
};
