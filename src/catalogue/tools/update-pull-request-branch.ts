import * as z from 'zod';
import { number, owner, repo, sha } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { withHint } from '../lean.ts';
import { upstreamMessage } from '../upstream-conversations.ts';

const HINT = 'The head may have moved, be up to date, or conflict with its base. Read it with pull_request_read.';

export const updatePullRequestBranch = defineTool({
  name: 'update_pull_request_branch',
  title: 'Update pull request branch',
  description: 'Merge the base branch into the branch of a pull request.',
  toolset: 'pull_requests',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  input: z.strictObject({
    owner,
    repo,
    pullNumber: number,
    expectedHeadSha: sha.optional(),
  }),
  output: z.object({
    accepted: z.boolean(),
    message: z.string().optional(),
  }),
  async run({ owner: login, repo: name, pullNumber, expectedHeadSha }, { github }) {
    const expected = expectedHeadSha === undefined ? {} : { expected_head_sha: expectedHeadSha };
    const parameters = { owner: login, repo: name, pull_number: pullNumber, ...expected };
    const route = 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch';
    const { data } = await withHint(github.request(route, parameters, upstreamMessage), 'upstream_invalid', HINT);
    return { data: { accepted: true, ...(data.message && { message: data.message }) } };
  },
});
