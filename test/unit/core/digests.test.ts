/** Digests of tokens: right each time, and no token is held for longer than half a minute. */
import { expect, it } from 'vitest';
import { Digests } from '../../../src/core/digests.ts';

/** FIPS 180-4, the message "abc". */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

it('gives the SHA-256 of each token, the first time and the next', () => {
  const digests = new Digests('hex');
  for (const _ of [1, 2]) expect(digests.of('abc')).toBe(ABC);
  expect(digests.of('abd')).not.toBe(ABC);
  expect(new Digests('base64url').of('abc')).toBe(Buffer.from(ABC, 'hex').toString('base64url'));
});

it('lets go of every token after thirty seconds, and of all when there are too many', () => {
  let now = 1_000_000;
  const digests = new Digests('hex', () => now);
  digests.of('one');
  now += 29_999;
  digests.of('two');
  expect(digests.size).toBe(2);
  now += 1;
  digests.of('three');
  expect(digests.size).toBe(1);
  for (let i = 0; i < 5_000; i++) {
    digests.of(`token ${i}`);
    expect(digests.size).toBeLessThanOrEqual(1000);
  }
});
