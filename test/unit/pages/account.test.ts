import { describe, expect, it } from 'vitest';
import type { AccountView, ConnectionView } from '../../../src/auth/account/views.ts';
import { agoText, dateText } from '../../../src/pages/dates.ts';
import { accountPage, accountPages, signedOutPage } from '../../../src/pages/index.ts';
import { SCOPES } from '../../../src/policy/scopes.ts';

const NOW = Date.UTC(2026, 10, 23, 5, 13);
const connection: ConnectionView = {
  grantId: 'grant-1',
  client: { id: 'client-1', name: 'Editor' },
  clientDomain: undefined,
  redirectHost: '127.0.0.1:41231',
  scopes: SCOPES.filter(({ name }) => name === 'tools:execute:issues:write' || name === 'tools:list'),
  repositories: undefined,
  bound: false,
  createdAt: NOW - 3 * 86_400_000,
  usedAt: undefined,
};
const view: AccountView = {
  base: '',
  login: 'octocat',
  formToken: 'token-1',
  connections: [connection],
  limits: { client: { count: 100, seconds: 60 }, user: { count: 200, seconds: 60 } },
  notice: undefined,
  now: NOW,
};
const shown = (changes: Partial<ConnectionView>) =>
  accountPage({ ...view, connections: [{ ...connection, ...changes }] });

describe('accountPage', () => {
  it('says of each connection who, where to, what, since when and how it was used', () => {
    const html = accountPage(view);
    for (const text of [
      'Editor',
      'not verified',
      '127.0.0.1:41231',
      'Change issues and comments',
      'all that you can reach',
    ])
      expect(html).toContain(text);
    expect(html).toContain('20 Nov 2026, 05:13');
    expect(html).toContain('3 days ago');
    expect(html).toContain('not yet');
    expect(html).toContain('100 calls in 60 seconds');
  });

  it('says what else there may be: domain, key, repositories, last use', () => {
    const html = shown({
      clientDomain: 'claude.ai',
      bound: true,
      repositories: ['acme/web', 'acme/*'],
      usedAt: NOW - 61_000,
    });
    expect(html).toContain('<strong>claude.ai</strong> (verified domain)');
    expect(html).toContain('a stolen token is of no use elsewhere');
    expect(html).toContain('<code>acme/web</code>, <code>acme/*</code>');
    expect(html).toContain('1 minute ago');
  });

  it('has the token of the session in every form, and offers to revoke all only where there are several', () => {
    const one = accountPage(view);
    const two = accountPage({ ...view, connections: [connection, { ...connection, grantId: 'grant-2' }] });
    for (const html of [one, two, accountPage({ ...view, connections: [] })]) {
      expect(html.match(/name="form_token" value="token-1"/g)).toHaveLength(html.match(/<form/g)?.length ?? 0);
    }
    expect(one).not.toContain('name="all"');
    expect(two).toContain('Revoke all 2');
  });

  it('draws hostile strings as text wherever they stand', () => {
    const hostile = '"><script>alert(1)</script><form action=https://evil.example>';
    const html = accountPage({
      ...view,
      login: hostile,
      formToken: hostile,
      connections: [
        {
          ...connection,
          grantId: hostile,
          client: { id: hostile, name: hostile },
          clientDomain: hostile,
          redirectHost: hostile,
          repositories: [hostile],
          scopes: [{ name: hostile, group: 'read', title: hostile, dangerous: true }],
        },
      ],
    });
    expect(html).not.toMatch(/<script|<form action=https/);
    expect(html.match(/<form/g)).toHaveLength(2);
    expect(shown({ client: { id: 'c', name: '\u202e' } })).toContain('An unnamed application');
  });

  it('comes with a policy that lets its forms lead nowhere else', () => {
    const csp = (response: Response) => response.headers.get('content-security-policy');
    expect(csp(accountPages.account(view))).toContain("form-action 'self';");
    expect(csp(accountPages.signedOut({ base: '', githubHost: 'github.com', notice: undefined }))).toContain(
      "form-action 'none'",
    );
    expect(accountPages.account(view).headers.get('cache-control')).toBe('no-store');
  });
});

describe('signedOutPage', () => {
  it('leads to the sign-in, and says what just happened', () => {
    const html = signedOutPage({ base: '', githubHost: 'github.corp.example', notice: 'signed_out' });
    expect(html).toContain('href="/account/sign-in"');
    expect(html).toContain('github.corp.example');
    expect(html).toContain('Applications stay connected');
  });
});

describe('times', () => {
  it('are told in UTC and by the largest unit that fits', () => {
    expect(dateText(Date.UTC(2026, 0, 5, 0, 7))).toBe('5 Jan 2026, 00:07');
    for (const [seconds, text] of [
      [-5, 'just now'],
      [59, 'just now'],
      [60, '1 minute ago'],
      [3599, '59 minutes ago'],
      [7200, '2 hours ago'],
      [86_400, '1 day ago'],
      [40 * 86_400, '40 days ago'],
    ] as const) {
      expect(agoText(NOW - seconds * 1000, NOW)).toBe(text);
    }
  });
});
