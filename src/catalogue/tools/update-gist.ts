import * as z from 'zod';
import { text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { gistFilename, gistId, namesOf } from '../gist-view.ts';
import { given, lean } from '../lean.ts';
import { upstreamGist } from '../upstream-repositories.ts';

export const updateGist = defineTool({
  name: 'update_gist',
  title: 'Update gist',
  description: 'Replace or add one file of a gist; the other files stay.',
  toolset: 'gists',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  input: z.strictObject({
    gist_id: gistId,
    filename: gistFilename,
    content: text(1_000_000, 1),
    description: text(1_000).optional(),
  }),
  output: z.object({ id: z.string(), html_url: z.string().optional(), files: z.array(z.string()) }),
  async run({ gist_id, filename, content, description }, { github }) {
    const parameters = { gist_id, files: { [filename]: { content } }, ...given({ description }) };
    const { data } = await github.request('PATCH /gists/{gist_id}', parameters, upstreamGist);
    return { data: { ...lean({ id: data.id, html_url: data.html_url }), files: namesOf(data) } };
  },
});
