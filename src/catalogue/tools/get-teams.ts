import * as z from 'zod';
import { countFitting, cutText, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { after, owner, pagedList } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { lean, withHint } from '../lean.ts';
import { upstreamTeams } from '../upstream-repositories.ts';

/** REST lists only the teams of the signed-in person. */
const QUERY = `query ($login: String!) {
  user(login: $login) {
    organizations(first: 100) {
      pageInfo { hasNextPage }
      nodes {
        login
        teams(first: 100, userLogins: [$login]) {
          pageInfo { hasNextPage }
          nodes { name slug description }
        }
      }
    }
  }
}`;
const FORBIDDEN =
  'Teams need the permission to read organization members (read:org). The person has to grant it at GitHub.';
const MAX_DESCRIPTION = 300;

export const getTeams = defineTool({
  name: 'get_teams',
  title: 'Get teams',
  description: 'List the teams of yourself or another user.',
  toolset: 'context',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ user: owner.optional().describe('You unless given'), after }),
  output: z.object({
    teams: z.array(
      z.object({ org: z.string(), slug: z.string(), name: z.string().optional(), description: z.string().optional() }),
    ),
    ...pagedList,
  }),
  async run({ user, after: from = '0' }, { github, principal }) {
    const request = github.graphql(QUERY, { login: user ?? principal.user.login }, upstreamTeams);
    const found = (await withHint(request, 'upstream_forbidden', FORBIDDEN)).user?.organizations;
    const teams = (found?.nodes ?? []).flatMap((organization) =>
      (organization?.teams.nodes ?? []).flatMap((team) =>
        organization && team
          ? [
              lean({
                org: organization.login,
                slug: team.slug,
                name: team.name === team.slug ? undefined : team.name,
                description: cutText(team.description ?? '', MAX_DESCRIPTION).text,
              }),
            ]
          : [],
      ),
    );
    const start = Number(from);
    const keep = countFitting(teams.slice(start), RESULT_BUDGET - RESERVE);
    const isCut = start + keep < teams.length;
    // Beyond the first hundred, GitHub is not asked: nobody works in so many.
    const more = found?.pageInfo.hasNextPage || found?.nodes.some((node) => node?.teams.pageInfo.hasNextPage);
    return {
      data: {
        teams: teams.slice(start, start + keep),
        ...((more || isCut) && { truncated: true }),
        ...(isCut && { ...(!more && { total: teams.length }), next: { after: String(start + keep) } }),
      },
    };
  },
});
