import * as z from 'zod';
import { countFitting, cutText, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { owner } from '../arguments.ts';
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
  input: z.strictObject({ user: owner.optional().describe('You unless given') }),
  output: z.object({
    teams: z.array(
      z.object({ org: z.string(), slug: z.string(), name: z.string().optional(), description: z.string().optional() }),
    ),
    truncated: z.boolean().optional(),
  }),
  async run({ user }, { github, principal }) {
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
    const keep = countFitting(teams, RESULT_BUDGET - RESERVE);
    const more = found?.pageInfo.hasNextPage || found?.nodes.some((node) => node?.teams.pageInfo.hasNextPage);
    return { data: { teams: teams.slice(0, keep), ...((more || keep < teams.length) && { truncated: true }) } };
  },
});
