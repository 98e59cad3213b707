/** JSON-RPC: bodies that are nearly, or not at all, messages of the protocol, in both eras. */

import type { Draw } from '../draw.ts';
import type { Shot } from '../shot.ts';
import type { Target } from '../target.ts';
import { goodHeaders, MODERN_META } from '../target.ts';
import { spoiledJson } from './spoiled-json.ts';

export async function jsonRpcShot(draw: Draw, target: Target): Promise<Shot> {
  const method = draw.oneOf(METHODS);
  const modern = draw.chance(0.5);
  const params: Record<string, unknown> = draw.chance(0.7) ? sensible(method, draw) : {};
  if (draw.chance(0.3)) params[draw.oneOf(['name', 'uri', 'arguments', 'cursor', draw.nasty()])] = draw.json();
  if (modern) params._meta = draw.chance(0.8) ? MODERN_META : draw.json();
  const message: Record<string, unknown> = { jsonrpc: '2.0', id: draw.int(1000), method, params };
  if (draw.chance(0.5)) message[draw.oneOf(['jsonrpc', 'id', 'method', 'params', 'result', 'error'])] = draw.json();
  const whole = draw.chance(0.15) ? Array.from({ length: draw.int(6) }, () => message) : message;
  const headers: [string, string][] = modern
    ? goodHeaders(target, method, typeof params.name === 'string' ? headerSafe(params.name) : undefined)
    : [
        ['authorization', `Bearer ${target.token}`],
        ['content-type', 'application/json'],
        ['accept', 'application/json, text/event-stream'],
        ...(draw.chance(0.6) ? [['mcp-session-id', target.sessionId] as [string, string]] : []),
        ...(draw.chance(0.6) ? [['mcp-protocol-version', '2025-11-25'] as [string, string]] : []),
      ];
  return { method: 'POST', target: '/mcp', headers, body: spoiledJson(draw, whole) };
}

const METHODS = [
  'initialize',
  'ping',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'server/discover',
  'subscriptions/listen',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'no/such',
  '',
];

function sensible(method: string, draw: Draw): Record<string, unknown> {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: draw.oneOf(['2025-11-25', '2025-03-26', '2024-11-05', draw.nasty()]),
        capabilities: draw.chance(0.5) ? {} : draw.json(),
        clientInfo: { name: draw.nasty(), version: '1' },
      };
    case 'tools/call':
      return { name: 'get_me', arguments: {} };
    case 'resources/read':
      return { uri: draw.oneOf(['github://acme/web/HEAD/contents/README.md', 'github://me', draw.nasty()]) };
    case 'prompts/get':
      return { name: 'code_review', arguments: { owner: 'acme', repo: 'web', pullNumber: draw.nasty() } };
    case 'completion/complete':
      return {
        ref: draw.oneOf<object>([
          { type: 'ref/prompt', name: 'code_review' },
          { type: 'ref/resource', uri: 'github://{owner}/{repo}/{ref}/contents/{+path}' },
        ]),
        argument: { name: draw.oneOf(['owner', 'repo', 'path', draw.nasty()]), value: draw.nasty() },
      };
    case 'notifications/cancelled':
      return { requestId: draw.oneOf<unknown>([1, 'x', draw.json(1)]), reason: draw.nasty() };
    default:
      return {};
  }
}

/** The header that repeats a name of the body can only be of visible characters. */
function headerSafe(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '').slice(0, 200);
}
