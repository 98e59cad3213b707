/** Searching issues and pull requests, which is one search at GitHub (GitHub REST, "Search issues and pull requests"). */
import * as z from 'zod';
import { countFitting, cutPage, RESERVE, RESULT_BUDGET } from '../output/budget.ts';
import { after, oneOf, owner, page, paged, perPage, repo, text } from './arguments.ts';
import type { CallContext, Position, ResourceLink } from './define.ts';
import { ISSUE_FIELDS, type IssueView, pickFields, viewIssue } from './issue-view.ts';
import { shrinkBody } from './shrink.ts';
import { upstreamIssueSearch } from './upstream.ts';
import { issueUri } from './uris.ts';

/** Without `body`, which is most of an answer and rarely needed to choose. */
const DEFAULT_FIELDS: readonly string[] = [
  'title',
  'state',
  'state_reason',
  'draft',
  'html_url',
  'repository',
  'labels',
  'assignees',
  'milestone',
  'type',
  'comments',
  'created_at',
  'updated_at',
  'closed_at',
];

/** What a pull request does not have, or all of them have. */
const ISSUES_ONLY: ReadonlySet<string> = new Set(['state_reason', 'type', 'field_values', 'pull_request']);

/** GitHub serves the first 1,000 hits of a search and no more (GitHub REST, "Search"). */
const MAX_HITS = 1000;

const SORTS = [
  'comments',
  'reactions',
  'reactions-+1',
  'reactions--1',
  'reactions-smile',
  'reactions-thinking_face',
  'reactions-heart',
  'reactions-tada',
  'interactions',
  'created',
  'updated',
] as const;

/** A quoted part; a backslash inside could hide a quote from us that GitHub sees, or the other way round. */
const QUOTED = /"[^"\\]*"/g;

type Kind = 'issue' | 'pr';
const OTHERS = {
  issue: {
    pattern: /(?<!-)\b(?:is|type):(?:pr|pull-request)\b/i,
    message: 'must not ask for pull requests: this tool finds issues',
  },
  pr: { pattern: /(?<!-)\b(?:is|type):issue\b/i, message: 'must not ask for issues: this tool finds pull requests' },
} as const;

/** The arguments of a search for one kind. */
export const searchInput = (kind: Kind) =>
  z
    .strictObject({
      query: text(1000).trim().describe('GitHub search syntax'),
      owner: owner.optional(),
      repo: repo.optional().describe('Needs owner'),
      sort: oneOf(SORTS).optional().describe('created, updated, comments, ...'),
      order: z.enum(['asc', 'desc']).optional(),
      page: page.optional(),
      perPage: perPage.optional(),
      after,
      fields: z.array(oneOf(ISSUE_FIELDS)).optional().describe('Default: most but body'),
    })
    .superRefine((args, context) => {
      const demand = (holds: boolean, field: string, message: string) => {
        if (!holds) context.addIssue({ code: 'custom', path: [field], message });
      };
      const words = args.query.replace(QUOTED, ' ');
      demand(args.query !== '', 'query', 'must have at least 1 character');
      demand(isBalanced(words), 'query', 'must have matching quotes and parentheses');
      demand(args.repo === undefined || args.owner !== undefined, 'owner', 'is needed where repo is given');
      demand(!OTHERS[kind].pattern.test(words), 'query', OTHERS[kind].message);
      demand(
        args.owner === undefined || !/(?<!-)\b(?:repo|org|user|owner):/i.test(words),
        'query',
        'must not name a repository or owner where the argument owner is given',
      );
    });

export interface Found {
  readonly total_count: number;
  readonly incomplete_results?: true;
  readonly items: IssueView[];
  readonly truncated?: true;
  readonly next?: Position;
  readonly links: ResourceLink[];
}

/** In: the arguments of a search, checked. Out: the hits that fit, and links to the whole of bodies that were cut. */
export async function searchFor(
  kind: Kind,
  args: z.output<ReturnType<typeof searchInput>>,
  { github }: CallContext,
): Promise<Found> {
  const { page: number = 1, perPage: size = 30, fields = DEFAULT_FIELDS, sort, order } = args;
  const { data } = await github.request(
    'GET /search/issues',
    {
      q: scopedQuery(kind, args.query, args.owner, args.repo),
      page: number,
      per_page: size,
      ...(sort !== undefined && { sort: sort as (typeof SORTS)[number] }),
      ...(order !== undefined && { order }),
    },
    upstreamIssueSearch,
  );
  const found = data.items.map(viewIssue);
  const wanted = fields.filter((field) => kind === 'issue' || !ISSUES_ONLY.has(field));
  const views = found.map((issue) => pickFields(issue, wanted));
  const room = RESULT_BUDGET - RESERVE;
  const skipped = (number - 1) * size;
  const { keep, next } = cutPage(skipped, countFitting(views, room), views.length);
  const more = skipped + size < Math.min(data.total_count, MAX_HITS);
  const following = next ?? (more ? { page: number + 1, perPage: size } : undefined);
  const items = views.slice(0, keep).map((issue) => shrinkBody(issue, room));
  return {
    total_count: data.total_count,
    ...(data.incomplete_results && { incomplete_results: true }),
    items,
    ...(next !== undefined && { truncated: true }),
    ...(following !== undefined && { next: { ...following } }),
    links: items.flatMap((issue, index) => {
      const [login, name] = found[index]?.repository?.split('/') ?? [];
      if (!issue.body_truncated || login === undefined || name === undefined) return [];
      return [{ uri: issueUri(login, name, issue.number), name: `issue ${issue.number}`, mimeType: 'text/markdown' }];
    }),
  };
}

/** What every search answers besides its hits. */
export const searchOutput = {
  total_count: z.int(),
  incomplete_results: z.boolean().optional(),
  ...paged,
};

/**
 * The query, limited to one kind and to the owner or repository. One with `OR` is put in parentheses, so that the limits
 * hold for both of its sides; that the query cannot close them itself was checked.
 */
function scopedQuery(kind: Kind, query: string, login: string | undefined, name: string | undefined): string {
  const limits = [`is:${kind}`];
  if (login !== undefined) limits.push(name === undefined ? `user:${login}` : `repo:${login}/${name}`);
  return `${limits.join(' ')} ${/\bOR\b/.test(query.replace(QUOTED, ' ')) ? `(${query})` : query}`;
}

/** Whether nothing in the words outside quotes opens or closes what is not its own. */
function isBalanced(words: string): boolean {
  let depth = 0;
  for (const character of words) {
    if (character === '"' || character === '\\') return false;
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (depth < 0) return false;
  }
  return depth === 0;
}
