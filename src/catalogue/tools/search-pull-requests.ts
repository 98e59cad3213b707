import * as z from 'zod';
import { defineTool } from '../define.ts';
import { searchFor, searchInput, searchOutput } from '../issue-search.ts';
import { issueItem } from '../issue-view.ts';

export const searchPullRequests = defineTool({
  name: 'search_pull_requests',
  title: 'Search pull requests',
  description: 'Search pull requests only, for instance "author:mona review:required".',
  toolset: 'pull_requests',
  access: 'read',
  window: 'search',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: searchInput('pr'),
  output: z.object({
    ...searchOutput,
    pull_requests: z.array(issueItem.omit({ type: true, field_values: true, state_reason: true, pull_request: true })),
  }),
  async run(args, context) {
    const { items: pull_requests, links, ...rest } = await searchFor('pr', args, context);
    return { data: { ...rest, pull_requests }, links };
  },
});
