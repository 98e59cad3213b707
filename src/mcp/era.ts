/** Which protocol era a POST belongs to, as the SDK decides it (MCP 2026-07-28, basic/versioning). Pure. */
import { classifyInboundRequest } from '@modelcontextprotocol/server';
import type { JsonValue } from '../core/json.ts';

export interface Era {
  /** Whether it belongs to a 2025-era session. */
  readonly legacy: boolean;
  /** The modern revision that a request names in a whole envelope; undefined for whatever the SDK will refuse. */
  readonly revision: string | undefined;
}

const HEADERS = ['mcp-protocol-version', 'mcp-method', 'mcp-name'];

/** In: a POST and its body. Out: its era; what is neither is the modern lane's to refuse. */
export function eraOf({ headers }: Request, body: JsonValue): Era {
  const [protocolVersionHeader, mcpMethodHeader, mcpNameHeader] = HEADERS.map((name) => headers.get(name));
  const route = classifyInboundRequest({
    httpMethod: 'POST',
    ...(protocolVersionHeader != null && { protocolVersionHeader }),
    ...(mcpMethodHeader != null && { mcpMethodHeader }),
    ...(mcpNameHeader != null && { mcpNameHeader }),
    body,
  });
  return {
    legacy: route.kind === 'legacy',
    revision: route.kind === 'modern' && route.messageKind === 'request' ? route.classification.revision : undefined,
  };
}
