import * as z from 'zod';
import { place } from '../arguments.ts';
import { defineTool } from '../define.ts';

export const starRepository = defineTool({
  name: 'star_repository',
  title: 'Star repository',
  description: 'Star a repository for the signed-in person.',
  toolset: 'stargazers',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject(place),
  output: z.object({ repository: z.string(), starred: z.boolean() }),
  async run(args, { github }) {
    await github.request('PUT /user/starred/{owner}/{repo}', args, z.unknown());
    return { data: { repository: `${args.owner}/${args.repo}`, starred: true } };
  },
});
