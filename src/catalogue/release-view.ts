/** A release as a model sees it. */
import * as z from 'zod';
import { RESERVE, RESULT_BUDGET } from '../output/budget.ts';
import { lean } from './lean.ts';
import { shrinkBody } from './shrink.ts';
import type { UpstreamRelease } from './upstream-repositories.ts';

/** Assets named of one release; some have thousands. */
const MAX_ASSETS = 50;

/** Fields that GitHub's own server knows. */
export const RELEASE_FIELDS = [
  'id',
  'tag_name',
  'name',
  'body',
  'html_url',
  'published_at',
  'prerelease',
  'draft',
  'author',
] as const;

export const releaseView = z.object({
  id: z.int().optional(),
  tag_name: z.string(),
  target: z.string().optional(),
  name: z.string().optional(),
  draft: z.boolean().optional(),
  prerelease: z.boolean().optional(),
  published_at: z.string().optional(),
  author: z.string().optional(),
  html_url: z.string().optional(),
  assets: z.array(z.object({ name: z.string(), size: z.int(), downloads: z.int().optional() })).optional(),
  more_assets: z.int().optional(),
  body: z.string().optional(),
  body_truncated: z.boolean().optional(),
});
export type ReleaseView = z.input<typeof releaseView>;

/** In: a release as GitHub gives it, and the bytes it may have. Out: the same, lean, its body cut where it is longer. */
export function viewRelease(release: UpstreamRelease, room = RESULT_BUDGET - RESERVE): ReleaseView {
  const assets = release.assets ?? [];
  const view: ReleaseView = lean({
    id: release.id,
    tag_name: release.tag_name,
    target: release.target_commitish,
    name: release.name === release.tag_name ? undefined : release.name,
    draft: release.draft || undefined,
    prerelease: release.prerelease || undefined,
    published_at: release.published_at,
    author: release.author?.login,
    html_url: release.html_url,
    assets: assets
      .slice(0, MAX_ASSETS)
      .map(({ name, size, download_count }) => lean({ name, size, downloads: download_count })),
    more_assets: assets.length > MAX_ASSETS ? assets.length - MAX_ASSETS : undefined,
    body: release.body,
  });
  return shrinkBody(view, room);
}
