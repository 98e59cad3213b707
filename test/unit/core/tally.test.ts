/** What an isolate counts before a Writer hears of it. */
import { expect, it } from 'vitest';
import { OTHER_ADDRESS } from '../../../src/core/address.ts';
import { countKey } from '../../../src/core/counts.ts';
import { Tally } from '../../../src/core/tally.ts';

it('adds up by tenant and name, and begins anew once it was taken', () => {
  const tally = new Tally();
  expect(tally.isEmpty).toBe(true);
  tally.add('a', ['upstream', '200'], 2);
  tally.add('a', ['upstream', '200']);
  tally.add('b', ['auth_failures', 'invalid_token', '203.0.113.0/24']);
  expect(tally.isEmpty).toBe(false);
  expect([...tally.take()]).toEqual([
    ['a', { '["upstream","200"]': 3 }],
    ['b', { '["auth_failures","invalid_token","203.0.113.0/24"]': 1 }],
  ]);
  expect(tally.isEmpty).toBe(true);
  expect([...tally.take()]).toEqual([]);
});

it('takes more networks than it can name as one, and loses none of their failures', () => {
  const tally = new Tally();
  for (let i = 0; i < 1000; i++) tally.add('a', ['auth_failures', 'invalid_token', `10.${i >> 8}.${i & 255}.0/24`]);
  const counts = tally.take().get('a') ?? {};
  expect(Object.keys(counts)).toHaveLength(201);
  expect(counts[countKey(['auth_failures', 'invalid_token', OTHER_ADDRESS])]).toBe(800);
  expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBe(1000);
});
