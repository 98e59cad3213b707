/** Threads of review comments on a pull request, which only GraphQL knows as threads. */
import * as z from 'zod';
import { countFitting, jsonBytes, RESERVE, RESULT_BUDGET } from '../output/budget.ts';
import type { CallContext } from './define.ts';
import { commentView } from './issue-view.ts';
import { lean, nextAfter } from './lean.ts';
import type { PullPlace } from './pull-diff.ts';
import { shrinkBody } from './shrink.ts';
import { type GraphqlThread, graphqlThreads } from './upstream-conversations.ts';

const ROOM = RESULT_BUDGET - RESERVE;

export const threadView = z.object({
  id: z.string(),
  path: z.string(),
  line: z.int().optional(),
  side: z.string().optional(),
  is_resolved: z.boolean(),
  is_outdated: z.boolean().optional(),
  total_comments: z.int().optional(),
  comments: z.array(commentView),
});
type ThreadView = z.input<typeof threadView>;

const QUERY = `query($owner: String!, $repo: String!, $number: Int!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $repo) { pullRequest(number: $number) {
    reviewThreads(first: $first, after: $after) {
      totalCount pageInfo { hasNextPage }
      edges { cursor node {
        id path line diffSide isResolved isOutdated
        comments(first: 50) { totalCount nodes { fullDatabaseId author { login } authorAssociation body createdAt } }
      } }
    }
  } }
}`;

/** In: a pull request and which of its threads. Out: those that fit, and GitHub's own cursor to read on. */
export async function readThreads(
  { github }: CallContext,
  { owner, repo, pull_number }: PullPlace,
  { perPage = 30, after }: { readonly perPage?: number | undefined; readonly after?: string | undefined },
) {
  const variables = { owner, repo, number: pull_number, first: perPage, after };
  const { pullRequest } = (await github.graphql(QUERY, variables, graphqlThreads)).repository;
  const { edges, pageInfo, totalCount } = pullRequest.reviewThreads;
  const views = edges.map(({ node }) => viewThread(node));
  const keep = Math.max(Math.min(1, views.length), countFitting(views, ROOM));
  const threads = views.slice(0, keep).map((thread) => (jsonBytes(thread) > ROOM ? shrink(thread) : thread));
  const more = keep < views.length || pageInfo.hasNextPage;
  const cut =
    keep < views.length || threads.some((thread) => thread.comments.some((comment) => comment.body_truncated));
  return {
    threads,
    total_count: totalCount,
    ...lean({ truncated: cut || undefined }),
    ...nextAfter(more ? edges[keep - 1]?.cursor : undefined),
  };
}

function viewThread(thread: GraphqlThread): ThreadView {
  const { nodes, totalCount } = thread.comments;
  const comments = nodes.flatMap((comment) =>
    comment === null
      ? []
      : [
          lean({
            id: Number(comment.fullDatabaseId ?? 0),
            user: comment.author?.login,
            author_association: comment.authorAssociation,
            created_at: comment.createdAt,
            body: comment.body,
          }),
        ],
  );
  const about = lean({
    id: thread.id,
    path: thread.path,
    line: thread.line,
    side: thread.diffSide === 'LEFT' ? 'LEFT' : undefined,
    is_resolved: thread.isResolved,
    is_outdated: thread.isOutdated || undefined,
    total_comments: totalCount > nodes.length ? totalCount : undefined,
  });
  return { ...about, comments };
}

/** One thread that alone is too large: each comment gets its share. */
function shrink(thread: ThreadView): ThreadView {
  const share = Math.floor((ROOM - 1024) / thread.comments.length);
  const comments = thread.comments.map((comment) => shrinkBody(comment, share));
  return { ...thread, comments };
}
