/**
 * An application on Cloudflare whose agent uses the gate: the MCP client of `agents`, with the OAuth it brings along, in
 * workerd. The test speaks to it over HTTP.
 */
import { Agent, getAgentByName, routeAgentRequest } from 'agents';

interface AgentEnv extends Cloudflare.Env {
  readonly CALLER: DurableObjectNamespace<Caller>;
}

const SERVER = 'gate';

export class Caller extends Agent<AgentEnv> {
  /** In: where the gate is, and where this application is reached. Out: whom the person has to see first, if anybody. */
  async begin(mcpUrl: string, origin: string): Promise<{ authUrl?: string }> {
    const begun = await this.addMcpServer(SERVER, mcpUrl, { id: SERVER, callbackHost: origin });
    return 'authUrl' in begun ? { authUrl: begun.authUrl } : {};
  }

  /** Waits up to 10 s for the connection that the callback began. */
  async names(): Promise<string[]> {
    await this.mcp.waitForConnections({ timeout: 10_000 });
    return this.mcp.listTools().map((tool) => tool.name);
  }

  async useTool(name: string, args: Record<string, unknown>): Promise<string> {
    return JSON.stringify(await this.mcp.callTool({ serverId: SERVER, name, arguments: args }));
  }

  async readUri(uri: string): Promise<string> {
    return JSON.stringify(await this.mcp.readResource({ serverId: SERVER, uri }));
  }
}

export default {
  async fetch(request: Request, env: AgentEnv): Promise<Response> {
    const { pathname, origin } = new URL(request.url);
    const routed = await routeAgentRequest(request, env);
    if (routed !== null) return routed;
    const agent = await getAgentByName<AgentEnv, Caller>(env.CALLER, 'agents-app');
    const sent = (await request.json()) as { mcpUrl: string; name: string; args: Record<string, unknown>; uri: string };
    if (pathname === '/begin') return Response.json(await agent.begin(sent.mcpUrl, origin));
    if (pathname === '/tools') return Response.json(await agent.names());
    if (pathname === '/call') return new Response(await agent.useTool(sent.name, sent.args));
    if (pathname === '/read') return new Response(await agent.readUri(sent.uri));
    return new Response(null, { status: 404 });
  },
};
