/** DPoP proofs (RFC 9449): good ones with a claim, a header or the bytes changed, at both endpoints. */
import { createHash } from 'node:crypto';
import type { Json } from '../../unit/dpop/make-proof.ts';
import { b64, signed } from '../../unit/dpop/make-proof.ts';
import type { Draw } from '../draw.ts';
import { spoil } from '../draw.ts';
import type { Shot } from '../shot.ts';
import type { Target } from '../target.ts';
import { goodHeaders, MODERN_META } from '../target.ts';
import { oneLine } from './edge.ts';

export async function proofsShot(draw: Draw, target: Target): Promise<Shot> {
  const atToken = draw.chance(0.3);
  const path = atToken ? '/token' : '/mcp';
  const { token, key, nonce } = target.bound;
  const claims: Json = {
    jti: `fuzz-${draw()}`,
    htm: 'POST',
    htu: `${target.stack.url}${path}`,
    iat: Math.floor(Date.now() / 1000),
    nonce,
    ath: createHash('sha256').update(token).digest('base64url'),
  };
  const header: Json = { typ: 'dpop+jwt', alg: key.alg, jwk: { ...key.jwk } };
  for (let changes = draw.int(3); changes > 0; changes -= 1) {
    const [part, names] = draw.oneOf([
      [claims, ['jti', 'htm', 'htu', 'iat', 'ath', 'nonce', draw.nasty()]],
      [header, ['typ', 'alg', 'jwk', 'crit', 'kid', draw.nasty()]],
      [header.jwk as Json, ['kty', 'crv', 'x', 'y', 'd', 'alg', draw.nasty()]],
    ] as const);
    // Once the key itself was replaced by something else there is nothing left to change in it.
    if (typeof part === 'object' && part !== null) part[draw.oneOf(names)] = draw.json(2);
  }
  const whole = await signed(key, header, draw.chance(0.95) ? claims : JSON.stringify(draw.json()));
  const proof = draw.oneOf([() => whole, () => whole, () => spoil(draw, whole), () => spoiledPart(draw, whole)])();
  const headers: [string, string][] = atToken
    ? [['content-type', 'application/x-www-form-urlencoded']]
    : goodHeaders(target, 'tools/list').filter(([name]) => name !== 'authorization');
  headers.push(['dpop', oneLine(proof)]);
  if (draw.chance(0.1)) headers.push(['dpop', oneLine(whole)]);
  if (!atToken) headers.push(['authorization', `${draw.chance(0.8) ? 'DPoP' : 'Bearer'} ${token}`]);
  const form = { grant_type: 'authorization_code', client_id: target.clientId, code: draw.nasty() };
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: MODERN_META } };
  return {
    method: 'POST',
    target: path,
    headers,
    body: atToken ? new URLSearchParams(form).toString() : JSON.stringify(list),
  };
}

function spoiledPart(draw: Draw, jwt: string): string {
  const parts = jwt.split('.');
  const at = draw.int(3);
  parts[at] = draw.chance(0.5) ? b64(draw.nasty()) : spoil(draw, parts[at] ?? '');
  return parts.join('.');
}
