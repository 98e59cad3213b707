/** Half a minute of everybody at once. `npm run storm` does it for 10 minutes. */
import { expect, inject, it } from 'vitest';
import { faultsOf } from '../storm/faults.ts';
import { storm } from '../storm/storm.ts';

const SECONDS = 30;

it(`${SECONDS} s of everybody at once: no 5xx of ours, no lost row, memory flat`, async () => {
  const report = await storm({ seconds: SECONDS, seed: 1, bundleDir: inject('bundleDir') });
  expect(faultsOf(report)).toEqual([]);
  // Everybody took part, and calls came through.
  for (const kind of ['read', 'write', 'list', 'stream', 'session call', 'session listen', 'sign-in', 'garbage']) {
    expect(report.timings[kind]?.requests, kind).toBeGreaterThan(0);
  }
  expect(report.acknowledged).toBeGreaterThan(100);
  expect(report.rows.rows).toBeGreaterThanOrEqual(report.acknowledged);
});
