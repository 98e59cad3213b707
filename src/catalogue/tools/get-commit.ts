import * as z from 'zod';
import { jsonBytes, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { line, paged, paging, place, ref } from '../arguments.ts';
import { commitView, viewCommit } from '../commit-view.ts';
import { defineTool } from '../define.ts';
import { given, lean } from '../lean.ts';
import { changedFile, fitChanges, viewChange } from '../patches.ts';
import { upstreamCommit } from '../upstream-repositories.ts';
import { commitLink } from '../uris.ts';

/** Bytes of the message; what is left belongs to the files. */
const MAX_MESSAGE = 6_000;

export const getCommit = defineTool({
  name: 'get_commit',
  title: 'Get commit',
  description: 'Get a commit and the files it changed.',
  toolset: 'repos',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    ...place,
    sha: ref.describe('Commit, branch or tag'),
    detail: z.enum(['none', 'stats', 'full_patch']).optional().describe('stats unless given'),
    ...paging,
    start_line: line.optional(),
  }),
  output: commitView.extend({
    parents: z.array(z.string()).optional(),
    verified: z.boolean().optional(),
    additions: z.int().optional(),
    deletions: z.int().optional(),
    files: z.array(changedFile).optional(),
    ...paged,
  }),
  async run(args, { github }) {
    const { owner, repo, sha, detail = 'stats', page = 1 } = args;
    const perPage = detail === 'none' ? 1 : (args.perPage ?? (detail === 'stats' ? 100 : 30));
    const { data, headers } = await github.request(
      'GET /repos/{owner}/{repo}/commits/{ref}',
      { owner, repo, ref: sha, page: detail === 'none' ? 1 : page, per_page: perPage },
      upstreamCommit,
    );
    const about = lean({
      ...viewCommit(data, MAX_MESSAGE),
      parents: data.parents?.map((parent) => parent.sha),
      verified: data.commit.verification?.verified || undefined,
    });
    if (detail === 'none') return { data: about };
    const more = /;\s*rel="next"/.test(headers.get('link') ?? '');
    const {
      shown,
      total: _,
      ...rest
    } = fitChanges(
      (data.files ?? []).map((file) => viewChange(file, detail === 'full_patch')),
      { skipped: (page - 1) * perPage, next: more ? { page: page + 1, perPage } : undefined },
      RESULT_BUDGET - RESERVE - jsonBytes(about),
      args.start_line,
    );
    const counts = { additions: data.stats?.additions, deletions: data.stats?.deletions };
    const links = rest.truncated ? [commitLink(owner, repo, data.sha)] : [];
    return { data: { ...lean({ ...about, ...given(counts) }), files: shown, ...rest }, links };
  },
});
