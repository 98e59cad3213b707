import * as z from 'zod';
import { countFitting, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { idText, owner } from '../arguments.ts';
import { collect } from '../collect.ts';
import { defineTool } from '../define.ts';
import { withHint } from '../lean.ts';
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
  input: z.strictObject({ org: owner, team_slug: idText }),
  output: z.object({
    members: z.array(z.string()),
    truncated: z.boolean().optional(),
  }),
  async run(args, context) {
    const route = 'GET /orgs/{org}/teams/{team_slug}/members';
    const request = collect(context, route, args, upstreamMembers, {}, 'members');
    const { items, next } = await withHint(request, 'upstream_not_found', HINT);
    const members = items.map(({ login }) => login);
    const keep = countFitting(members, RESULT_BUDGET - RESERVE);
    const isCut = keep < members.length || next !== undefined;
    return { data: { members: members.slice(0, keep), ...(isCut && { truncated: true }) } };
  },
});
