import * as z from 'zod';
import { pagedList, paging, place } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { RELEASE_FIELDS, releaseView, viewRelease } from '../release-view.ts';
import { upstreamReleases } from '../upstream-repositories.ts';

/** Bytes of one release in a list. */
const LISTED_ROOM = 1_800;
const DEFAULT_FIELDS = RELEASE_FIELDS.filter((field) => field !== 'html_url' && field !== 'id');
const listed = releaseView.omit({ target: true, assets: true, more_assets: true });

export const listReleases = defineTool({
  name: 'list_releases',
  title: 'List releases',
  description: 'List the releases of a repository, newest first.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, fields: z.array(z.enum(RELEASE_FIELDS)).optional(), ...paging }),
  output: z.object({ releases: z.array(listed), ...pagedList }),
  async run(args, { github }) {
    const { owner, repo, fields = DEFAULT_FIELDS } = args;
    const route = 'GET /repos/{owner}/{repo}/releases';
    const found = await onePage(github, route, { owner, repo }, upstreamReleases, args);
    const wanted = new Set<string>(['tag_name', 'body_truncated', ...fields]);
    // The author stays beside the text.
    if (wanted.has('body')) wanted.add('author');
    const releases = found.data.map((release) => {
      const view = Object.entries(viewRelease({ ...release, assets: null }, LISTED_ROOM));
      return Object.fromEntries(view.filter(([name]) => wanted.has(name))) as z.input<typeof listed>;
    });
    const { shown, ...rest } = fitPage(releases, found);
    return { data: { releases: shown, ...rest } };
  },
});
