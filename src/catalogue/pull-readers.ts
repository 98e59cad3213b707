/** The methods of pull_request_read, one function each. */
import * as z from 'zod';
import { RESERVE, RESULT_BUDGET } from '../output/budget.ts';
import { pagedList } from './arguments.ts';
import { collect, fitPage } from './collect.ts';
import type { CallContext, ToolResult } from './define.ts';
import { commentView, viewComment } from './issue-view.ts';
import { lean, withHint } from './lean.ts';
import { diffOutput, type PullPlace, readDiff } from './pull-diff.ts';
import { pullView, viewPull } from './pull-view.ts';
import { readThreads, threadView } from './review-threads.ts';
import { shrinkBody } from './shrink.ts';
import { upstreamComments, upstreamFiles } from './upstream.ts';
import {
  upstreamCheckRuns,
  upstreamPullCommits,
  upstreamPullDetails,
  upstreamReviews,
  upstreamStatus,
} from './upstream-conversations.ts';
import { diffLink, issueUri } from './uris.ts';

const ROOM = RESULT_BUDGET - RESERVE;
const HINT = 'Check owner, repo and pullNumber. GitHub also says "not found" for what the account may not see.';

export const pullOutput = z.object({
  pull_request: pullView.optional(),
  ...diffOutput,
  state: z.string().optional(),
  statuses: z
    .array(
      z.object({
        context: z.string(),
        state: z.string(),
        description: z.string().optional(),
        target_url: z.string().optional(),
      }),
    )
    .optional(),
  files: z
    .array(
      z.object({
        filename: z.string(),
        previous_filename: z.string().optional(),
        status: z.string(),
        additions: z.int(),
        deletions: z.int(),
      }),
    )
    .optional(),
  commits: z
    .array(
      z.object({ sha: z.string(), message: z.string(), author: z.string().optional(), date: z.string().optional() }),
    )
    .optional(),
  threads: z.array(threadView).optional(),
  reviews: z
    .array(
      commentView
        .omit({ created_at: true, updated_at: true })
        .extend({ state: z.string(), commit_id: z.string().optional(), submitted_at: z.string().optional() }),
    )
    .optional(),
  comments: z.array(commentView).optional(),
  check_runs: z
    .array(
      z.object({
        id: z.int(),
        name: z.string(),
        status: z.string(),
        conclusion: z.string().optional(),
        completed_at: z.string().optional(),
        details_url: z.string().optional(),
      }),
    )
    .optional(),
  total_count: z.int().optional(),
  ...pagedList,
});
type Data = z.input<typeof pullOutput>;

interface Options {
  readonly page?: number | undefined;
  readonly perPage?: number | undefined;
  readonly after?: string | undefined;
}
type Reader = (place: PullPlace, context: CallContext, options: Options) => Promise<ToolResult<Data>>;

export const READERS = {
  async get(place, { github }) {
    const pull_request = viewPull(await getPull(github, place));
    const shown = shrinkBody(pull_request, ROOM);
    if (shown === pull_request) return { data: { pull_request } };
    return { data: { pull_request: shown, truncated: true }, links: [link(place)] };
  },
  async get_diff(place, context, { after }) {
    const { head, changed_files } = await getPull(context.github, place);
    const data = await readDiff(context, place, { head: head.sha, files: changed_files ?? undefined }, after);
    const links = data.next === undefined ? [] : [diffLink(place.owner, place.repo, place.pull_number)];
    return { data, links };
  },
  async get_files(place, context, paging) {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files';
    const found = await collect(context, route, place, upstreamFiles, paging, 'files');
    const views = found.items.map(({ patch: _, ...file }) => lean(file));
    const { shown, ...rest } = fitPage(views, found, ROOM);
    return { data: { files: shown, ...rest } };
  },
  async get_commits(place, context, paging) {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits';
    const found = await collect(context, route, place, upstreamPullCommits, paging, 'commits');
    const views = found.items.map(({ sha, author, commit }) =>
      lean({
        sha,
        message: commit.message.slice(0, 4000),
        author: author?.login ?? commit.author?.name,
        date: commit.author?.date,
      }),
    );
    const { shown, ...rest } = fitPage(views, found, ROOM);
    return { data: { commits: shown, ...rest } };
  },
  async get_reviews(place, context, paging) {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
    const found = await collect(context, route, place, upstreamReviews, paging, 'reviews');
    const views = found.items.map(({ node_id: _, html_url: __, user, ...review }) =>
      lean({ ...review, user: user?.login }),
    );
    const { shown, ...rest } = fitPage(views, found, ROOM);
    return {
      data: { reviews: shown.map((review) => shrinkBody(review, ROOM)), ...rest },
    };
  },
  async get_review_comments(place, context, options) {
    return { data: await readThreads(context, place, options) };
  },
  async get_comments({ pull_number, ...place }, context, paging) {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
    const target = { ...place, issue_number: pull_number };
    const found = await collect(context, route, target, upstreamComments, paging, 'comments');
    const { shown, ...rest } = fitPage(found.items.map(viewComment), found, ROOM);
    const comments = shown.map((comment) => shrinkBody(comment, ROOM));
    const cut = comments.filter((comment) => comment.body_truncated);
    return { data: { comments, ...rest }, links: cut.map(({ id }) => link({ pull_number, ...place }, id)) };
  },
  async get_status({ pull_number, ...place }, { github }, { page = 1, perPage = 100 }) {
    const { head } = await getPull(github, { pull_number, ...place });
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/status';
    const { data } = await github.request(route, { ...place, ref: head.sha, page, per_page: perPage }, upstreamStatus);
    const skipped = (page - 1) * perPage;
    const more = skipped + data.statuses.length < data.total_count;
    const next = more && data.statuses.length > 0 ? { page: page + 1, perPage } : undefined;
    const { shown, ...rest } = fitPage(data.statuses.map(lean), { skipped, next }, ROOM);
    return { data: { state: data.state, head_sha: head.sha, total_count: data.total_count, statuses: shown, ...rest } };
  },
  async get_check_runs({ pull_number, ...place }, context, paging) {
    const { head } = await getPull(context.github, { pull_number, ...place });
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
    const runs = upstreamCheckRuns.transform(({ check_runs }) => check_runs);
    const found = await collect(context, route, { ...place, ref: head.sha }, runs, paging, 'check runs');
    const views = found.items.map(({ app: _, started_at: __, ...run }) => lean(run));
    const { shown, ...rest } = fitPage(views, found, ROOM);
    return { data: { head_sha: head.sha, check_runs: shown, ...rest } };
  },
} as const satisfies Readonly<Record<string, Reader>>;

/** One pull request as GitHub gives it. */
export async function getPull(github: CallContext['github'], place: PullPlace) {
  const request = github.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', place, upstreamPullDetails);
  return (await withHint(request, 'upstream_not_found', HINT)).data;
}

/** At GitHub a pull request is an issue too, and so is the text of its description and of its comments. */
function link({ owner, repo, pull_number }: PullPlace, comment?: number) {
  const name = comment === undefined ? `pull request ${pull_number}` : `comment ${comment}`;
  return { uri: issueUri(owner, repo, pull_number, comment), name, mimeType: 'text/markdown' };
}
