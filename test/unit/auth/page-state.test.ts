import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  isPageState,
  newPageState,
  STATE_SECONDS,
  stateCookie,
  stateName,
  verifierFor,
} from '../../../src/auth/account/state.ts';
import { cookieIn, hostCookie } from '../../../src/auth/cookies.ts';
import type { KeyRing } from '../../../src/config.ts';
import { systemRandomness } from '../../../src/core/ids.ts';

const ring = (secret: string): KeyRing => [{ id: 'k1', secret }];
const keying = { tenant: 'default', secretKeys: ring('k'.repeat(32)) };
const NOW = 1_800_000_000_000;
const { state, challenge, cookie } = newPageState(keying, NOW, systemRandomness);

describe('the state of a sign-in for pages', () => {
  it('comes back to the browser it was made for, with the verifier of its challenge', () => {
    const verifier = verifierFor(state, cookie.value, keying, NOW + 1000) ?? '';
    // RFC 7636 section 4.1 and 4.6.
    expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge);
  });

  it('is told from that of a client’s sign-in, which has no dot', () => {
    expect(isPageState(state)).toBe(true);
    for (const other of [null, '', 'account', 'account.', `account.${'A'.repeat(42)}`, `account.${'A'.repeat(44)}`]) {
      expect(isPageState(other)).toBe(false);
    }
    expect(isPageState('A'.repeat(43))).toBe(false);
    expect(isPageState(`${state}\n`)).toBe(false);
  });

  it('ends after ten minutes', () => {
    const end = NOW + STATE_SECONDS * 1000;
    expect(verifierFor(state, cookie.value, keying, end - 1)).toBeDefined();
    expect(verifierFor(state, cookie.value, keying, end)).toBeUndefined();
  });

  it('is refused with another’s cookie, none, a changed one, another key or tenant', () => {
    const other = newPageState(keying, NOW, systemRandomness);
    const [expires = '', mac = ''] = cookie.value.split('.');
    const later = `${Number(expires) + 1}.${mac}`;
    for (const wrong of [undefined, '', '.', other.cookie.value, later, expires, `${expires}.`, `0${cookie.value}`]) {
      expect(verifierFor(state, wrong, keying, NOW), String(wrong)).toBeUndefined();
    }
    expect(verifierFor(other.state, cookie.value, keying, NOW)).toBeUndefined();
    expect(verifierFor(state, cookie.value, { ...keying, tenant: 'other' }, NOW)).toBeUndefined();
    expect(verifierFor(state, cookie.value, { ...keying, secretKeys: ring('x'.repeat(32)) }, NOW)).toBeUndefined();
  });

  it('is named by cookies and records without being told', () => {
    expect(cookie.name).toBe(stateCookie(state, keying.tenant));
    for (const name of [cookie.name, cookie.value, stateName(state)]) expect(name).not.toContain(state.slice(8));
    expect(stateCookie(newPageState(keying, NOW, systemRandomness).state, keying.tenant)).not.toBe(cookie.name);
  });
});

describe('cookies', () => {
  it('are found by their whole name, the first of several', () => {
    expect(cookieIn('a=1; __Host-gatehouse=x.y; b=2', '__Host-gatehouse')).toBe('x.y');
    expect(cookieIn('__Host-gatehouse=first; __Host-gatehouse=second', '__Host-gatehouse')).toBe('first');
    for (const header of [null, '', ';;', '=x', 'x__Host-gatehouse=1', '__Host-gatehouse2=1', '__Host-gatehouse']) {
      expect(cookieIn(header, '__Host-gatehouse'), String(header)).toBeUndefined();
    }
  });

  it('have what the __Host- prefix demands, and no script reads them', () => {
    expect(hostCookie('__Host-a', 'v', 5)).toBe('__Host-a=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=5');
  });
});
