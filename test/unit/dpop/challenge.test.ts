import { describe, expect, it } from 'vitest';
import { dpopJktOf, needsBinding } from '../../../src/auth/dpop/binding.ts';
import {
  challenge,
  exposeToBrowsers,
  resourceMetadata,
  resourceRefusal,
  serverMetadata,
  tokenRefusal,
  withNonce,
} from '../../../src/auth/dpop/challenge.ts';
import { parseAuthorization } from '../../../src/auth/dpop/credentials.ts';
import { refusalFor } from '../../../src/auth/dpop/refusal.ts';

const metadataUrl = 'https://gate.example/.well-known/oauth-protected-resource/mcp';
const BEARER = `Bearer realm="OAuth", resource_metadata="${metadataUrl}"`;
const DPOP = `DPoP algs="ES256 EdDSA Ed25519 RS256 PS256", resource_metadata="${metadataUrl}"`;

describe('the challenge', () => {
  it('names both schemes, Bearer first, and no error to who brought no token (figure 17)', () => {
    expect(challenge({ metadataUrl })).toBe(`${BEARER}, ${DPOP}`);
    expect(challenge({ metadataUrl, error: 'invalid_token', description: 'x' })).toBe(`${BEARER}, ${DPOP}`);
  });

  it('gives the error under the scheme that was tried (figure 18), or both (figure 19)', () => {
    const error = { error: 'invalid_token', description: 'No.' };
    const said = 'error="invalid_token", error_description="No."';
    expect(challenge({ metadataUrl, tried: 'Bearer', ...error })).toBe(`${BEARER}, ${said}, ${DPOP}`);
    expect(challenge({ metadataUrl, tried: 'DPoP', ...error })).toBe(`${BEARER}, ${DPOP}, ${said}`);
    expect(challenge({ metadataUrl, tried: 'both', ...error })).toBe(`${BEARER}, ${said}, ${DPOP}, ${said}`);
  });

  it('asks for the same scopes under both', () => {
    const value = challenge({ metadataUrl, scopes: ['a:b', 'c'], tried: 'DPoP', error: 'insufficient_scope' });
    expect(value).toBe(`${BEARER}, scope="a:b c", ${DPOP}, scope="a:b c", error="insufficient_scope"`);
  });

  it('cannot be broken out of', () => {
    const value = challenge({ metadataUrl, tried: 'DPoP', error: 'e', description: 'a" , Basic x="\\\r\né' });
    expect(value.split(', DPoP ')[1]).toBe(
      `algs="ES256 EdDSA Ed25519 RS256 PS256", resource_metadata="${metadataUrl}", error="e", error_description="a' , Basic x='''''"`,
    );
  });
});

describe('a refusal', () => {
  it('of the resource is 401 with challenge and nonce (figure 24)', async () => {
    const response = resourceRefusal(refusalFor('nonce_missing'), { metadataUrl, tried: 'DPoP' }, 'n.1');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain(`${DPOP}, error="use_dpop_nonce"`);
    expect(response.headers.get('dpop-nonce')).toBe('n.1');
    expect(await response.json()).toMatchObject({ error: 'use_dpop_nonce' });
  });

  it('of the token endpoint is 400, not stored, with a nonce where there is one (figure 20)', async () => {
    const response = tokenRefusal(refusalFor('nonce_unknown'), 'n.1');
    expect([response.status, response.headers.get('dpop-nonce'), response.headers.get('cache-control')]).toEqual([
      400,
      'n.1',
      'no-store',
    ]);
    expect(response.headers.has('www-authenticate')).toBe(false);
    expect(tokenRefusal(refusalFor('replayed'), undefined).headers.has('dpop-nonce')).toBe(false);
  });
});

describe('an accepted answer', () => {
  it('brings a nonce and is not stored, and is left alone where there is none to bring (figure 23)', async () => {
    const response = new Response('body', { status: 200, headers: { 'cache-control': 'max-age=60', 'x-a': 'b' } });
    expect(withNonce(response, undefined)).toBe(response);
    const answer = withNonce(response, 'n.2');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'dpop-nonce': 'n.2',
      'cache-control': 'no-store',
      'x-a': 'b',
    });
    expect(await answer.text()).toBe('body');
  });

  it('shows nonce and challenge to scripts of another origin, once each, where it is shared at all', () => {
    const headers = new Headers({
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': 'www-authenticate, Retry-After',
    });
    exposeToBrowsers(headers);
    exposeToBrowsers(headers);
    expect(headers.get('access-control-expose-headers')).toBe(
      'www-authenticate, Retry-After, DPoP-Nonce, RateLimit, RateLimit-Policy',
    );
    const own = new Headers();
    exposeToBrowsers(own);
    expect([...own]).toEqual([]);
  });
});

describe('the metadata', () => {
  it('names the algorithms in both documents, none of them symmetric or none', () => {
    const { dpop_signing_alg_values_supported: algs } = serverMetadata();
    expect(algs).toEqual(['ES256', 'EdDSA', 'Ed25519', 'RS256', 'PS256']);
    expect(resourceMetadata('accepted').dpop_signing_alg_values_supported).toEqual(algs);
  });

  it.each([
    ['accepted', false, false, false],
    ['required_for_writes', false, false, true],
    ['required', true, true, true],
  ] as const)('of a tenant with the policy %s says so', (policy, said, reads, writes) => {
    expect(resourceMetadata(policy).dpop_bound_access_tokens_required).toBe(said);
    expect([needsBinding(policy, false), needsBinding(policy, true)]).toEqual([reads, writes]);
  });
});

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc', { scheme: 'Bearer', token: 'abc' }],
    ['bearer   a-._~+/b==', { scheme: 'Bearer', token: 'a-._~+/b==' }],
    ['DPOP gh_1.tag:grant:secret', { scheme: 'DPoP', token: 'gh_1.tag:grant:secret' }],
    [null, undefined],
    ['', undefined],
    ['Basic dXNlcjpwYXNz', undefined],
    ['Bearerabc', undefined],
  ])('%j is read', (header, expected) => {
    expect(parseAuthorization(header)).toEqual({ ok: true, value: expected });
  });

  it.each([
    ['Bearer', 'malformed_credentials', 'Bearer'],
    ['DPoP', 'malformed_credentials', 'DPoP'],
    ['Bearer a b', 'malformed_credentials', 'Bearer'],
    ['DPoP "a"', 'malformed_credentials', 'DPoP'],
    ['Bearer é', 'malformed_credentials', 'Bearer'],
    ['Bearer a, DPoP a', 'several_methods', 'both'],
    ['DPoP a, DPoP b', 'several_methods', 'both'],
    ['Basic a, Bearer b', 'several_methods', 'both'],
  ])('%j is refused', (header, reason, tried) => {
    expect(parseAuthorization(header)).toEqual({ ok: false, error: { reason, tried } });
  });
});

describe('dpop_jkt of an authorization request (section 10)', () => {
  const jkt = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
  it.each([
    ['', undefined],
    ['dpop_jkt=', undefined],
    [`dpop_jkt=${jkt}`, jkt],
  ])('%j is read', (query, value) => {
    expect(dpopJktOf(new URLSearchParams(query))).toEqual({ ok: true, value });
  });

  it.each([
    `dpop_jkt=${jkt}&dpop_jkt=${jkt}`,
    'dpop_jkt=x',
    `dpop_jkt=${jkt}A`,
    `dpop_jkt=${jkt.slice(0, -1)}t`,
    `dpop_jkt=${jkt}%3D`,
  ])('%j is refused', (query) => {
    expect(dpopJktOf(new URLSearchParams(query)).ok).toBe(false);
  });
});
