/** The HTTP edge: methods, paths, hosts, origins, encodings, lengths, and connections that break off. */
import type { Draw } from '../draw.ts';
import { spoil } from '../draw.ts';
import type { Shot } from '../shot.ts';
import type { Target } from '../target.ts';

const METHODS = ['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'get', 'X'];
const PATHS = [
  '/',
  '/mcp',
  '/mcp/',
  '//mcp',
  '/authorize',
  '/token',
  '/register',
  '/callback',
  '/account',
  '/account/sign-in',
  '/account/revoke',
  '/console',
  '/metrics',
  '/healthz',
  '/confirm/x',
  '/t/other/mcp',
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
  '*',
];

export async function edgeShot(draw: Draw, target: Target): Promise<Shot> {
  const headers: [string, string][] = [];
  const path = draw.oneOf(PATHS);
  if (draw.chance(0.3)) headers.push(['host', oneLine(spoil(draw, `localhost:${target.port}`))]);
  if (draw.chance(0.3)) headers.push(['origin', oneLine(draw.oneOf([target.stack.url, 'null', draw.nasty()]))]);
  if (draw.chance(0.3)) headers.push(['accept', oneLine(draw.oneOf(['text/html', '*/*', draw.nasty()]))]);
  if (draw.chance(0.3)) headers.push(['authorization', `Bearer ${target.token}`]);
  const hasBody = draw.chance(0.5);
  if (hasBody && draw.chance(0.4)) {
    headers.push(['content-type', oneLine(draw.oneOf(['application/json', 'text/plain', draw.nasty()]))]);
  }
  if (hasBody && draw.chance(0.2)) headers.push(['content-encoding', draw.oneOf(['gzip', 'br', 'identity', 'x'])]);
  const body = hasBody ? draw.oneOf([draw.nasty(), JSON.stringify(draw.json()), 'x'.repeat(draw.int(100_000))]) : '';
  return {
    method: draw.oneOf(METHODS),
    target: draw.chance(0.5) ? path : path + draw.oneOf(['?', '/', '%', '#', ';']) + oneLine(draw.nasty()),
    headers,
    body: hasBody ? body : undefined,
    breakOff: draw.chance(0.05),
  };
}

/** A line break would end the line of the request it stands in, and make it one of another kind. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, '').slice(0, 4000);
}
