/** What the searches have in common: their arguments, and how GitHub is asked. */
import * as z from 'zod';
import { paged, paging, text } from './arguments.ts';
import { type Paging, pagingOf } from './collect.ts';
import { given } from './lean.ts';

/** In: what the query is called for the model, and the orders GitHub knows. Out: the arguments of a search. */
export const searchInput = <const Sorts extends readonly [string, ...string[]]>(query: string, sorts: Sorts) => ({
  query: text(1000, 1).describe(query),
  sort: z.enum(sorts).optional(),
  order: z.enum(['asc', 'desc']).optional(),
  ...paging,
});

/** What every search returns besides its items. */
export const searchOutput = {
  total_count: z.int(),
  incomplete_results: z.boolean().optional(),
  ...paged,
};

interface SearchArguments<Sort> extends Paging {
  readonly query: string;
  readonly sort?: Sort | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
}

/** In: the arguments of a search, and a qualifier that always holds. Out: GitHub's parameters. */
export function searchParameters<Sort>(args: SearchArguments<Sort>, qualifier?: string) {
  const { sort, order } = args;
  const q = qualifier === undefined ? args.query : `${args.query} ${qualifier}`;
  return { q, ...pagingOf(args), ...given({ sort, order }) };
}
