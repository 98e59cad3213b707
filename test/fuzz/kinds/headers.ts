/** Headers of a request that is otherwise right: missing, twice, huge, of another request, nonsense. */
import type { Draw } from '../draw.ts';
import { spoil } from '../draw.ts';
import type { Shot } from '../shot.ts';
import type { Target } from '../target.ts';
import { goodHeaders, MODERN_META } from '../target.ts';
import { oneLine } from './edge.ts';

const OTHERS = [
  'mcp-session-id',
  'last-event-id',
  'x-mcp-toolsets',
  'x-mcp-tools',
  'x-mcp-exclude-tools',
  'x-mcp-readonly',
  'x-request-id',
  'x-forwarded-host',
  'x-forwarded-for',
  'cf-connecting-ip',
  'forwarded',
  'dpop',
  'cookie',
  'content-encoding',
  'expect',
  'upgrade',
  'range',
  'if-none-match',
  'sec-fetch-site',
  'mcp-param-owner',
];

export async function headersShot(draw: Draw, target: Target): Promise<Shot> {
  const method = draw.oneOf(['GET', 'POST', 'POST', 'POST', 'DELETE']);
  const headers = goodHeaders(target, 'tools/call', 'get_me');
  for (let changes = 1 + draw.int(4); changes > 0; changes -= 1) {
    const at = draw.int(headers.length);
    const [name, value] = headers[at] ?? ['accept', '*/*'];
    switch (draw.int(5)) {
      case 0:
        headers.splice(at, 1);
        break;
      case 1:
        headers.push([name, value]);
        break;
      case 2:
        headers[at] = [name, oneLine(spoil(draw, value))];
        break;
      default:
        headers.push([draw.oneOf(OTHERS), oneLine(draw.chance(0.3) ? value : draw.nasty())]);
    }
  }
  if (method !== 'POST') headers.push(['mcp-session-id', draw.chance(0.5) ? target.sessionId : 'f'.repeat(64)]);
  const params = { name: 'get_me', arguments: {}, _meta: MODERN_META };
  // What would end the session that the other inputs use.
  const ends = method === 'DELETE' && headers.some(([, value]) => value === target.sessionId);
  return {
    method: ends ? 'GET' : method,
    target: '/mcp',
    headers,
    body: method === 'POST' ? JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }) : undefined,
  };
}
