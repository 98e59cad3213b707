import * as z from 'zod';
import { owner, place } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { given } from '../lean.ts';
import { madeRepository, viewMade } from '../repository-view.ts';
import { upstreamRepositoryDetails } from '../upstream-repositories.ts';

export const forkRepository = defineTool({
  name: 'fork_repository',
  title: 'Fork repository',
  description: 'Fork a repository. Its files may take minutes.',
  toolset: 'repos',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, organization: owner.optional().describe('Your account unless given') }),
  output: madeRepository,
  confirm: ({ owner: login, repo, organization = 'your account' }) =>
    `Create a fork of ${login}/${repo} in ${organization}?`,
  async run({ owner: login, repo, organization }, { github }) {
    // What GitHub does anyway: said, so that the request has a body.
    const parameters = { owner: login, repo, default_branch_only: false, ...given({ organization }) };
    const route = 'POST /repos/{owner}/{repo}/forks';
    return { data: viewMade((await github.request(route, parameters, upstreamRepositoryDetails)).data) };
  },
});
