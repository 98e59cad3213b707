import * as z from 'zod';
import { after, idText, owner, pagedList } from '../arguments.ts';
import { collect, fitPage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { nextAfter, withHint } from '../lean.ts';
import { upstreamMembers } from '../upstream-repositories.ts';

const HINT =
  'Check org and team_slug; get_teams shows the slugs. GitHub also says "not found" for what the account may not see.';

export const getTeamMembers = defineTool({
  name: 'get_team_members',
  title: 'Get team members',
  description: 'List the members of a team by login.',
  toolset: 'context',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ org: owner, team_slug: idText, after }),
  output: z.object({
    members: z.array(z.string()),
    ...pagedList,
  }),
  async run({ after: from, ...team }, context) {
    const route = 'GET /orgs/{org}/teams/{team_slug}/members';
    const [page, perPage] = from?.split(':').map(Number) ?? [];
    const request = collect(context, route, team, upstreamMembers, { page, perPage }, 'members');
    const found = await withHint(request, 'upstream_not_found', HINT);
    const { shown, next, ...rest } = fitPage(
      found.items.map(({ login }) => login),
      found,
    );
    return { data: { members: shown, ...rest, ...nextAfter(next && `${next.page}:${next.perPage}`) } };
  },
});
