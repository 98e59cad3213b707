import * as z from 'zod';
import { pagedList, paging, place } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { given, lean } from '../lean.ts';
import { upstreamMembers } from '../upstream-repositories.ts';

export const listRepositoryCollaborators = defineTool({
  name: 'list_repository_collaborators',
  title: 'List collaborators',
  description: 'List who has access to a repository.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, affiliation: z.enum(['outside', 'direct', 'all']).optional(), ...paging }),
  output: z.object({
    collaborators: z.array(z.object({ login: z.string(), role: z.string().optional() })),
    ...pagedList,
  }),
  async run(args, { github }) {
    const { owner, repo, affiliation } = args;
    const found = await onePage(
      github,
      'GET /repos/{owner}/{repo}/collaborators',
      { owner, repo, ...given({ affiliation }) },
      upstreamMembers,
      args,
    );
    const { shown, ...rest } = fitPage(
      found.data.map(({ login, role_name: role }) => lean({ login, role })),
      found,
    );
    return { data: { collaborators: shown, ...rest } };
  },
});
