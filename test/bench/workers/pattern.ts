/** Cloudflare's documented pattern: OAuth provider on KV, `createMcpHandler`, an McpServer for each request. */
import { createMcpHandler } from 'agents/mcp/server';
import { documentedServer } from './documented-server.ts';
import { behindOAuth } from './oauth.ts';

export default behindOAuth(createMcpHandler(documentedServer));
