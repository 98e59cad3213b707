/** The leanest server with our catalogue: lists made once, the low-level Server, arguments and results as the gate has them. */
import { Server } from '@modelcontextprotocol/server';
import { toolByName, validateArguments } from '../../../src/catalogue/index.ts';
import { shapeToolResult } from '../../../src/output/shape.ts';
import { upstreamToken } from './documented-server.ts';
import { list, runTool, SERVER_INFO } from './tools.ts';

export function leanServer(): Server {
  const server = new Server(SERVER_INFO, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => list);
  server.setRequestHandler('tools/call', async ({ params }, ctx) => {
    const tool = toolByName(params.name);
    if (tool === undefined) throw new Error('unknown tool');
    const args = validateArguments(tool, params.arguments);
    const { data, links } = await runTool(tool, args, ctx.mcpReq.signal, upstreamToken());
    return shapeToolResult(tool.output.parse(data), links);
  });
  return server;
}
