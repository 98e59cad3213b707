import { expect } from 'vitest';
import { RESULT_BUDGET, utf8Bytes } from '../../../src/output/budget.ts';
import type { Called } from './calling.ts';

/** The text and the links of a result are no larger than a result may be. */
export function expectWithinBudget(called: Called): void {
  const bytes = called.content.reduce((sum, item) => sum + utf8Bytes(item.type === 'text' ? item.text : item.uri), 0);
  expect(bytes).toBeLessThanOrEqual(RESULT_BUDGET);
}
