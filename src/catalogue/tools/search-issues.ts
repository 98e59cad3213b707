import * as z from 'zod';
import { countFitting, cutPage, jsonBytes, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { nextPage, owner, page, perPage, repo } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { ISSUE_FIELDS, type IssueField, issueView, pickFields, viewIssue } from '../issue-view.ts';
import { shrinkBody } from '../shrink.ts';
import { upstreamIssueSearch } from '../upstream.ts';
import { issueUri } from '../uris.ts';

/** Without `body`, which is most of an answer and rarely needed to choose an issue. */
const DEFAULT_FIELDS: readonly IssueField[] = [
  'title',
  'state',
  'state_reason',
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

export const searchIssues = defineTool({
  name: 'search_issues',
  title: 'Search issues',
  description:
    'Search issues with GitHub search syntax, for instance "crash in:title label:bug is:open". Already limited to issues; give owner and repo to search one repository.',
  toolset: 'issues',
  access: 'read',
  window: 'search',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z
    .strictObject({
      query: z.string().trim().min(1).max(1000).describe('Words and qualifiers of GitHub issue search'),
      owner: owner.optional().describe('With repo: search this repository. Alone: search what this owner has'),
      repo: repo.optional().describe('Name of the repository to search; needs owner'),
      sort: z.enum(SORTS).optional().describe('Best match unless given'),
      order: z.enum(['asc', 'desc']).optional().describe('Order of sort; desc unless given'),
      page: page.optional(),
      perPage: perPage.optional().describe('Items per page, 1 to 100; 30 unless given'),
      fields: z
        .array(z.enum(ISSUE_FIELDS))
        .min(1)
        .optional()
        .describe('Fields to return for each issue; all but body and rarely used ones unless given'),
    })
    .superRefine((args, context) => {
      const words = args.query.replace(QUOTED, ' ');
      if (!isBalanced(words)) {
        context.addIssue({ code: 'custom', path: ['query'], message: 'must have matching quotes and parentheses' });
      }
      if (args.repo !== undefined && args.owner === undefined) {
        context.addIssue({ code: 'custom', path: ['owner'], message: 'is needed where repo is given' });
      }
      if (/(?<!-)\b(?:is|type):(?:pr|pull-request)\b/i.test(words)) {
        context.addIssue({
          code: 'custom',
          path: ['query'],
          message: 'must not ask for pull requests: this tool finds issues',
        });
      }
      if (args.owner !== undefined && /(?<!-)\b(?:repo|org|user|owner):/i.test(words)) {
        const message = 'must not name a repository or owner where the argument owner is given';
        context.addIssue({ code: 'custom', path: ['query'], message });
      }
    }),
  output: z.object({
    total_count: z.int().describe('Issues found, also those that are not returned'),
    incomplete_results: z.boolean().optional().describe('true where GitHub ran out of time: the count is too low'),
    issues: z.array(issueView),
    truncated: z.boolean().optional().describe('true where issues of this page were left out for size'),
    next: nextPage.optional(),
  }),
  async run(args, { github }) {
    const { page: number = 1, perPage: size = 30, fields = DEFAULT_FIELDS, sort, order } = args;
    const { data } = await github.request(
      'GET /search/issues',
      {
        q: scopedQuery(args.query, args.owner, args.repo),
        page: number,
        per_page: size,
        ...(sort !== undefined && { sort }),
        ...(order !== undefined && { order }),
      },
      upstreamIssueSearch,
    );
    const found = data.items.map(viewIssue);
    const issues = found.map((issue) => pickFields(issue, fields));
    const room = RESULT_BUDGET - RESERVE;
    const skipped = (number - 1) * size;
    const { keep, next } = cutPage(skipped, countFitting(issues, room), issues.length);
    const more = skipped + size < Math.min(data.total_count, MAX_HITS);
    const following = next ?? (more ? { page: number + 1, perPage: size } : undefined);
    const shown = issues.slice(0, keep).map((issue) => (jsonBytes(issue) > room ? shrinkBody(issue, room) : issue));
    return {
      data: {
        total_count: data.total_count,
        ...(data.incomplete_results && { incomplete_results: true }),
        issues: shown,
        ...(next !== undefined && { truncated: true }),
        ...(following !== undefined && { next: following }),
      },
      links: shown.flatMap((issue, index) => {
        const [login, name] = found[index]?.repository?.split('/') ?? [];
        if (!issue.body_truncated || login === undefined || name === undefined) return [];
        return [{ uri: issueUri(login, name, issue.number), name: `issue ${issue.number}`, mimeType: 'text/markdown' }];
      }),
    };
  },
});

/**
 * The query, limited to issues and to the owner or repository. One with `OR` is put in parentheses, so that the limits
 * hold for both of its sides; that the query cannot close them itself was checked.
 */
function scopedQuery(query: string, login: string | undefined, name: string | undefined): string {
  const limits = ['is:issue'];
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
