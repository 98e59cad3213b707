/** What the peers share with the gate: its catalogue and its GitHub client. Nothing of its edge, auth, lanes or audit. */
import { env } from 'cloudflare:workers';
import type { ToolDefinition } from '../../../src/catalogue/define.ts';
import { toolByName } from '../../../src/catalogue/index.ts';
import { listTools } from '../../../src/catalogue/selected.ts';
import { DEFAULT_SELECTION } from '../../../src/catalogue/selection.ts';
import type { Principal } from '../../../src/core/principal.ts';
import { createGitHub } from '../../../src/github/client.ts';

export const SERVER_INFO = { name: 'peer', version: '1.0.0' };

/** What every peer answers to tools/list: the gate's own default list. */
export const list = listTools(DEFAULT_SELECTION);

/** The tools of that list. */
export const offered: readonly ToolDefinition[] = list.tools.flatMap(({ name }) => toolByName(name) ?? []);

/** Where the loopback upstream is. */
export const { GITHUB_API_URL } = env as unknown as { readonly GITHUB_API_URL: string };

/** Where no peer has signed anybody in. */
export const UPSTREAM_TOKEN = 'gho_bench';

export const PRINCIPAL: Principal = {
  tenant: 'default',
  user: { id: '1', login: 'octocat' },
  client: { id: 'bench', name: 'Bench' },
  scopes: ['tools:execute', 'tools:list'],
  grantId: 'none',
  tokenId: 'none',
  repositories: null,
  expiresAt: 4_000_000_000,
};

/** Runs a tool with arguments that were checked. Out: its data. */
export async function runTool(
  tool: ToolDefinition,
  args: Record<string, unknown>,
  signal: AbortSignal,
  token = UPSTREAM_TOKEN,
) {
  const github = createGitHub({ apiUrl: GITHUB_API_URL, webUrl: 'https://github.com', token, signal, limit: null });
  return await tool.run(args, { github, principal: PRINCIPAL, signal, progress: async () => {} });
}

/** How documented servers answer: the data as text and as structured content, without budget or sanitising. */
export function plainResult(data: Record<string, unknown>) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(data) }], structuredContent: data };
}

export function annotationsOf({ hints, title }: ToolDefinition) {
  const { readOnly, destructive, idempotent, openWorld } = hints;
  return {
    title,
    readOnlyHint: readOnly,
    destructiveHint: destructive,
    idempotentHint: idempotent,
    openWorldHint: openWorld,
  };
}
