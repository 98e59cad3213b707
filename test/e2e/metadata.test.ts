/**
 * Both metadata documents against schemas written from the RFCs' own lists: RFC 8414 section 2 with RFC 7591, 7636, 9207
 * and 9449 section 5.1, and RFC 9728 section 2.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { useStack } from '../support/stack.ts';

const stack = useStack();

/** https, as both RFCs demand; the test's own origin is this machine over http. */
const url = z.url().refine((value) => /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1)(:|\/|$)/.test(value), 'https');
/** RFC 8414 section 2: an issuer has no query and no fragment; RFC 9728 section 1.2: a resource has no fragment. */
const issuer = url.refine((value) => !/[?#]/.test(value), 'no query or fragment');
const resource = url.refine((value) => !value.includes('#'), 'no fragment');
/** Arrays with zero elements must be left out (RFC 8414 section 3.2, RFC 9728 section 3.2). */
const strings = z.array(z.string().min(1)).nonempty();
/** "The value none MUST NOT be used" (RFC 8414 section 2), and no symmetric algorithm (RFC 9449 section 5.1). */
const algorithms = z.array(z.string().refine((value) => value !== 'none' && !value.startsWith('HS'))).nonempty();

const methods = strings;
const SERVER = z
  .object({
    issuer,
    authorization_endpoint: url,
    token_endpoint: url,
    jwks_uri: url.optional(),
    registration_endpoint: url.optional(),
    scopes_supported: strings.optional(),
    response_types_supported: strings,
    response_modes_supported: strings.optional(),
    grant_types_supported: strings.optional(),
    token_endpoint_auth_methods_supported: methods.optional(),
    token_endpoint_auth_signing_alg_values_supported: algorithms.optional(),
    service_documentation: url.optional(),
    ui_locales_supported: strings.optional(),
    op_policy_uri: url.optional(),
    op_tos_uri: url.optional(),
    revocation_endpoint: url.optional(),
    revocation_endpoint_auth_methods_supported: methods.optional(),
    introspection_endpoint: url.optional(),
    code_challenge_methods_supported: strings.optional(),
    authorization_response_iss_parameter_supported: z.boolean().optional(),
    client_id_metadata_document_supported: z.boolean().optional(),
    dpop_signing_alg_values_supported: algorithms.optional(),
    protected_resources: z.array(resource).nonempty().optional(),
  })
  .loose();

const RESOURCE = z
  .object({
    resource,
    authorization_servers: z.array(issuer).nonempty().optional(),
    jwks_uri: url.optional(),
    scopes_supported: strings.optional(),
    bearer_methods_supported: z.array(z.enum(['header', 'body', 'query'])).optional(),
    resource_signing_alg_values_supported: algorithms.optional(),
    resource_name: z.string().min(1).optional(),
    resource_documentation: url.optional(),
    resource_policy_uri: url.optional(),
    resource_tos_uri: url.optional(),
    tls_client_certificate_bound_access_tokens: z.boolean().optional(),
    authorization_details_types_supported: strings.optional(),
    dpop_signing_alg_values_supported: algorithms.optional(),
    dpop_bound_access_tokens_required: z.boolean().optional(),
  })
  .loose();

async function document(path: string): Promise<unknown> {
  const response = await fetch(`${stack().url}${path}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
  return await response.json();
}

beforeAll(async () => {
  const settings = JSON.stringify({ ALLOWED_USERS: 'octocat' });
  await stack().query("INSERT INTO mcp_tenants VALUES ('acme', ?, NULL, 0, '')", settings);
});

/** Of `default` and of another tenant, whose path goes behind the well-known one (RFC 8414 and 9728, section 3.1). */
describe.each(['', '/t/acme'])('metadata under %j', (base) => {
  it('of the authorization server is as RFC 8414 says', async () => {
    const found = SERVER.parse(await document(`/.well-known/oauth-authorization-server${base}`));
    // Section 3.3: the issuer is what the address of the document was made from.
    expect(found.issuer).toBe(`${stack().url}${base}`);
    for (const endpoint of [found.authorization_endpoint, found.token_endpoint, found.registration_endpoint]) {
      expect(endpoint).toMatch(new RegExp(`^${found.issuer}/\\w+$`));
    }
    expect(found.code_challenge_methods_supported).toEqual(['S256']);
    expect(found.dpop_signing_alg_values_supported).toContain('ES256');
    expect(Object.values(found).filter((value) => value === null)).toEqual([]);
  });

  it('of the protected resource is as RFC 9728 says, and names that server', async () => {
    const found = RESOURCE.parse(await document(`/.well-known/oauth-protected-resource${base}/mcp`));
    // Section 3.3: the resource is what the address of the document was made from.
    expect(found.resource).toBe(`${stack().url}${base}/mcp`);
    expect(found.authorization_servers).toEqual([`${stack().url}${base}`]);
    expect(Object.values(found).filter((value) => value === null)).toEqual([]);
  });

  it('is where a challenge says it is (RFC 9728 section 5.1)', async () => {
    const url = `${stack().url}${base}/mcp`;
    const refused = await fetch(url, { method: 'POST' });
    expect(refused.status).toBe(401);
    const named = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(RESOURCE.parse(await document(new URL(named).pathname)).resource).toBe(url);
  });
});

describe('metadata', () => {
  it('would be refused by these schemas if it were wrong', async () => {
    const good = SERVER.parse(await document('/.well-known/oauth-authorization-server'));
    const { response_types_supported: _, ...missing } = good;
    for (const bad of [
      missing,
      { ...good, issuer: `${good.issuer}?x` },
      { ...good, token_endpoint: 'http://far.example/token' },
      { ...good, scopes_supported: [] },
      { ...good, dpop_signing_alg_values_supported: ['none'] },
    ]) {
      expect(SERVER.safeParse(bad).success).toBe(false);
    }
  });
});
