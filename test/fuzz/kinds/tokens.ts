/** Tokens: access and refresh tokens with something changed in them, at the resource and at the token endpoint. */
import type { Draw } from '../draw.ts';
import { spoil } from '../draw.ts';
import type { Shot } from '../shot.ts';
import type { Target } from '../target.ts';
import { goodHeaders, MODERN_META } from '../target.ts';
import { oneLine } from './edge.ts';

const FORM: [string, string] = ['content-type', 'application/x-www-form-urlencoded'];

export async function tokensShot(draw: Draw, target: Target): Promise<Shot> {
  return draw.chance(0.5) ? atResource(draw, target) : atTokenEndpoint(draw, target);
}

function atResource(draw: Draw, target: Target): Shot {
  const scheme = draw.oneOf(['Bearer', 'Bearer', 'DPoP', 'Basic', 'bearer', draw.nasty()]);
  const token = draw.oneOf([
    () => spoil(draw, target.token),
    () => spoilPart(draw, target.token),
    () => target.refreshToken,
    () => target.bound.token,
    () => draw.nasty(),
  ])();
  const headers = goodHeaders(target, 'tools/list').filter(([name]) => name !== 'authorization');
  headers.push(['authorization', oneLine(`${scheme} ${token}`)]);
  const params = { _meta: MODERN_META };
  return {
    method: 'POST',
    target: '/mcp',
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params }),
  };
}

function atTokenEndpoint(draw: Draw, target: Target): Shot {
  const grant = draw.oneOf(['refresh_token', 'authorization_code', 'client_credentials', draw.nasty()]);
  // The whole refresh token would be used up: only what is nearly it.
  const secret = draw.chance(0.7) ? spoilPart(draw, target.refreshToken) : draw.nasty();
  const fields: [string, string][] = [
    ['grant_type', grant],
    ['client_id', draw.chance(0.7) ? target.clientId : draw.nasty()],
    [grant === 'authorization_code' ? 'code' : 'refresh_token', secret === target.refreshToken ? 'x' : secret],
    ['code_verifier', draw.nasty()],
    ['redirect_uri', draw.nasty()],
    ['resource', draw.chance(0.7) ? target.stack.mcpUrl : draw.nasty()],
    ['scope', draw.nasty()],
    ['token', draw.nasty()],
  ];
  const kept = fields.filter(() => draw.chance(0.8));
  if (draw.chance(0.1)) kept.push(...kept);
  const headers: [string, string][] = draw.chance(0.9) ? [FORM] : [['content-type', oneLine(draw.nasty())]];
  if (draw.chance(0.2)) headers.push(['authorization', `Basic ${Buffer.from(draw.nasty()).toString('base64')}`]);
  return { method: 'POST', target: '/token', headers, body: new URLSearchParams(kept).toString() };
}

/** A token is `userId:grantId:secret`: one of the parts is another. */
function spoilPart(draw: Draw, token: string): string {
  const parts = token.split(':');
  const at = draw.int(parts.length);
  parts[at] = spoil(draw, parts[at] ?? '');
  return parts.join(':');
}
