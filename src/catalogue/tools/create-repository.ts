import * as z from 'zod';
import { owner, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { given, withHint } from '../lean.ts';
import { madeRepository, viewMade } from '../repository-view.ts';
import { upstreamRepositoryDetails } from '../upstream-repositories.ts';

const HINT =
  'A repository of that name may exist already, or the organization forbids this. Choose another name, or ask.';

export const createRepository = defineTool({
  name: 'create_repository',
  title: 'Create repository',
  description: 'Create a repository, your own or of an organization.',
  toolset: 'repos',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  input: z.strictObject({
    name: repo,
    description: text(350).optional(),
    organization: owner.optional().describe('Your account unless given'),
    private: z.boolean().optional().describe('true unless given'),
    autoInit: z.boolean().optional(),
  }),
  output: madeRepository,
  confirm: ({ name, organization, private: isPrivate = true }) =>
    `Create the ${isPrivate ? 'private' : 'PUBLIC'} repository ${organization === undefined ? '' : `${organization}/`}${name}?`,
  async run({ name, description, organization, private: isPrivate = true, autoInit: auto_init }, { github }) {
    const parameters = { name, private: isPrivate, ...given({ description, auto_init }) };
    const request =
      organization === undefined
        ? github.request('POST /user/repos', parameters, upstreamRepositoryDetails)
        : github.request('POST /orgs/{org}/repos', { org: organization, ...parameters }, upstreamRepositoryDetails);
    return { data: viewMade((await withHint(request, 'upstream_invalid', HINT)).data) };
  },
});
