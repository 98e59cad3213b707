import { describe, expect, it } from 'vitest';
import { addressKey } from '../../../src/auth/attempts.ts';

describe('what counts as one address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::ffff:203.0.113.7', 'ffff:cb00:7107'],
    [null, 'unknown'],
    ['', 'unknown'],
    ['evil.example', 'unknown'],
    ['1:2', 'unknown'],
    ['::1]@evil.example/[::1', 'unknown'],
    ['203.0.113.7, 203.0.113.8', 'unknown'],
  ])('%s is %s', (address, key) => expect(addressKey(address)).toBe(key));
});
