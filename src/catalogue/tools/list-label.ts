import * as z from 'zod';
import { RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { after, owner, page, pagedList, perPage, repo } from '../arguments.ts';
import { collect, fitPage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { labelView, viewLabel } from '../label-view.ts';
import { upstreamLabel } from '../upstream-conversations.ts';

export const listLabel = defineTool({
  name: 'list_label',
  title: 'List labels',
  description: 'List the labels of a repository.',
  toolset: 'labels',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    owner,
    repo,
    page: page.optional().describe('Default: all'),
    perPage: perPage.optional(),
    after,
  }),
  output: z.object({
    labels: z.array(labelView),
    ...pagedList,
  }),
  async run({ owner: login, repo: name, ...paging }, context) {
    const route = 'GET /repos/{owner}/{repo}/labels';
    const found = await collect(context, route, { owner: login, repo: name }, z.array(upstreamLabel), paging, 'labels');
    const { shown, ...rest } = fitPage(found.items.map(viewLabel), found, RESULT_BUDGET - RESERVE);
    return { data: { labels: shown, ...rest } };
  },
});
