/** Lists that GitHub gives in pages: one page where the caller names it, otherwise all of them up to a cap. */
import type * as z from 'zod';
import type { GitHub, Route, RouteParameters } from '../github/client.ts';
import { countFitting, cutPage, type NextPage, RESERVE, RESULT_BUDGET } from '../output/budget.ts';
import type { CallContext, Position } from './define.ts';

/** Pages fetched for one call at most. */
export const MAX_PAGES = 10;
/** GitHub serves the first 1,000 hits of a search and no more (GitHub REST, "Search"). */
const MAX_HITS = 1000;
/** GitHub's largest page: the fewest requests. */
const LARGEST_PAGE = 100;

export interface Collected<Item> {
  readonly items: readonly Item[];
  /** Items before these. */
  readonly skipped: number;
  /** Where GitHub's list goes on after these, if it does. */
  readonly next: NextPage | undefined;
}

/**
 * In: a list, and which page of it. Out: the items of that page, or of all pages up to `MAX_PAGES`, with progress
 * reported after each. `noun` is what the person who waits is told about.
 */
export async function collect<R extends Route, Item>(
  { github, progress }: CallContext,
  route: R,
  place: RouteParameters<R>,
  shape: z.ZodType<Item[]>,
  paging: Paging,
  noun: string,
): Promise<Collected<Item>> {
  const { page: first = 1, perPage: size = LARGEST_PAGE } = paging;
  const most = paging.page === undefined ? MAX_PAGES : 1;
  const items: Item[] = [];
  let next: NextPage | undefined;
  // Every list of GitHub's takes these two, which cannot be said of routes in general.
  const parameters = { ...place, page: first, per_page: size } as RouteParameters<R>;
  for await (const page of github.pages(route, parameters, shape, most)) {
    items.push(...page.data);
    next = page.more ? { page: first + page.fetched, perPage: size } : undefined;
    const total = page.last === undefined ? undefined : Math.min(most, page.last - first + 1);
    await progress({ done: page.fetched, total, message: `Read ${items.length} ${noun}` });
  }
  return { items, skipped: (first - 1) * size, next };
}

/** Items of a page where the caller does not say; GitHub's own number. */
const USUAL_PAGE = 30;

/** In: a list and which page of it, the first 30 unless said. Out: that page as GitHub gives it, and where the list goes on. */
export async function onePage<R extends Route, Shape extends z.ZodType>(
  github: GitHub,
  route: R,
  parameters: RouteParameters<R>,
  shape: Shape,
  { page = 1, perPage = USUAL_PAGE }: { readonly page?: number | undefined; readonly perPage?: number | undefined },
): Promise<{ readonly data: z.output<Shape> } & Omit<Collected<unknown>, 'items'>> {
  const paged = { ...parameters, page, per_page: perPage };
  for await (const { data, more } of github.pages(route, paged, shape, 1)) {
    return { data, skipped: (page - 1) * perPage, next: more ? { page: page + 1, perPage } : undefined };
  }
  throw new Error('a list has at least one page');
}

/** In: the views of collected items and the bytes they may take. Out: those that fit, and where to read on. */
export function fitPage<View>(
  views: readonly View[],
  { skipped, next }: Omit<Collected<unknown>, 'items'>,
  room = RESULT_BUDGET - RESERVE,
): { shown: View[]; total?: number; truncated?: true; next?: Position } {
  const cut = cutPage(skipped, countFitting(views, room), views.length);
  if (cut.next === undefined) return { shown: [...views], ...(next !== undefined && { next: { ...next } }) };
  const total = next === undefined ? { total: skipped + views.length } : {};
  return { shown: views.slice(0, cut.keep), ...total, truncated: true, next: { ...cut.next } };
}

/** The paging arguments of a tool. */
export interface Paging {
  readonly page?: number | undefined;
  readonly perPage?: number | undefined;
}

/** In: the paging arguments of a tool. Out: the parameters that GitHub wants. */
export function pagingOf({ page = 1, perPage = USUAL_PAGE }: Paging): { page: number; per_page: number } {
  return { page, per_page: perPage };
}

/** In: GitHub's answer to a search, which says how many hits there are, and the views of its items. Out: those that fit. */
export function fitSearch<View>(
  { total_count, incomplete_results }: { total_count: number; incomplete_results?: boolean | null | undefined },
  views: readonly View[],
  paging: Paging,
) {
  const { page, per_page } = pagingOf(paging);
  const more = page * per_page < Math.min(total_count, MAX_HITS);
  const next = more ? { page: page + 1, perPage: per_page } : undefined;
  const incomplete = incomplete_results ? { incomplete_results: true } : {};
  const { total: _, ...fitted } = fitPage(views, { skipped: (page - 1) * per_page, next });
  return { total_count, ...incomplete, ...fitted };
}
