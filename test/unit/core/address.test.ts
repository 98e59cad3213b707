/** From an address to its network. */
import { expect, it } from 'vitest';
import { networkOf } from '../../../src/core/address.ts';

it.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:7:1:2:3:4:5', '2001:db8:7::/48'],
  ['2001:0DB8:0007::1', '2001:db8:7::/48'],
  ['2001:db8::1', '2001:db8::/48'],
  ['2001::7:0:0:0:0:1', '2001:0:7::/48'],
  ['::1', '::/48'],
  ['::', '::/48'],
  [null, '(unknown)'],
  ['', '(unknown)'],
  ['256.1.1.1', '(unknown)'],
  ['1.2.3', '(unknown)'],
  ['203.0.113.77, 10.0.0.1', '(unknown)'],
  ['1:2:3:4:5:6:7', '(unknown)'],
  ['1:2:3:4:5:6:7:8:9', '(unknown)'],
  ['1::2::3', '(unknown)'],
  ['gggg::1', '(unknown)'],
  ['"; DROP TABLE x', '(unknown)'],
])('%s is of %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
