import * as z from 'zod';
import { place } from '../arguments.ts';
import { defineTool } from '../define.ts';

export const unstarRepository = defineTool({
  name: 'unstar_repository',
  title: 'Unstar repository',
  description: 'Take back the star that the signed-in person gave a repository.',
  toolset: 'stargazers',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  input: z.strictObject(place),
  output: z.object({ repository: z.string(), starred: z.boolean() }),
  async run(args, { github }) {
    await github.request('DELETE /user/starred/{owner}/{repo}', args, z.unknown());
    return { data: { repository: `${args.owner}/${args.repo}`, starred: false } };
  },
});
