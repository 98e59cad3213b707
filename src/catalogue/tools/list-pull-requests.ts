import * as z from 'zod';
import { RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { after, oneOf, owner, page, pagedList, perPage, ref, repo, text } from '../arguments.ts';
import { collect, fitPage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { pickFields } from '../issue-view.ts';
import { given } from '../lean.ts';
import { PULL_FIELDS, pullItem, viewPull } from '../pull-view.ts';
import { shrinkBody } from '../shrink.ts';
import { upstreamPulls } from '../upstream-conversations.ts';

const DEFAULT_FIELDS: readonly string[] = PULL_FIELDS.filter((field) => field !== 'body');

export const listPullRequests = defineTool({
  name: 'list_pull_requests',
  title: 'List pull requests',
  description: 'List the pull requests of a repository. For those of one author, use search_pull_requests.',
  toolset: 'pull_requests',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    owner,
    repo,
    state: z.enum(['open', 'closed', 'all']).optional(),
    head: text(300).optional().describe('owner:branch'),
    base: ref.optional(),
    sort: z.enum(['created', 'updated', 'popularity', 'long-running']).optional(),
    direction: z.enum(['asc', 'desc']).optional(),
    page: page.optional(),
    perPage: perPage.optional(),
    after,
    fields: z.array(oneOf(PULL_FIELDS)).optional().describe('Default: all but body'),
  }),
  output: z.object({
    pull_requests: z.array(pullItem),
    ...pagedList,
  }),
  async run({ owner: login, repo: name, page: number = 1, perPage: size = 30, ...rest }, context) {
    const { fields = DEFAULT_FIELDS, ...filters } = rest;
    const room = RESULT_BUDGET - RESERVE;
    const parameters = { owner: login, repo: name, ...given(filters) };
    const paging = { page: number, perPage: size };
    const route = 'GET /repos/{owner}/{repo}/pulls';
    const found = await collect(context, route, parameters, upstreamPulls, paging, 'pull requests');
    const views = found.items.map((pull) => pickFields(viewPull(pull), fields));
    const { shown, ...more } = fitPage(views, found, room);
    const pull_requests = shown.map((pull) => shrinkBody(pull, room));
    return { data: { pull_requests, ...more } };
  },
});
