import * as z from 'zod';
import { owner, repo } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { labelName, labelView, viewLabel } from '../label-view.ts';
import { withHint } from '../lean.ts';
import { upstreamLabel } from '../upstream-conversations.ts';

export const getLabel = defineTool({
  name: 'get_label',
  title: 'Get label',
  description: 'Get one label of a repository by its name.',
  toolset: 'labels',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ owner, repo, name: labelName }),
  output: labelView,
  async run({ owner: login, repo, name }, { github }) {
    const place = { owner: login, repo, name };
    const request = github.request('GET /repos/{owner}/{repo}/labels/{name}', place, upstreamLabel);
    const { data } = await withHint(request, 'upstream_not_found', 'Call list_label for the names there are.');
    return { data: viewLabel(data) };
  },
});
