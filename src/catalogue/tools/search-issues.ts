import * as z from 'zod';
import { defineTool } from '../define.ts';
import { searchFor, searchInput, searchOutput } from '../issue-search.ts';
import { issueItem } from '../issue-view.ts';

export const searchIssues = defineTool({
  name: 'search_issues',
  title: 'Search issues',
  description: 'Search issues only, for instance "crash in:title label:bug is:open".',
  toolset: 'issues',
  access: 'read',
  window: 'search',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: searchInput('issue'),
  output: z.object({ ...searchOutput, issues: z.array(issueItem) }),
  async run(args, context) {
    const { items: issues, links, ...rest } = await searchFor('issue', args, context);
    return { data: { ...rest, issues }, links };
  },
});
