import * as z from 'zod';
import { owner, repo } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { lean, withHint } from '../lean.ts';
import { upstreamIssueTypes } from '../upstream-conversations.ts';

const HINT = 'Issue types need an organization that uses them. Check owner and repo.';

export const listIssueTypes = defineTool({
  name: 'list_issue_types',
  title: 'List issue types',
  description: 'List the issue types of a repository, or of an organization where repo is left out.',
  toolset: 'issues',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ owner, repo: repo.optional() }),
  output: z.object({
    issue_types: z.array(
      z.object({
        id: z.int(),
        name: z.string(),
        description: z.string().optional(),
        is_enabled: z.boolean().optional(),
      }),
    ),
  }),
  async run({ owner: login, repo: name }, { github }) {
    const request =
      name === undefined
        ? github.request('GET /orgs/{org}/issue-types', { org: login }, upstreamIssueTypes)
        : github.request('GET /repos/{owner}/{repo}/issue-types', { owner: login, repo: name }, upstreamIssueTypes);
    const { data } = await withHint(request, 'upstream_not_found', HINT);
    return { data: { issue_types: data.map(lean) } };
  },
});
