import { describe, expect, it } from 'vitest';
import type { Keys } from '../../src/core/ids.ts';
import { openUserId, sealUserId, ulid } from '../../src/core/ids.ts';

describe('ulid', () => {
  it('has the known answer of its specification for the time, and sorts by it', () => {
    const zeros = (bytes: Uint8Array<ArrayBuffer>) => bytes.fill(0);
    expect(ulid(1_469_918_176_385, zeros)).toBe('01ARYZ6S410000000000000000');
    expect(ulid(1, zeros) < ulid(2, zeros)).toBe(true);
    expect(new Set(Array.from({ length: 1000 }, () => ulid(5))).size).toBe(1000);
  });
});

describe('the seal of a user id', () => {
  const key: Keys = [{ secret: 'k'.repeat(32) }];
  it('opens for its tenant and key only', () => {
    const sealed = sealUserId('gh_1', 'default', key);
    expect(openUserId(sealed, 'default', key)).toBe('gh_1');
    expect(openUserId(sealed, 'other', key)).toBeUndefined();
    expect(openUserId(sealed, 'default', [{ secret: 'x'.repeat(32) }])).toBeUndefined();
    expect(sealed).not.toContain(':');
    // After a rotation the predecessor still opens, and what is sealed now is sealed anew.
    const next: Keys = [{ secret: 'n'.repeat(32) }, ...key];
    expect(openUserId(sealed, 'default', next)).toBe('gh_1');
    expect(openUserId(sealUserId('gh_1', 'default', next), 'default', key)).toBeUndefined();
  });

  it.each([
    '',
    '.',
    'gh_1',
    'gh_1.',
    `gh_1.${'A'.repeat(22)}`,
    `.${'A'.repeat(22)}`,
    'gh_1.ééééééééééé',
    `gh_2.${sealUserId('gh_1', 'default', key).slice(5)}`,
  ])('refuses %j', (made) => {
    expect(openUserId(made, 'default', key)).toBeUndefined();
  });
});
