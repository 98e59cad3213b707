/** What a tenant's row comes to: its own policy, by the rules of the deployment's settings. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { baseOf, isTenantName, tenantIn } from '../../../src/core/tenant.ts';
import { configFromDraft, settingsIn, TENANT_SETTINGS } from '../../../src/tenants/row.ts';

const parsed = parseConfig({
  PUBLIC_URL: 'https://gate.example',
  TRUSTED_HOSTS: 'tunnel.example',
  SECRET_KEY: 'k'.repeat(32),
  GITHUB_CLIENT_ID: 'id',
  GITHUB_CLIENT_SECRET: 'secret of the deployment',
  GITHUB_URL: 'https://ghe.example',
  GITHUB_API_URL: 'https://ghe.example/api/v3',
  ALLOWED_USERS: 'everybody',
  ADMINS: 'boss',
  READ_ONLY: 'true',
  LIMIT_CLIENT: '1/60',
  DPOP: 'required',
});
if (!parsed.ok) throw new Error('the test lacks settings');
const deployment = parsed.value;

const draft = (settings: Record<string, string>, clientSecret?: string) =>
  configFromDraft({ id: 'acme', settings, clientSecret }, deployment);
const problems = (settings: Record<string, string>, clientSecret?: string) => {
  const config = draft(settings, clientSecret);
  return config.ok ? [] : config.error.map(({ variable, rule }) => `${variable} ${rule}`);
};

describe("a tenant's settings", () => {
  it('take over the place, the keys and the GitHub of the deployment, and none of its policy', () => {
    const config = draft({});
    if (!config.ok) throw new Error('refused');
    const { publicUrl, trustedHosts, secretKeys, github } = deployment;
    expect(config.value).toMatchObject({ publicUrl, trustedHosts, secretKeys, github, issuer: `${publicUrl}/t/acme` });
    expect(config.value).toMatchObject({
      allowed: { users: [], orgs: [] },
      admins: [],
      readOnly: false,
      dpop: 'accepted',
    });
    expect(config.value.limits.client.count).toBe(100);
  });

  it.each(['GITHUB_URL', 'GITHUB_API_URL', 'GITHUB_CLIENT_ID'])(
    'with %s never get the secret of the deployment',
    (name) => {
      const value = name === 'GITHUB_CLIENT_ID' ? 'theirs' : 'https://evil.example';
      expect(problems({ [name]: value })).toContain('GITHUB_CLIENT_SECRET is missing');
      const config = draft({ GITHUB_CLIENT_ID: 'theirs', [name]: value }, 'their own');
      expect(config.ok && config.value.github.clientSecret).toBe('their own');
    },
  );

  it('with a secret alone lack the rest', () => {
    expect(problems({}, 'their own')).toEqual(['GITHUB_CLIENT_ID is missing']);
  });

  it('follow the rules of the deployment, and every setting of policy is among them', () => {
    expect(
      problems({ LIMIT_USER: '0/60', DPOP: 'maybe', TOOLSETS: 'kitchen' }).map((text) => text.split(' ')[0]),
    ).toEqual(expect.arrayContaining(['LIMIT_USER', 'DPOP', 'TOOLSETS']));
    for (const name of [
      'PUBLIC_URL',
      'TRUSTED_HOSTS',
      'SECRET_KEY',
      'SECRET_KEY_2',
      'METRICS_TOKEN',
      'AUDIT_TOKEN',
      'GITHUB_CLIENT_SECRET',
      'WHATEVER',
    ]) {
      expect(problems({ [name]: 'x' })).toEqual([`${name} is no setting of a tenant`]);
    }
    // Whole, so that whoever adds a setting decides whether it is a tenant's or the deployment's (src/tenants/row.ts).
    expect([...TENANT_SETTINGS].sort()).toEqual([
      'ADMINS',
      'ALLOWED_ORGS',
      'ALLOWED_USERS',
      'AUDIT_AFTER_RETENTION',
      'AUDIT_RETENTION_DAYS',
      'AUDIT_TEXTS',
      'CONFIRM_OFF',
      'DPOP',
      'GITHUB_API_URL',
      'GITHUB_CLIENT_ID',
      'GITHUB_URL',
      'LIMIT_CLIENT',
      'LIMIT_CONCURRENT',
      'LIMIT_OTHER',
      'LIMIT_SEARCH',
      'LIMIT_SIGN_IN',
      'LIMIT_TENANT',
      'LIMIT_TOOLS',
      'LIMIT_USER',
      'LIMIT_WRITE',
      'LOCKDOWN',
      'READ_ONLY',
      'TOOLSETS',
    ]);
  });

  it('are texts by name, or nothing', () => {
    expect(settingsIn('{"DPOP":"required"}')).toEqual({ DPOP: 'required' });
    for (const wrong of ['', '[]', 'null', '{"LIMIT_CONCURRENT":3}', '{"a":{}}', '{']) {
      expect(settingsIn(wrong), wrong).toBeUndefined();
    }
  });
});

describe("a tenant's place", () => {
  it.each([
    ['/t/acme/mcp', 'acme'],
    ['/t/acme', 'acme'],
    ['/t/acme/', 'acme'],
    ['/.well-known/oauth-authorization-server/t/acme', 'acme'],
    ['/.well-known/oauth-protected-resource/t/acme/mcp', 'acme'],
    ['/t/acme/.well-known/oauth-authorization-server', 'acme'],
    ['/t/acme/t/globex/mcp', 'acme'],
    ['/t/%61cme/mcp', '%61cme'],
    ['/t/ACME/mcp', 'ACME'],
    ['/t', 'default'],
    ['/t/', 'default'],
    ['/tt/acme', 'default'],
    ['/mcp', 'default'],
    ['/account/t/acme', 'default'],
    ['/.well-known/a/b/t/acme', 'default'],
    ['', 'default'],
  ])('%s is of %s', (path, tenant) => {
    expect(tenantIn(path)).toBe(tenant);
  });

  it.each([
    ['acme', true],
    ['a', true],
    ['a-1', true],
    [`a${'b'.repeat(31)}`, true],
    [`a${'b'.repeat(32)}`, false],
    ['', false],
    ['Acme', false],
    ['1a', false],
    ['-a', false],
    ['a-', false],
    ['a_b', false],
    ['a:b', false],
    ['a.b', false],
    ['a\n', false],
    ['%61', false],
  ])('%j may be a name: %s', (text, expected) => {
    expect(isTenantName(text)).toBe(expected);
  });

  it('is the origin for default', () => {
    expect([baseOf('default'), baseOf('acme')]).toEqual(['', '/t/acme']);
  });
});
