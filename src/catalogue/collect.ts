/** Lists that GitHub gives in pages: one page where the caller names it, otherwise all of them up to a cap. */
import type * as z from 'zod';
import type { RouteParameters } from '../github/client.ts';
import { countFitting, cutPage, type NextPage } from '../output/budget.ts';
import type { CallContext } from './define.ts';

/** Pages fetched for one call at most. */
export const MAX_PAGES = 10;
/** GitHub's largest page: the fewest requests. */
const LARGEST_PAGE = 100;

type ListRoute =
  | 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
  | 'GET /repos/{owner}/{repo}/issues/{issue_number}/sub_issues'
  | 'GET /repos/{owner}/{repo}/issues/{issue_number}/labels';

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
export async function collect<Item>(
  { github, progress }: CallContext,
  route: ListRoute,
  place: RouteParameters<ListRoute>,
  shape: z.ZodType<Item[]>,
  paging: { readonly page?: number | undefined; readonly perPage?: number | undefined },
  noun: string,
): Promise<Collected<Item>> {
  const { page: first = 1, perPage: size = LARGEST_PAGE } = paging;
  const most = paging.page === undefined ? MAX_PAGES : 1;
  const items: Item[] = [];
  let next: NextPage | undefined;
  for await (const page of github.pages(route, { ...place, page: first, per_page: size }, shape, most)) {
    items.push(...page.data);
    next = page.more ? { page: first + page.fetched, perPage: size } : undefined;
    const total = page.last === undefined ? undefined : Math.min(most, page.last - first + 1);
    await progress({ done: page.fetched, total, message: `Read ${items.length} ${noun}` });
  }
  return { items, skipped: (first - 1) * size, next };
}

/** In: the views of collected items and the bytes they may take. Out: those that fit, and where to read on. */
export function fitPage<View>(
  views: readonly View[],
  { skipped, next }: Collected<unknown>,
  room: number,
): { shown: View[]; truncated?: true; next?: NextPage } {
  const cut = cutPage(skipped, countFitting(views, room), views.length);
  if (cut.next !== undefined) return { shown: views.slice(0, cut.keep), truncated: true, next: cut.next };
  return { shown: [...views], ...(next !== undefined && { next }) };
}
