import * as z from 'zod';
import { moment, owner, pagedList, paging } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { gistView, namesOf, viewGist } from '../gist-view.ts';
import { given } from '../lean.ts';
import { upstreamGists } from '../upstream-repositories.ts';

export const listGists = defineTool({
  name: 'list_gists',
  title: 'List gists',
  description: 'List your gists, or the public ones of another user.',
  toolset: 'gists',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    username: owner.optional().describe('You unless given'),
    since: moment.optional().describe('Changed since; ISO 8601'),
    ...paging,
  }),
  output: z.object({ gists: z.array(gistView.extend({ files: z.array(z.string()) })), ...pagedList }),
  async run(args, { github }) {
    const { username, since } = args;
    const changed = given({ since: since && (since.includes('T') ? since : `${since}T00:00:00Z`) });
    const found =
      username === undefined
        ? await onePage(github, 'GET /gists', changed, upstreamGists, args)
        : await onePage(github, 'GET /users/{username}/gists', { username, ...changed }, upstreamGists, args);
    const { shown, ...rest } = fitPage(
      found.data.map((gist) => ({ ...viewGist(gist), files: namesOf(gist) })),
      found,
    );
    return { data: { gists: shown, ...rest } };
  },
});
