/** Runs a tool, resource or prompt as the server does: arguments validated, output checked, result shaped. */
import type { CallContext, Progress, ToolDefinition } from '../../../src/catalogue/define.ts';
import { promptByName, resourceFor, toolByName, validateArguments } from '../../../src/catalogue/index.ts';
import type { AuditReader } from '../../../src/core/audit-query.ts';
import { mapStrings } from '../../../src/core/json.ts';
import type { Principal } from '../../../src/core/principal.ts';
import type { GitHub } from '../../../src/github/client.ts';
import { sanitiseText } from '../../../src/output/sanitise.ts';
import { type ShapedResult, shapeContents, shapePrompt, shapeToolResult } from '../../../src/output/shape.ts';

export const principal: Principal = {
  tenant: 'default',
  user: { id: 'gh_1', login: 'mona' },
  client: { id: 'client-1', name: 'Test client' },
  scopes: ['tools:execute:read_only', 'resources:read'],
  repositories: null,
  grantId: 'grant-1',
  tokenId: 'f'.repeat(64),
  expiresAt: Date.UTC(2026, 10, 23) / 1000,
};

export interface Called extends ShapedResult {
  readonly steps: readonly Progress[];
}

export async function call(github: GitHub, name: string, args: unknown, audit?: AuditReader): Promise<Called> {
  const tool = toolByName(name) as ToolDefinition;
  const steps: Progress[] = [];
  const result = await tool.run(validateArguments(tool, args), {
    ...contextOf(github, steps),
    ...(audit !== undefined && { audit }),
  });
  // Strict, unlike the server: a tool must not even try to send what its schema does not name.
  const { next, ...shown } = mapStrings(result.data, sanitiseText) as Record<string, unknown>;
  const data = tool.output.strict().parse(shown);
  const { structuredContent, ...shaped } = shapeToolResult(data, result.links);
  // The position that the server seals is left as it is, for tests to look at and to read on with.
  return { ...shaped, structuredContent: { ...structuredContent, ...(next !== undefined && { next }) }, steps };
}

export async function read(github: GitHub, uri: string, publicOnly = false) {
  const found = resourceFor(uri);
  if (found === undefined) throw new Error(`no resource ${uri}`);
  const contents = await found.resource.read(uri, found.variables, { ...contextOf(github), publicOnly });
  return shapeContents(contents).contents;
}

export async function prompt(github: GitHub, name: string, args: unknown, steps: Progress[] = []) {
  const definition = promptByName(name);
  if (definition === undefined) throw new Error(`no prompt ${name}`);
  return shapePrompt(await definition.get(validateArguments(definition, args), contextOf(github, steps)));
}

function contextOf(github: GitHub, steps: Progress[] = []): CallContext {
  return {
    github,
    principal,
    signal: new AbortController().signal,
    progress: async (step) => void steps.push(step),
  };
}
