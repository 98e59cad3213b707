import * as z from 'zod';
import { unfit } from '../../github/guard.ts';
import { jsonBytes, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { after, line, paged } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { fitGistFiles, gistFile, gistId, gistView, viewGist } from '../gist-view.ts';
import { withHint } from '../lean.ts';
import { upstreamGist } from '../upstream-repositories.ts';

const HINT = 'Check gist_id; list_gists shows the ids. GitHub also says "not found" for what the account may not see.';

export const getGist = defineTool({
  name: 'get_gist',
  title: 'Get gist',
  description: 'Get a gist with the content of its files.',
  toolset: 'gists',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    gist_id: gistId,
    filename: z.string().optional().describe('Only this file'),
    start_line: line.optional(),
    after,
  }),
  output: gistView.extend({
    files: z.array(gistFile),
    ...paged,
  }),
  async run({ gist_id, filename, start_line = 1, after: from }, { github }) {
    const request = github.request('GET /gists/{gist_id}', { gist_id }, upstreamGist);
    const { data } = await withHint(request, 'upstream_not_found', HINT);
    const all = Object.values(data.files).flatMap((file) => (file ? [file] : []));
    const asked = filename === undefined ? all : all.filter((file) => file.filename === filename);
    if (asked.length === 0 && filename !== undefined) throw unfit('filename', 'is not a file of this gist');
    const view = viewGist(data);
    // In a later part, the files before have been shown, and only the first of the others begins further down.
    const [first = 0, start = start_line] = from?.split(':').map(Number) ?? [];
    const { shown, next } = fitGistFiles(asked.slice(first), start, RESULT_BUDGET - RESERVE - jsonBytes(view));
    const following = next && { after: `${first + next.file}:${next.line}` };
    return { data: { ...view, files: shown, ...(next && { truncated: true, next: following }) } };
  },
});
