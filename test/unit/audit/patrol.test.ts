/** How much of a chain the hourly patrol looks at. */
import { describe, expect, it } from 'vitest';
import { MOST_LOOKED, patrolRun } from '../../../src/audit/patrol.ts';

/** A chain whose looks see `part` rows each, from where the last one ended. */
function chainOf(rows: number, part = 5000) {
  let next = 0;
  let ends = 0;
  let looks = 0;
  const chain = {
    rows,
    ends: () => ends,
    looks: () => looks,
    look: async () => {
      const looked = Math.min(part, chain.rows - next);
      next = next + looked >= chain.rows ? 0 : next + looked;
      ends += Number(next === 0);
      looks += 1;
      return { looked, rows: chain.rows, next };
    },
  };
  return chain;
}

const always = () => true;

describe('the patrol', () => {
  it.each([0, 1, 4999, 5001, 120_001, 1_000_000, 24 * MOST_LOOKED])(
    'comes round a chain of %d rows in a day, also where rows are large',
    async (rows) => {
      for (const part of [5000, 700]) {
        const chain = chainOf(rows, part);
        for (let run = 0; run < 24; run++) await patrolRun(chain.look, always);
        expect(chain.ends()).toBeGreaterThanOrEqual(1);
      }
    },
  );

  it('looks at no more than so many rows in a run, of a chain of any length', async () => {
    const chain = chainOf(1_000_000_000);
    await patrolRun(chain.look, always);
    expect(chain.looks()).toBe(MOST_LOOKED / 5000);
  });

  it('looks once at a short chain, and goes no further than there is time', async () => {
    const short = chainOf(100_000);
    await patrolRun(short.look, always);
    expect(short.looks()).toBe(1);
    const long = chainOf(1_000_000);
    await patrolRun(long.look, () => long.looks() < 2);
    expect(long.looks()).toBe(2);
  });

  it('comes round where rows come meanwhile', async () => {
    const chain = chainOf(1_000_000);
    let runs = 0;
    for (; chain.ends() === 0; runs++) {
      await patrolRun(chain.look, always);
      chain.rows += 10_000;
    }
    expect(runs).toBeLessThanOrEqual(26);
  });

  it('stops where something is wrong', async () => {
    let looks = 0;
    const look = async () => ({ looked: 0, rows: 1_000_000, next: 0, wrong: 7 + looks++ });
    await patrolRun(look, always);
    expect(looks).toBe(1);
  });
});
