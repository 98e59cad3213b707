import * as z from 'zod';
import { owner, pagedList, paging } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { given } from '../lean.ts';
import { repositoryView, viewRepository } from '../repository-view.ts';
import { upstreamRepositories } from '../upstream-repositories.ts';

export const listStarredRepositories = defineTool({
  name: 'list_starred_repositories',
  title: 'List starred repositories',
  description: 'List the repositories that you, or another user, starred.',
  toolset: 'stargazers',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    username: owner.optional().describe('You unless given'),
    sort: z.enum(['created', 'updated']).optional(),
    direction: z.enum(['asc', 'desc']).optional(),
    ...paging,
  }),
  output: z.object({ repositories: z.array(repositoryView), ...pagedList }),
  async run(args, { github }) {
    const { username, sort, direction } = args;
    const order = given({ sort, direction });
    const found =
      username === undefined
        ? await onePage(github, 'GET /user/starred', order, upstreamRepositories, args)
        : await onePage(github, 'GET /users/{username}/starred', { username, ...order }, upstreamRepositories, args);
    const { shown, ...rest } = fitPage(found.data.map(viewRepository), found);
    return { data: { repositories: shown, ...rest } };
  },
});
