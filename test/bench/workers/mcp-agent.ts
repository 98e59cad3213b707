/** `McpAgent` with the same tools, as its documentation builds it: no sign-in, no limits, no audit. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpAgent } from 'agents/mcp';
import { annotationsOf, offered, plainResult, runTool, SERVER_INFO } from './tools.ts';

export class BenchAgent extends McpAgent {
  server = new McpServer(SERVER_INFO);

  async init(): Promise<void> {
    for (const tool of offered) {
      const { name, title, description, input, output } = tool;
      this.server.registerTool(
        name,
        {
          title,
          description,
          inputSchema: input,
          ...(tool.wraps === undefined && { outputSchema: output }),
          annotations: annotationsOf(tool),
        },
        async (args: Record<string, unknown>, extra: { signal: AbortSignal }) =>
          plainResult((await runTool(tool, args, extra.signal)).data),
      );
    }
  }
}

export default BenchAgent.serve('/mcp', { binding: 'AGENT' });
