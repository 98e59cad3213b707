import * as z from 'zod';
import { text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { gistFilename } from '../gist-view.ts';
import { given, lean } from '../lean.ts';
import { upstreamGist } from '../upstream-repositories.ts';

export const createGist = defineTool({
  name: 'create_gist',
  title: 'Create gist',
  description: 'Create a gist with one file; secret (known only by its link) unless public.',
  toolset: 'gists',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  input: z.strictObject({
    filename: gistFilename,
    content: text(1_000_000, 1),
    description: text(1_000).optional(),
    public: z.boolean().optional(),
  }),
  output: z.object({ id: z.string(), html_url: z.string().optional() }),
  async run({ filename, content, description, public: isPublic = false }, { github }) {
    const parameters = { files: { [filename]: { content } }, public: isPublic, ...given({ description }) };
    const { data } = await github.request('POST /gists', parameters, upstreamGist);
    return { data: lean({ id: data.id, html_url: data.html_url }) };
  },
});
