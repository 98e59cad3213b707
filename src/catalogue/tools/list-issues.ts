import * as z from 'zod';
import { RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { after, moment, oneOf, owner, paged, perPage, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { byGraphql, byRest, isRest, LISTED_FIELDS } from '../issue-list.ts';
import { issueItem } from '../issue-view.ts';
import { lean } from '../lean.ts';
import { shrinkBody } from '../shrink.ts';
import { issueUri } from '../uris.ts';

const ROOM = RESULT_BUDGET - RESERVE;

const input = z
  .strictObject({
    owner,
    repo,
    state: z.enum(['OPEN', 'CLOSED']).optional().describe('Default: both'),
    labels: z.array(text(100, 1)).optional().describe('Any of them'),
    since: moment.optional().describe('Updated since; ISO 8601'),
    orderBy: z.enum(['CREATED_AT', 'UPDATED_AT', 'COMMENTS']).optional(),
    direction: z.enum(['ASC', 'DESC']).optional(),
    field_filters: z
      .array(z.strictObject({ field_name: text(100, 1), value: text(200, 1) }))
      .optional()
      .describe('Custom fields'),
    fields: z.array(oneOf(LISTED_FIELDS)).optional().describe('Default: all but body and field_values'),
    perPage: perPage.optional(),
    after,
  })
  .superRefine((args, context) => {
    for (const [index, { value }] of (args.field_filters ?? []).entries()) {
      // It would begin the next filter.
      if (!value.includes(',')) continue;
      const path = ['field_filters', index, 'value'];
      context.addIssue({ code: 'custom', path, message: 'must not contain a comma' });
    }
    if (!isRest(args) || (args.labels?.length ?? 0) < 2) return;
    // REST wants all of several labels, GraphQL any of them; one word must not mean both.
    const message = 'must hold at most one label together with field_filters or field_values';
    context.addIssue({ code: 'custom', path: ['labels'], message });
  });

export const listIssues = defineTool({
  name: 'list_issues',
  title: 'List issues',
  description: 'List the issues of a repository. To find some by words, use search_issues.',
  toolset: 'issues',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input,
  output: z.object({
    total_count: z.int().optional(),
    issues: z.array(
      issueItem.omit({ repository: true, type: true, draft: true, locked: true, closed_by: true, pull_request: true }),
    ),
    ...paged,
  }),
  async run(args, context) {
    const { views, shown, total_count, next } = await (isRest(args) ? byRest : byGraphql)(args, context);
    const issues = views.slice(0, shown).map((issue) => shrinkBody(issue, ROOM));
    const cut = issues.filter((issue) => issue.body_truncated);
    return {
      data: {
        ...(next && { next }),
        ...lean({ total_count, truncated: shown < views.length || cut.length > 0 || undefined }),
        issues,
      },
      links: cut.map(({ number }) => ({
        uri: issueUri(args.owner, args.repo, number),
        name: `issue ${number}`,
        mimeType: 'text/markdown',
      })),
    };
  },
});
