/** The bare MCP handler: no sign-in, no limits, no audit. */
import { createMcpHandler } from 'agents/mcp/server';
import { leanServer } from './lean-server.ts';

const handler = createMcpHandler(leanServer);

export default { fetch: handler } satisfies ExportedHandler;
