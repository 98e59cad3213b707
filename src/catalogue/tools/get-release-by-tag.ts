import * as z from 'zod';
import { place, ref } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { withHint } from '../lean.ts';
import { releaseView, viewRelease } from '../release-view.ts';
import { upstreamRelease } from '../upstream-repositories.ts';

const HINT = 'Check owner, repo and tag; list_releases shows the releases. A tag need not have one.';

export const getReleaseByTag = defineTool({
  name: 'get_release_by_tag',
  title: 'Get release by tag',
  description: 'Get the release of a tag: its notes and assets.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, tag: ref }),
  output: releaseView,
  async run(args, { github }) {
    const request = github.request('GET /repos/{owner}/{repo}/releases/tags/{tag}', args, upstreamRelease);
    return { data: viewRelease((await withHint(request, 'upstream_not_found', HINT)).data) };
  },
});
