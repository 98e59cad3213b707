/** What the protected resource answers to those who may not pass (RFC 6750 section 3, RFC 9728 section 5.1). */
import type { Config } from '../config.ts';
import { resourceOf } from './server.ts';

/** The WWW-Authenticate value that asks for more scopes; `scopes` are this gate's own names. */
export function insufficientScope(config: Config, scopes: readonly string[]): string {
  return [
    'Bearer realm="OAuth"',
    `resource_metadata="${metadataUrl(config)}"`,
    'error="insufficient_scope"',
    `scope="${scopes.join(' ')}"`,
  ].join(', ');
}

/** 401 for a token that was good when it was looked at and is not any more (RFC 6750 section 3.1). */
export function invalidToken(config: Config): Response {
  const challenge = `Bearer realm="OAuth", resource_metadata="${metadataUrl(config)}", error="invalid_token"`;
  return refused(challenge, true, config);
}

/** Gives a refusal of the resource server, which has only a header, a body that says what to do. */
export function explained(response: Response, config: Config): Response {
  if (response.status !== 401 || response.headers.has('content-type')) return response;
  const challenge = response.headers.get('www-authenticate') ?? '';
  return refused(challenge, challenge.includes('invalid_token'), config);
}

function refused(challenge: string, presented: boolean, config: Config): Response {
  const body = {
    error: presented ? 'invalid_token' : 'unauthorized',
    error_description: presented
      ? 'The access token is not valid here: expired, revoked, made for another server, or made up. Refresh it or sign in again.'
      : `Sign in first: ${metadataUrl(config)} says where.`,
  };
  return Response.json(body, { status: 401, headers: { 'www-authenticate': challenge, 'cache-control': 'no-store' } });
}

/** RFC 9728 section 3.1: the well-known path goes between host and path of the resource. */
function metadataUrl(config: Config): string {
  const resource = new URL(resourceOf(config));
  return `${resource.origin}/.well-known/oauth-protected-resource${resource.pathname}`;
}
