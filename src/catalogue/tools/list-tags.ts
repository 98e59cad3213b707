import * as z from 'zod';
import { pagedList, paging, place } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { upstreamTags } from '../upstream-repositories.ts';

export const listTags = defineTool({
  name: 'list_tags',
  title: 'List tags',
  description: 'List the tags of a repository and their commits.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, ...paging }),
  output: z.object({ tags: z.array(z.object({ name: z.string(), sha: z.string() })), ...pagedList }),
  async run(args, { github }) {
    const { owner, repo } = args;
    const found = await onePage(github, 'GET /repos/{owner}/{repo}/tags', { owner, repo }, upstreamTags, args);
    const { shown, ...rest } = fitPage(
      found.data.map(({ name, commit }) => ({ name, sha: commit.sha })),
      found,
    );
    return { data: { tags: shown, ...rest } };
  },
});
