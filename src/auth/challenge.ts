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

/** Gives a refusal of the resource server, which has only a header, a body that says what to do. */
export async function explained(response: Response, config: Config): Promise<Response> {
  if (response.status !== 401 || response.headers.has('content-type')) return response;
  const presented = response.headers.get('www-authenticate')?.includes('invalid_token') === true;
  const body = {
    error: presented ? 'invalid_token' : 'unauthorized',
    error_description: presented
      ? 'The access token is not valid here: expired, revoked, made for another server, or made up. Refresh it or sign in again.'
      : `Sign in first: ${metadataUrl(config)} says where.`,
  };
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.set('content-type', 'application/json');
  return new Response(JSON.stringify(body), { status: 401, headers });
}

/** RFC 9728 section 3.1: the well-known path goes between host and path of the resource. */
function metadataUrl(config: Config): string {
  const resource = new URL(resourceOf(config));
  return `${resource.origin}/.well-known/oauth-protected-resource${resource.pathname}`;
}
