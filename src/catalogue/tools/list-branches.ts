import * as z from 'zod';
import { pagedList, paging, place } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { upstreamBranches } from '../upstream-repositories.ts';

export const listBranches = defineTool({
  name: 'list_branches',
  title: 'List branches',
  description: 'List the branches of a repository.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, ...paging }),
  output: z.object({
    branches: z.array(z.object({ name: z.string(), sha: z.string(), protected: z.boolean().optional() })),
    ...pagedList,
  }),
  async run(args, { github }) {
    const { owner, repo } = args;
    const found = await onePage(github, 'GET /repos/{owner}/{repo}/branches', { owner, repo }, upstreamBranches, args);
    const { shown, ...rest } = fitPage(
      found.data.map(({ name, commit, protected: isProtected }) => ({
        name,
        sha: commit.sha,
        ...(isProtected && { protected: true }),
      })),
      found,
    );
    return { data: { branches: shown, ...rest } };
  },
});
