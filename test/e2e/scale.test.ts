/** The small case of the simulator against the real Worker, which says what it does. */
import { beforeAll, describe, expect, it } from 'vitest';
import { RULES, simulate } from '../bench/scale/flow.ts';
import type { Measured } from '../bench/scale/measured.ts';
import { measure } from '../bench/scale/measured.ts';
import { PER_CALL } from '../bench/scale/per-call.ts';

describe.each([
  { what: 'people who call all the time', people: 4, callsEach: 12, pause: 10 },
  { what: 'people who call now and then', people: 2, callsEach: 4, pause: 700 },
])('$what', (small) => {
  let measured: Measured;
  const of = (name: string) => measured.counts[name] ?? 0;
  const many = small.people * small.callsEach;

  beforeAll(async () => {
    measured = await measure(small);
  });

  it('cause exactly what only the call decides', () => {
    expect(measured.calls).toHaveLength(many);
    expect(of('worker.requests')).toBe(PER_CALL.workerRequests * many);
    expect(of('gate.admit')).toBe(PER_CALL.admissions * many);
    expect(measured.logRows).toBe(PER_CALL.logRows * many);
    // What a trigger counts for the first time has a row of its own more: a tool, an hour, a status.
    expect(of('d1.rows')).toBeGreaterThanOrEqual(PER_CALL.d1RowsWritten * many);
    expect(of('d1.rows')).toBeLessThanOrEqual(PER_CALL.d1RowsWritten * many + 8);
  });

  it('have as many outcomes taken along as the simulator says', () => {
    const { gate } = simulate(measured.calls);
    // Whether one is just in time for the next admission is up to the machine.
    const slack = Math.max(2, Math.ceil(many * 0.3));
    expect(Math.abs(of('gate.settle') - gate.settle)).toBeLessThanOrEqual(slack);
    expect(of('gate.settle')).toBeLessThanOrEqual(many);
  });

  it('cause as many shipments as the simulator says', () => {
    const { gate, writer } = simulate(measured.calls);
    // Two outcomes around the end of a delay may go together or not; a busy machine has alarms ring late.
    const slack = Math.max(2, Math.ceil(gate.alarm * 0.25));
    expect(Math.abs(of('gate.alarm') - gate.alarm)).toBeLessThanOrEqual(slack);
    expect(Math.abs(of('writer.append') - writer.append)).toBeLessThanOrEqual(slack);
    // An alarm that rang late ships what came meanwhile, in a second shipment.
    expect(of('writer.append')).toBeLessThanOrEqual(of('gate.alarm') + slack);
  });

  it('cause as many batches as the simulator says, whichever Writers their Gates go to', () => {
    // Which of the two Writers a Gate goes to is decided by its id: all to one, or each to another.
    const together = simulate(measured.calls.map((call) => ({ ...call, person: 2 * call.person })));
    const apart = simulate(measured.calls, { ...RULES, writers: small.people });
    expect(of('d1.batch')).toBeGreaterThanOrEqual(Math.floor(together.d1.batches * 0.6) - 1);
    expect(of('d1.batch')).toBeLessThanOrEqual(apart.d1.batches + 1);
  });

  it('write in the objects what the bill is made of', () => {
    // How many alarms are set, and so written, is up to when things ring.
    for (const [who, most] of [
      ['gate', PER_CALL.gateRowsWritten],
      ['writer', PER_CALL.writerRowsWritten],
    ] as const) {
      expect(of(`${who}.rows`) / many, who).toBeGreaterThan(1);
      expect(of(`${who}.rows`) / many, who).toBeLessThanOrEqual(most * 1.25);
    }
  });
});
