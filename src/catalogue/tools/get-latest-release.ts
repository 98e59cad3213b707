import * as z from 'zod';
import { place } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { withHint } from '../lean.ts';
import { releaseView, viewRelease } from '../release-view.ts';
import { upstreamRelease } from '../upstream-repositories.ts';

const HINT =
  'The repository may have no full release: list_releases also shows prereleases and, to those with push access, drafts.';

export const getLatestRelease = defineTool({
  name: 'get_latest_release',
  title: 'Get latest release',
  description: 'Get the latest full release: its notes and assets.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject(place),
  output: releaseView,
  async run(args, { github }) {
    const request = github.request('GET /repos/{owner}/{repo}/releases/latest', args, upstreamRelease);
    return { data: viewRelease((await withHint(request, 'upstream_not_found', HINT)).data) };
  },
});
