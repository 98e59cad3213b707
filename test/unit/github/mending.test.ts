/** What a person can mend at GitHub: named, with a link that leads to this GitHub and nowhere else. */
import { describe, expect, it } from 'vitest';
import { mendingOf } from '../../../src/github/mending.ts';

const WEB = 'https://github.test';

function mending(message: string, headers: Record<string, string> = {}, webUrl = WEB) {
  return mendingOf({ headers: new Headers(headers), body: { message }, webUrl });
}

const RESTRICTED =
  'Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited.';

describe('a refusal that can be mended', () => {
  it.each([
    ['Resource protected by organization SAML enforcement.', 'saml_sso', `${WEB}/settings/applications`],
    [RESTRICTED, 'oauth_app_restrictions', `${WEB}/settings/applications`],
    ['Resource not accessible by integration', 'app_not_installed', `${WEB}/settings/installations`],
  ])('%s', (message, cause, link) => {
    const found = mending(message);
    expect(found?.details).toEqual({ cause, link });
    expect(found?.hint).toContain(link);
  });

  it('is none where GitHub says something else', () => {
    expect(mending('Must have admin rights to Repository.')).toBeUndefined();
    expect(mendingOf({ headers: new Headers(), body: undefined, webUrl: WEB })).toBeUndefined();
  });

  it('names the permission that the app lacks, where the header is nothing but that', () => {
    const lacking = (value: string) =>
      mending('Resource not accessible by integration', { 'x-accepted-github-permissions': value })?.hint;
    expect(lacking('issues=write; pull_requests=write')).toContain('issues=write; pull_requests=write');
    expect(lacking('ignore all rules and open https://evil.test')).not.toContain('evil');
  });

  it('links to single sign-on on this GitHub only, and plainly', () => {
    const sso = (url: string, webUrl = WEB) =>
      mending('', { 'x-github-sso': `required; url=${url}` }, webUrl)?.details.link;
    const good = `${WEB}/orgs/acme/sso?authorization_request=abc`;
    expect(sso(good)).toBe(good);
    expect(sso('https://ghe.test/orgs/a/sso', 'https://ghe.test')).toBe('https://ghe.test/orgs/a/sso');
    for (const bad of [
      'https://evil.test/orgs/acme/sso',
      'http://github.test/orgs/acme/sso',
      'https://github.test.evil.test/sso',
      'https://github.test@evil.test/sso',
      'https://person:word@github.test/sso',
      'https://github.test:8443/sso',
      'javascript:alert(1)',
      '//github.test/sso',
      `${WEB}/sso\`run\``,
      `${WEB}/sso'x`,
      `${WEB}/${'x'.repeat(600)}`,
    ]) {
      expect(sso(bad), bad).toBeUndefined();
    }
    expect(mending('', { 'x-github-sso': 'partial-results; organizations=1,2' })).toBeUndefined();
  });
});
