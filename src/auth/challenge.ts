/** What the protected resource answers to those who may not pass (RFC 6750 section 3, RFC 9728 section 5.1). */
import type { Config } from '../config.ts';
import { BASELINE } from '../policy/scopes.ts';
import { challenge, resourceRefusal } from './dpop/challenge.ts';
import type { Scheme } from './dpop/credentials.ts';
import { refusalFor } from './dpop/refusal.ts';

/** The WWW-Authenticate value that asks for more scopes; `scopes` are this gate's own names. */
export function insufficientScope(config: Config, scopes: readonly string[], tried: Scheme): string {
  return challenge({ metadataUrl: metadataUrl(config), scopes, tried, error: 'insufficient_scope' });
}

/** 401 for a token that was good when it was looked at and is not any more (RFC 6750 section 3.1). */
export function invalidToken(config: Config, tried: Scheme): Response {
  return refused(config, tried, true);
}

/** 401 for a proof of possession that was used before (RFC 9449 section 7.1). */
export function replayedProof(config: Config): Response {
  return resourceRefusal(refusalFor('replayed'), { metadataUrl: metadataUrl(config), tried: 'DPoP' }, undefined);
}

/** Gives a refusal of the resource server, which has only a Bearer header, both challenges and a body that says more. */
export function explained(response: Response, config: Config, tried: Scheme): Response {
  if (response.status !== 401 || response.headers.has('content-type')) return response;
  const presented = response.headers.get('www-authenticate')?.includes('invalid_token') === true;
  const answer = refused(config, tried, presented);
  for (const [name, value] of response.headers) {
    if (name.startsWith('access-control-')) answer.headers.set(name, value);
  }
  return answer;
}

/** RFC 9728 section 3.1: the well-known path goes between host and path of the resource. */
export function metadataUrl(config: Config): string {
  return `${config.publicUrl}/.well-known/oauth-protected-resource${config.base}/mcp`;
}

function refused(config: Config, tried: Scheme, presented: boolean): Response {
  const url = metadataUrl(config);
  const body = {
    error: presented ? 'invalid_token' : 'unauthorized',
    error_description: presented
      ? 'The access token is not valid here: expired, revoked, made for another server, or made up. Refresh it or sign in again.'
      : `Sign in first: ${url} says where.`,
  };
  const facts = { metadataUrl: url, scopes: BASELINE };
  const header = challenge(presented ? { ...facts, tried, error: 'invalid_token' } : facts);
  return Response.json(body, { status: 401, headers: { 'www-authenticate': header, 'cache-control': 'no-store' } });
}
