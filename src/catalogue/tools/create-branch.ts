import * as z from 'zod';
import { branch, place } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { tipOf } from '../git-tree.ts';
import { withHint } from '../lean.ts';
import { upstreamRef, upstreamRepositoryDetails } from '../upstream-repositories.ts';

const HINT =
  'A branch of that name may exist already, or one whose name is a part of it: see list_branches, choose another name.';

export const createBranch = defineTool({
  name: 'create_branch',
  title: 'Create branch',
  description: 'Create a branch at the tip of another one.',
  toolset: 'repos',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  input: z.strictObject({
    ...place,
    branch,
    from_branch: branch.optional().describe('The default branch unless given'),
  }),
  output: z.object({ branch: z.string(), sha: z.string(), from_branch: z.string() }),
  async run({ owner, repo, branch: name, from_branch }, { github }) {
    const from = from_branch ?? (await defaultBranch());
    const sha = await tipOf(github, { owner, repo }, from);
    const parameters = { owner, repo, ref: `refs/heads/${name}`, sha };
    const request = github.request('POST /repos/{owner}/{repo}/git/refs', parameters, upstreamRef);
    const { data } = await withHint(request, 'upstream_invalid', HINT);
    return { data: { branch: name, sha: data.object.sha, from_branch: from } };

    async function defaultBranch(): Promise<string> {
      const { data } = await github.request('GET /repos/{owner}/{repo}', { owner, repo }, upstreamRepositoryDetails);
      return data.default_branch ?? 'main';
    }
  },
});
