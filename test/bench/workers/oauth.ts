/**
 * `@cloudflare/workers-oauth-provider` on KV in front of an MCP handler, as `agents/docs/mcp-servers.md` has it. Its
 * sign-in page says yes to everybody: that is not what is measured.
 */
import { env } from 'cloudflare:workers';
import type { OAuthHelpers } from '@cloudflare/workers-oauth-provider';
import { OAuthProvider } from '@cloudflare/workers-oauth-provider';
import type { createMcpHandler } from 'agents/mcp/server';

interface PatternEnv {
  readonly OAUTH_KV: KVNamespace;
  readonly OAUTH_PROVIDER: OAuthHelpers;
  readonly MCP_RESOURCE: string;
}

export function behindOAuth(handler: ReturnType<typeof createMcpHandler>): ExportedHandler<PatternEnv> {
  const provider = new OAuthProvider<PatternEnv>({
    authorizeEndpoint: '/authorize',
    tokenEndpoint: '/oauth/token',
    clientRegistrationEndpoint: '/oauth/register',
    apiRoute: '/mcp',
    apiHandler: { fetch: (request, bindings, ctx) => handler(request, bindings, ctx) },
    defaultHandler: { fetch: authorize },
    scopesSupported: ['mcp'],
    resourceMetadata: { resource: (env as unknown as PatternEnv).MCP_RESOURCE },
  });
  return { fetch: (request, bindings, ctx) => provider.fetch(request, bindings, ctx) };
}

async function authorize(request: Request, { OAUTH_PROVIDER }: PatternEnv): Promise<Response> {
  if (new URL(request.url).pathname !== '/authorize') return new Response('Not found', { status: 404 });
  const asked = await OAUTH_PROVIDER.parseAuthRequest(request);
  const { redirectTo } = await OAUTH_PROVIDER.completeAuthorization({
    request: asked,
    userId: '1',
    metadata: {},
    scope: asked.scope,
    props: { userId: '1', login: 'octocat', upstreamToken: 'gho_bench' },
  });
  return Response.redirect(redirectTo, 302);
}
