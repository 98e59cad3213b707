/** A token of the documented pattern, by the OAuth flow it has: registration, PKCE, code, token. */
import { createHash, randomBytes } from 'node:crypto';
import { REDIRECT_URI } from '../../src/cli/clients.ts';
import { send } from './http.ts';

/** In: where the peer listens and what it calls itself. Out: an access token for its `/mcp`. */
export async function patternToken(port: number, host: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const post = (path: string, type: string, body: string) =>
    send({ port, method: 'POST', path, headers: { host, 'content-type': type }, body });
  const registration = { client_name: 'Bench', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' };
  const registered = await post('/oauth/register', 'application/json', JSON.stringify(registration));
  const { client_id } = JSON.parse(registered.text) as { client_id: string };
  const resource = `http://${host}/mcp`;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: REDIRECT_URI,
    scope: 'mcp',
    state: 'bench',
    resource,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const sent = await send({ port, method: 'GET', path: `/authorize?${query}`, headers: { host } });
  const code = new URL(sent.headers.location ?? '', REDIRECT_URI).searchParams.get('code') ?? '';
  const redemption = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id,
    redirect_uri: REDIRECT_URI,
    resource,
    code,
    code_verifier: verifier,
  });
  const answer = await post('/oauth/token', 'application/x-www-form-urlencoded', redemption.toString());
  const { access_token } = JSON.parse(answer.text) as { access_token?: string };
  if (access_token === undefined) throw new Error(`The documented pattern gave no token: ${answer.text}`);
  return access_token;
}
