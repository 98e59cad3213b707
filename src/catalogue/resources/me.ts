import type { ResourceDefinition } from '../define.ts';
import { lean } from '../lean.ts';
import { upstreamAccount } from '../upstream.ts';

const URI = 'github://me';

/** Who is connected, through what, and what this connection was granted. */
export const me: ResourceDefinition = {
  name: 'me',
  title: 'My connection',
  toolset: 'context',
  description:
    'The signed-in GitHub account, the client, the scopes and repositories granted to it and until when, and what GitHub itself allows: scopes, expiry and remaining requests.',
  mimeType: 'application/json',
  address: { uri: URI },
  match: (uri) => (uri === URI ? {} : undefined),
  async read(uri, _variables, { github, principal, publicOnly }) {
    const { data, headers } = await github.request('GET /user', {}, upstreamAccount);
    const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
    const about = {
      ...lean({ login: data.login, id: data.id, name: data.name }),
      web_url: github.webUrl,
      connection: {
        tenant: principal.tenant,
        client: principal.client.name,
        scopes: [...principal.scopes],
        // They may name private ones.
        ...(!publicOnly && { repositories: principal.repositories === null ? 'all' : [...principal.repositories] }),
        expires_at: iso(principal.expiresAt),
      },
      github: lean({
        scopes: headers
          .get('x-oauth-scopes')
          ?.split(/,\s*/)
          .filter((scope) => scope !== ''),
        token_expires_at: headers.get('github-authentication-token-expiration'),
        requests_per_hour: count(headers.get('x-ratelimit-limit')),
        requests_remaining: count(headers.get('x-ratelimit-remaining')),
        requests_reset_at: Number.isFinite(reset) ? iso(reset) : undefined,
      }),
    };
    return [{ uri, mimeType: 'application/json', text: JSON.stringify(about) }];
  },
};

/** ISO 8601 of seconds since the epoch. */
function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function count(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}
