/** How long the statements of the console take, in the engine alone: what D1 adds is the same for every log. */
import type { DatabaseSync } from 'node:sqlite';
import type { Statement } from '../../../src/audit/query.ts';
import { pageStatement, usersStatement } from '../../../src/audit/query.ts';
import { quantile } from '../stats.ts';

/** Rows of a page of the console, and one that says whether there is more. */
const PAGE_ROWS = 51;

export interface PageTimes {
  /** Milliseconds of one user's page, and of the first page of all: medians. */
  readonly user: number;
  readonly all: number;
}

/** Times both pages in each log in turn. Out: in the order of the logs. */
export function pageTimes(logs: readonly DatabaseSync[], rounds: number): PageTimes[] {
  const samples = logs.map(() => ({ user: [] as number[], all: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, db] of logs.entries()) {
      const timed = (page: () => unknown[]) => {
        const began = performance.now();
        const rows = page();
        if (rows.length !== PAGE_ROWS) throw new Error(`a page of ${rows.length} rows`);
        return performance.now() - began;
      };
      samples[i]?.user.push(timed(() => userPage(db, `person-${round % 100}`)));
      samples[i]?.all.push(timed(() => run(db, pageStatement('default', {}, { limit: PAGE_ROWS }))));
    }
  }
  return samples.map(({ user, all }) => ({ user: quantile(user, 0.5), all: quantile(all, 0.5) }));
}

/** As the console asks: a person is found by their login first. */
function userPage(db: DatabaseSync, login: string): unknown[] {
  const users = run(db, usersStatement('default', login)).map((row) => (row as { id: string }).id);
  return run(db, pageStatement('default', { users }, { limit: PAGE_ROWS }));
}

function run(db: DatabaseSync, { sql, values }: Statement): unknown[] {
  return db.prepare(sql).all(...values);
}
