import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  isOwnForm,
  openBrowserSession,
  SESSION_SECONDS,
  sealBrowserSession,
} from '../../../src/auth/browser-session.ts';
import type { KeyRing } from '../../../src/config.ts';
import { sealUserId } from '../../../src/core/ids.ts';

const ring = (secret: string): KeyRing => [{ id: 'k1', secret }];
const keying = { tenant: 'default', secretKeys: ring('k'.repeat(32)) };
const octocat = { id: 'gh_583231', login: 'octocat' };
const NOW = 1_800_000_000_000;
const sealed = sealBrowserSession(octocat, keying, NOW, 'n'.repeat(22));
const [text = '', mac = ''] = sealed.split('.');

/** The same payload with changes, signed by somebody who has no key, or the wrong one, or none at all. */
function payload(changes: object): string {
  const claims = JSON.parse(Buffer.from(text, 'base64url').toString()) as object;
  return Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url');
}

function form(token: string | undefined): FormData {
  const sent = new FormData();
  if (token !== undefined) sent.set('form_token', token);
  return sent;
}

describe('a browser session', () => {
  it('opens for eight hours and says who it is', () => {
    const session = openBrowserSession(sealed, keying, NOW);
    expect(session).toMatchObject({ user: octocat, expiresAt: NOW + SESSION_SECONDS * 1000 });
    expect(SESSION_SECONDS).toBe(8 * 3600);
    expect(openBrowserSession(sealed, keying, NOW + SESSION_SECONDS * 1000 - 1)).toBeDefined();
    expect(openBrowserSession(sealed, keying, NOW + SESSION_SECONDS * 1000)).toBeUndefined();
  });

  it('fits a cookie: no character that would have to be quoted, and short', () => {
    expect(sealed).toMatch(/^[\w.-]+$/);
    expect(sealBrowserSession({ id: 'gh_1', login: 'x'.repeat(100) }, keying, NOW).length).toBeLessThan(1000);
  });

  it('is another one each time', () => {
    expect(sealBrowserSession(octocat, keying, NOW)).not.toBe(sealBrowserSession(octocat, keying, NOW));
  });

  it('is of one key and one tenant', () => {
    expect(openBrowserSession(sealed, { ...keying, secretKeys: ring('x'.repeat(32)) }, NOW)).toBeUndefined();
    expect(openBrowserSession(sealed, { ...keying, tenant: 'other' }, NOW)).toBeUndefined();
  });

  it('does not open with any one character changed, left out or put in', () => {
    for (let i = 0; i < sealed.length; i++) {
      const other = sealed[i] === 'A' ? 'B' : 'A';
      for (const changed of [
        sealed.slice(0, i) + other + sealed.slice(i + 1),
        sealed.slice(0, i) + sealed.slice(i + 1),
        sealed.slice(0, i) + other + sealed.slice(i),
        sealed.slice(0, i),
      ]) {
        expect(openBrowserSession(changed, keying, NOW), changed).toBeUndefined();
      }
    }
  });

  it.each([
    ['nothing', undefined],
    ['an empty cookie', ''],
    ['a dot', '.'],
    ['three parts', `${sealed}.${mac}`],
    ['no signature', text],
    ['an empty signature', `${text}.`],
    ['the payload of another user under this signature', `${payload({ id: 'gh_1' })}.${mac}`],
    ['a longer life under this signature', `${payload({ expires: 9_999_999_999 })}.${mac}`],
    ['a signature with a guessed key', `${text}.${createHmac('sha256', '').update(text).digest('base64url')}`],
    [
      'a signature with the bare secret key',
      `${text}.${createHmac('sha256', keying.secretKeys[0].secret).update(text).digest('base64url')}`,
    ],
    ['a sealed user id, which is no session', sealUserId('gh_583231', 'default', keying.secretKeys)],
    ['a form token, which is no session', `${text}.${openBrowserSession(sealed, keying, NOW)?.formToken}`],
    ['something in another alphabet', 'é.é'],
    ['a megabyte', 'A'.repeat(1_000_000)],
  ])('is not made of %s', (_, value) => {
    expect(openBrowserSession(value, keying, NOW)).toBeUndefined();
  });

  it('from the future is refused, beyond what clocks differ', () => {
    const ahead = (seconds: number) => sealBrowserSession(octocat, keying, NOW + seconds * 1000);
    expect(openBrowserSession(ahead(30), keying, NOW)).toBeDefined();
    expect(openBrowserSession(ahead(120), keying, NOW)).toBeUndefined();
  });

  it('is refused with a user that is none of this gate’s, though signed', () => {
    for (const user of [
      { id: '583231', login: 'x' },
      { id: 'gh_1:x', login: 'x' },
      { id: 'gh_1', login: '' },
    ]) {
      expect(openBrowserSession(sealBrowserSession(user, keying, NOW), keying, NOW)).toBeUndefined();
    }
  });
});

describe('the token of its forms', () => {
  const session = openBrowserSession(sealed, keying, NOW);
  const again = openBrowserSession(sealBrowserSession(octocat, keying, NOW), keying, NOW);
  if (session === undefined || again === undefined) throw new Error('the sessions do not open');

  it('is known to the pages of that session alone', () => {
    expect(isOwnForm(form(session.formToken), session)).toBe(true);
    expect(isOwnForm(form(again.formToken), session)).toBe(false);
    for (const token of [undefined, '', 'x', session.formToken.slice(1), `${session.formToken}=`, mac, sealed]) {
      expect(isOwnForm(form(token), session), String(token)).toBe(false);
    }
  });

  it('is not made of a file', () => {
    const sent = new FormData();
    sent.set('form_token', new File([session.formToken], 'token'));
    expect(isOwnForm(sent, session)).toBe(false);
  });
});
