import * as z from 'zod';
import { unfit } from '../../github/guard.ts';
import { jsonBytes, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { line } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { fitGistFiles, gistFile, gistId, gistView, viewGist } from '../gist-view.ts';
import { withHint } from '../lean.ts';
import { upstreamGist } from '../upstream-repositories.ts';

const HINT = 'Check gist_id; list_gists shows the ids. GitHub also says "not found" for what the account may not see.';

export const getGist = defineTool({
  name: 'get_gist',
  title: 'Get gist',
  description: 'Get a gist with its files. Read on in a long one with filename and start_line = next_start_line.',
  toolset: 'gists',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    gist_id: gistId,
    filename: z.string().optional().describe('Only this file'),
    start_line: line.optional(),
  }),
  output: gistView.extend({
    files: z.array(gistFile),
    truncated: z.boolean().optional().describe('true where content was left out'),
  }),
  async run({ gist_id, filename, start_line = 1 }, { github }) {
    const request = github.request('GET /gists/{gist_id}', { gist_id }, upstreamGist);
    const { data } = await withHint(request, 'upstream_not_found', HINT);
    const all = Object.values(data.files).flatMap((file) => (file ? [file] : []));
    const asked = filename === undefined ? all : all.filter((file) => file.filename === filename);
    if (asked.length === 0 && filename !== undefined) throw unfit('filename', 'is not a file of this gist');
    const view = viewGist(data);
    const files = fitGistFiles(asked, start_line, RESULT_BUDGET - RESERVE - jsonBytes(view));
    const isCut = files.some((file) => file.next_start_line !== undefined || file.content === undefined);
    return { data: { ...view, files, ...((isCut || files.length < asked.length) && { truncated: true }) } };
  },
});
