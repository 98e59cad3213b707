import * as z from 'zod';
import { cutText, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { place, ref } from '../arguments.ts';
import { clipName } from '../commit-view.ts';
import { defineTool } from '../define.ts';
import { lean, withHint } from '../lean.ts';
import { upstreamRef, upstreamTag } from '../upstream-repositories.ts';

const HINT = 'Check owner, repo and tag; list_tags shows the tags.';

export const getTag = defineTool({
  name: 'get_tag',
  title: 'Get tag',
  description: 'Get a tag: its commit and its message.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, tag: ref }),
  output: z.object({
    tag: z.string(),
    sha: z.string().describe('What it names'),
    type: z.string().describe('Kind of what it names, nearly always commit'),
    annotated: z.boolean().optional(),
    message: z.string().optional(),
    message_truncated: z.boolean().optional(),
    tagger: z.string().optional(),
    date: z.string().optional(),
    verified: z.boolean().optional(),
  }),
  async run({ owner, repo, tag: asked }, { github }) {
    const tag = asked.replace(/^refs\/tags\//, '');
    const request = github.request(
      'GET /repos/{owner}/{repo}/git/ref/{ref}',
      { owner, repo, ref: `tags/${tag}` },
      upstreamRef,
    );
    const { type, sha } = (await withHint(request, 'upstream_not_found', HINT)).data.object;
    if (type !== 'tag') return { data: { tag, sha, type } };
    const route = 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}';
    const { data } = await github.request(route, { owner, repo, tag_sha: sha }, upstreamTag);
    const { text, truncated } = cutText(data.message ?? '', RESULT_BUDGET - RESERVE);
    const annotation = {
      annotated: true,
      message: text,
      message_truncated: truncated || undefined,
      tagger: clipName(data.tagger?.name),
      date: data.tagger?.date,
      verified: data.verification?.verified || undefined,
    };
    return { data: { tag, sha: data.object.sha, type: data.object.type, ...lean(annotation) } };
  },
});
