/** From a verified token to what it may do. */
import { describe, expect, it } from 'vitest';
import { principalOf } from '../../../src/auth/authenticate.ts';
import type { VerifiedToken } from '../../../src/auth/server.ts';
import type { Config } from '../../../src/config.ts';

const config = { tenant: 'acme', admins: ['octocat'], allowed: { users: ['octocat', 'hubot'], orgs: [] } };
const settings = (more: object = {}) => ({ ...config, ...more }) as unknown as Config;

function token(more: { login?: string; scope?: string[]; props?: object; auth?: object } = {}): VerifiedToken {
  const { login = 'octocat', scope = ['tools:list'], props = {}, auth = {} } = more;
  return {
    props: { user: { id: 'gh_1', login }, clientName: 'T', upstreamToken: 'u', repositories: null, ...props },
    auth: { token: 'user:grant:secret', scope, clientId: 'c', expiresAt: 1, ...auth },
  } as VerifiedToken;
}

describe('a principal', () => {
  it('is of the tenant, with the grant and the key of its token', () => {
    const principal = principalOf(settings(), token({ props: { cnf: { jkt: 'k' }, repositories: ['acme/*'] } }));
    expect(principal).toMatchObject({ tenant: 'acme', grantId: 'grant', jkt: 'k', repositories: ['acme/*'] });
    expect(principal.tokenId).toMatch(/^[0-9a-f]{64}$/);
    expect(principalOf(settings(), token()).jkt).toBeUndefined();
  });

  it('has only scopes that are known now, once each', () => {
    const scope = ['wiki:read', 'tools:list', 'tools:execute:wiki:read', 'tools:list', '*', 'prompts:use'];
    expect(principalOf(settings(), token({ scope })).scopes).toEqual(['tools:list', 'prompts:use']);
  });

  it('has audit:read while the person is an administrator who may sign in, and not a moment longer', () => {
    const scope = ['tools:list', 'audit:read'];
    const scopes = (more: object, login?: string) =>
      principalOf(settings(more), token({ scope, ...(login !== undefined && { login }) })).scopes;
    expect(scopes({})).toContain('audit:read');
    expect(scopes({}, 'OctoCat')).toContain('audit:read');
    expect(scopes({}, 'hubot')).toEqual(['tools:list']);
    expect(scopes({ admins: [] })).toEqual(['tools:list']);
    expect(scopes({ allowed: { users: ['hubot'], orgs: [] } })).toEqual(['tools:list']);
  });

  it.each([
    ['its limit', { props: { repositories: undefined } }],
    ['its client', { auth: { clientId: undefined } }],
    ['its expiry', { auth: { expiresAt: undefined } }],
    ['its grant', { auth: { token: 'user' } }],
  ])('is nobody where a token does not say %s', (_, more) => {
    expect(() => principalOf(settings(), token(more))).toThrow('a verified token');
  });
});
