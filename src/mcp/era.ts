/** Which protocol era a POST belongs to, as the SDK decides it (MCP 2026-07-28, basic/versioning). Pure. */
import {
  classifyInboundRequest,
  PROTOCOL_VERSION_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import type { JsonValue } from '../core/json.ts';
import { isObject } from '../core/json.ts';
import { isPlainMeta } from './direct.ts';
import { isRpcId } from './messages.ts';

export interface Era {
  /** Whether it belongs to a 2025-era session. */
  readonly legacy: boolean;
  /** The modern revision that a request names in a whole envelope; undefined for whatever the SDK will refuse. */
  readonly revision: string | undefined;
}

const HEADERS = ['mcp-protocol-version', 'mcp-method', 'mcp-name'];

const MEMBERS: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params']);

/** In: a POST and its body. Out: its era; what is neither is the modern lane's to refuse. */
export function eraOf({ headers }: Pick<Request, 'headers'>, body: JsonValue): Era {
  if (isPlainlyLegacy(headers, body)) return LEGACY;
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

const LEGACY: Era = { legacy: true, revision: undefined };

/**
 * A whole request whose header names a revision of that era, and whose body claims no other: most requests of a session.
 * The SDK looks at it with three schemas, of which two have to fail, to say the same.
 */
function isPlainlyLegacy(headers: Headers, body: JsonValue): boolean {
  const version = headers.get('mcp-protocol-version');
  if (version === null || !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) return false;
  if (!isObject(body) || body.jsonrpc !== '2.0' || typeof body.method !== 'string' || !isRpcId(body.id)) return false;
  if (!Object.keys(body).every((key) => MEMBERS.has(key)) || !isObject(body.params)) return false;
  const { _meta } = body.params;
  return isPlainMeta(_meta) && !(isObject(_meta) && PROTOCOL_VERSION_META_KEY in _meta);
}
