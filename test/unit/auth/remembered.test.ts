import type { AuthRequest, GrantSummary } from '@cloudflare/workers-oauth-provider';
import { describe, expect, it } from 'vitest';
import { mayGoUnasked, renews } from '../../../src/auth/remembered.ts';
import { BASELINE, SCOPES } from '../../../src/policy/scopes.ts';

const DANGEROUS = SCOPES.filter((scope) => scope.dangerous).map((scope) => scope.name);

describe('an approval that may stand without asking', () => {
  it.each([
    ['http://127.0.0.1:41231/callback', true],
    ['http://[::1]:41231/callback', true],
    ['cursor://anysphere.cursor-mcp/oauth/callback', false],
    ['com.example.app:/callback', false],
  ])('at %s does not let anything be changed', (redirectUri, redirectIsLoopback) => {
    const local = { redirectUri, redirectIsLoopback };
    expect(mayGoUnasked(local, BASELINE)).toBe(true);
    for (const scope of DANGEROUS) expect(mayGoUnasked(local, [...BASELINE, scope]), scope).toBe(false);
  });

  it('at a site of the web may let things be changed', () => {
    const remote = { redirectUri: 'https://claude.ai/api/mcp/auth_callback', redirectIsLoopback: false };
    expect(mayGoUnasked(remote, DANGEROUS)).toBe(true);
  });
});

describe('what a remembered approval renews', () => {
  const asked = {
    clientId: 'c',
    redirectUri: 'https://c.example/cb',
    scope: ['tools:execute:issues:read'],
  } as AuthRequest;
  const grant: GrantSummary = {
    id: 'g',
    clientId: 'c',
    userId: 'u',
    scope: ['tools:execute:read_only'],
    metadata: { login: 'octocat', clientName: 'C' },
    createdAt: 1,
    redirectUri: 'https://c.example/cb',
  };

  it('is a connection of the same client and redirect that holds what is asked', () => {
    expect(renews([grant], asked)).toBe(true);
    expect(renews([{ ...grant, clientId: 'd' }, grant], asked)).toBe(true);
  });

  it.each([
    ['nothing that is connected', []],
    ['another client', [{ ...grant, clientId: 'd' }]],
    ['another redirect', [{ ...grant, redirectUri: 'https://c.example/other' }]],
    ['a connection with less', [{ ...grant, scope: ['tools:list'] }]],
    ['a connection limited to repositories', [{ ...grant, metadata: { repositories: ['acme/*'] } }]],
    [
      'two connections that hold it only together',
      [
        { ...grant, scope: [] },
        { ...grant, clientId: 'd' },
      ],
    ],
  ])('is not %s', (_, grants) => {
    expect(renews(grants, asked)).toBe(false);
  });
});
