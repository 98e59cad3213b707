/** docs/scale.md says what the simulator says, and the simulator follows the constants of the source. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES, simulate } from '../bench/scale/flow.ts';
import { freePlan, tables } from '../bench/scale/sizes.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(ROOT, path), 'utf8');
const call = (person: number, at: number) => ({ person, admittedAt: at, settledAt: at });

describe('the simulator', () => {
  it('has the delays and sizes of the source', async () => {
    const gate = await read('src/objects/gate.ts');
    const writer = await read('src/objects/writer.ts');
    expect(await read('src/gate/client.ts')).toContain(`HOLD_MS = ${RULES.hold};`);
    expect(gate).toContain(`SHIP_DELAY_MS = ${RULES.shipDelay};`);
    expect(gate).toContain(`SHIPMENT_SIZE = ${RULES.shipmentSize};`);
    expect(writer).toContain(`DRAIN_DELAY_MS = ${RULES.drainDelay};`);
    expect(writer).toContain(`BATCH_ROWS = ${RULES.batchRows};`);
    expect(await read('src/audit/chain.ts')).toContain(`WRITERS = ${RULES.writers};`);
    expect((await read('src/gate/journal.ts')).replaceAll('_', '')).toContain(`REMEMBERMS = ${RULES.remember};`);
  });

  it('has a call alone travel alone', () => {
    expect(simulate([call(0, 0)])).toEqual({
      calls: 1,
      gate: { admit: 1, settle: 1, alarm: 1, tidy: 1 },
      writer: { append: 1, alarm: 1 },
      d1: { batches: 1, rows: 1, mostRows: 1 },
    });
  });

  it('has calls of one person share a shipment within its delay, and not after', () => {
    const shared = simulate([call(0, 0), call(0, 150), call(0, 199), call(0, 500)]);
    // The call at 199 takes along what has ended by then; the first and the last go alone.
    expect(shared.gate).toEqual({ admit: 4, settle: 2, alarm: 2, tidy: 1 });
    expect(shared.writer).toEqual({ append: 2, alarm: 2 });
  });

  it('has shipments of many people share a batch, cut at its size', () => {
    const crowd = simulate(Array.from({ length: 2500 }, (_, i) => call(i, i % 50)));
    expect(crowd.writer).toEqual({ append: 2500, alarm: 2 });
    expect(crowd.d1).toEqual({ batches: 4, rows: 2500, mostRows: 1000 });
  });

  it('cuts a large outbox into shipments', () => {
    const flood = simulate(Array.from({ length: 1200 }, () => call(0, 0)));
    expect(flood.gate.settle).toBe(1);
    expect(flood.writer).toEqual({ append: 3, alarm: 1 });
    expect(flood.d1).toEqual({ batches: 2, rows: 1200, mostRows: 1000 });
  });
});

describe('the page on scale', () => {
  it('has the tables that the simulator makes', async () => {
    const page = await read('docs/scale.md');
    const shown = /<!-- tables: npm run scale -->\n([\s\S]*?)\n<!-- end -->/.exec(page)?.[1];
    expect(shown).toBe(tables());
  });

  it('says truly what the free plan carries', async () => {
    const { calls, meter } = freePlan();
    expect(await read('docs/scale.md')).toContain(`About ${Math.floor(calls)} calls a day: ${meter} end first`);
  });
});
