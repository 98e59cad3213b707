import { describe, expect, it } from 'vitest';
import { faultsOf, WARM_AFTER } from '../storm/faults.ts';
import { growth } from '../storm/memory.ts';
import type { StormReport } from '../storm/storm.ts';

const MB = 2 ** 20;
const good: StormReport = {
  seconds: 30,
  requests: 100,
  timings: {},
  statuses: { 200: 100 },
  acknowledged: 10,
  rows: { rows: 10, wrong: [], brokenChains: [] },
  memory: { middle: 200 * MB, end: 210 * MB },
  memorySamples: [],
  failures: [],
};

describe('what a storm must not leave behind', () => {
  it('is nothing when all went well, also where memory cannot be seen', () => {
    expect(faultsOf(good)).toEqual([]);
    expect(faultsOf({ ...good, memory: undefined })).toEqual([]);
    // A heap that is still warming up, and one that is warm.
    expect(faultsOf({ ...good, memory: { middle: 200 * MB, end: 400 * MB } })).toEqual([]);
    expect(faultsOf({ ...good, memory: { middle: 640 * MB, end: 690 * MB } })).toEqual([]);
  });

  it('is a lost or wrong row, a gap in a chain, a failure, memory that grew, or no call at all', () => {
    expect(faultsOf({ ...good, rows: { ...good.rows, wrong: ['req_x: success, rows: none'] } })).toHaveLength(1);
    expect(faultsOf({ ...good, rows: { ...good.rows, brokenChains: ['default/0: 3 rows'] } })).toHaveLength(1);
    expect(faultsOf({ ...good, failures: ['read: 500'] })).toEqual(['read: 500']);
    expect(faultsOf({ ...good, memory: { middle: 550 * MB, end: 700 * MB } })).toHaveLength(1);
    expect(faultsOf({ ...good, acknowledged: 0 })).toHaveLength(1);
    // In a long storm the heap has warmed up by its middle.
    expect(faultsOf({ ...good, seconds: WARM_AFTER, memory: { middle: 200 * MB, end: 400 * MB } })).toHaveLength(1);
    expect(faultsOf({ ...good, seconds: WARM_AFTER, memory: { middle: 200 * MB, end: 260 * MB } })).toEqual([]);
  });
});

it('compares what stays after a collection, in the middle and at the end', () => {
  expect(growth([1, 2, 3])).toBeUndefined();
  const saw = Array.from({ length: 50 }, (_, i) => 100 + (i % 5) * 10 + (i >= 40 ? 7 : 0));
  expect(growth(saw)).toEqual({ middle: 100, end: 107 });
});
