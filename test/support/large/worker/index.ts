/** The catalogue and nothing around it, so that what it holds of an answer can be measured. POST a call, get what is sent. */
import { env } from 'cloudflare:workers';
import { resourceFor, toolByName, validateArguments } from '../../../../src/catalogue/index.ts';
import { errorBody, toAppError } from '../../../../src/core/errors.ts';
import { createGitHub } from '../../../../src/github/client.ts';
import { shapeContents, shapeToolResult } from '../../../../src/output/shape.ts';

const { GITHUB_API_URL: apiUrl } = env as unknown as { readonly GITHUB_API_URL: string };
const principal = {
  tenant: 'default',
  user: { id: 'gh_1', login: 'mona' },
  client: { id: 'large', name: 'Large' },
  scopes: [],
  repositories: null,
  grantId: 'none',
  tokenId: 'none',
  expiresAt: 4_000_000_000,
};

interface Call {
  readonly name?: string;
  readonly args?: object;
  readonly uri?: string;
  /** Milliseconds. */
  readonly limit?: number;
}

export default {
  async fetch(request) {
    const { name = '', args, uri, limit = 30_000 } = (await request.json()) as Call;
    const signal = AbortSignal.timeout(limit);
    const github = createGitHub({ apiUrl, webUrl: apiUrl, token: 'gho_large', limit: null, signal });
    const context = { github, principal, signal, progress: async () => {} };
    try {
      const found = uri === undefined ? undefined : resourceFor(uri);
      if (found !== undefined && uri !== undefined) {
        return Response.json(
          shapeContents(await found.resource.read(uri, found.variables, { ...context, publicOnly: false })),
        );
      }
      const tool = toolByName(name);
      if (tool === undefined) return new Response(null, { status: 404 });
      const { data, links } = await tool.run(validateArguments(tool, args), context);
      return Response.json(shapeToolResult(data, links));
    } catch (error) {
      return Response.json({ error: signal.aborted ? { code: 'timeout' } : errorBody(toAppError(error)) });
    }
  },
} satisfies ExportedHandler;
