import { expect, it } from 'vitest';
import { OutcomeBox } from '../../src/gate/outcomes.ts';

const settlement = (id: string) => ({
  id,
  outcome: { result_status: 'success', duration_ms: 1, error_code: null, error_message: null } as const,
});

it('one stays for all that wait for a gate, and brings what no admission took along', () => {
  const box = new OutcomeBox();
  expect(box.put('one', settlement('a'), 0)).toBe(true);
  expect(box.put('one', settlement('b'), 10)).toBe(false);
  expect(box.put('other', settlement('x'), 10)).toBe(true);
  expect(box.take('one').map(({ id }) => id)).toEqual(['a', 'b']);
  // Taken along: whoever stays for the first two stays for the next one.
  expect(box.put('one', settlement('c'), 20)).toBe(false);
  expect(box.release('one').map(({ id }) => id)).toEqual(['c']);
  expect(box.release('other').map(({ id }) => id)).toEqual(['x']);
  expect(box.put('one', settlement('d'), 60)).toBe(true);
});

it('where whoever stayed does not come back, another stays, also after the clock was set back', () => {
  const box = new OutcomeBox();
  box.put('one', settlement('a'), 5000);
  expect(box.put('one', settlement('b'), 5199)).toBe(false);
  expect(box.put('one', settlement('c'), 5200)).toBe(true);
  expect(box.put('one', settlement('d'), 4000)).toBe(true);
  expect(box.release('one')).toHaveLength(4);
});
