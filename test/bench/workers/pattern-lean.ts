/** The documented pattern with our leanest server inside: a harder peer, which nobody documents. */
import { createMcpHandler } from 'agents/mcp/server';
import { leanServer } from './lean-server.ts';
import { behindOAuth } from './oauth.ts';

export default behindOAuth(createMcpHandler(leanServer));
