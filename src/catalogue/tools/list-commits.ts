import * as z from 'zod';
import { moment, pagedList, paging, path, place, ref, text } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { COMMIT_FIELDS, commitView, DEFAULT_COMMIT_FIELDS, pickCommit, viewCommit } from '../commit-view.ts';
import { defineTool } from '../define.ts';
import { given } from '../lean.ts';
import { upstreamCommits } from '../upstream-repositories.ts';

export const listCommits = defineTool({
  name: 'list_commits',
  title: 'List commits',
  description: 'List the commits of a branch, newest first.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    ...place,
    sha: ref.optional().describe('Branch, tag or commit'),
    path: path.optional(),
    author: text(200, 1).optional().describe('Login or email'),
    since: moment.optional(),
    until: moment.optional(),
    fields: z.array(z.enum(COMMIT_FIELDS)).optional(),
    ...paging,
  }),
  output: z.object({ commits: z.array(commitView), ...pagedList }),
  async run(args, { github }) {
    const { owner, repo, sha, author, since, until, fields = DEFAULT_COMMIT_FIELDS } = args;
    const filters = given({
      sha,
      author,
      path: args.path || undefined,
      since: since && momentOf(since, '00:00:00Z'),
      until: until && momentOf(until, '23:59:59Z'),
    });
    const route = 'GET /repos/{owner}/{repo}/commits';
    const found = await onePage(github, route, { owner, repo, ...filters }, upstreamCommits, args);
    const { shown, ...rest } = fitPage(
      found.data.map((commit) => pickCommit(viewCommit(commit), fields)),
      found,
    );
    return { data: { commits: shown, ...rest } };
  },
});

/** GitHub wants a moment where people say a day. */
function momentOf(value: string, time: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T${time}` : value;
}
