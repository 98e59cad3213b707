/** The server as Cloudflare's documentation builds it: an McpServer for each request, every tool registered. */
import { McpServer } from '@modelcontextprotocol/server';
import { getMcpAuthContext } from 'agents/mcp/server';
import { annotationsOf, offered, plainResult, runTool, SERVER_INFO, UPSTREAM_TOKEN } from './tools.ts';

export function documentedServer(): McpServer {
  const server = new McpServer(SERVER_INFO);
  for (const tool of offered) {
    const { name, title, description, input, output } = tool;
    server.registerTool(
      name,
      {
        title,
        description,
        inputSchema: input,
        ...(tool.wraps === undefined && { outputSchema: output }),
        annotations: annotationsOf(tool),
      },
      async (args, ctx) => plainResult((await runTool(tool, args, ctx.mcpReq.signal, upstreamToken())).data),
    );
  }
  return server;
}

/** The person's own token, where somebody is signed in. */
export function upstreamToken(): string {
  const token = getMcpAuthContext()?.props.upstreamToken;
  return typeof token === 'string' ? token : UPSTREAM_TOKEN;
}
