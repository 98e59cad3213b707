/** What the tools of issues, labels and pull requests need of GitHub's answers, besides what upstream.ts has. */
import * as z from 'zod';
import { literal, maybeMarkdown, maybeRaw, maybeText, text, upstreamPull, upstreamUser } from './upstream.ts';

const people = z.array(z.object({ login: text })).nullish();
const count = z.number().nullish();

export const upstreamLabel = z.object({ name: text, color: maybeText, description: maybeText });

export const upstreamIssueTypes = z.array(
  z.object({ id: z.number(), name: text, description: maybeText, is_enabled: z.boolean().nullish() }),
);

export const upstreamCreated = z.object({ id: z.number(), html_url: maybeText });
export const upstreamReaction = z.object({ id: z.number(), content: text });

const side = upstreamPull.shape.head.extend({ repo: z.object({ full_name: text }).nullish() });
export const upstreamPullDetails = upstreamPull.extend({
  node_id: maybeRaw,
  html_url: maybeText,
  head: side,
  base: side,
  merged: z.boolean().nullish(),
  merged_at: maybeText,
  merged_by: upstreamUser,
  merge_commit_sha: maybeText,
  mergeable: z.boolean().nullish(),
  mergeable_state: maybeText,
  locked: z.boolean().nullish(),
  labels: z.array(z.object({ name: maybeText })).nullish(),
  assignees: people,
  requested_reviewers: people,
  requested_teams: z.array(z.object({ slug: text })).nullish(),
  milestone: z.object({ title: text }).nullish(),
  commits: count,
  comments: count,
  created_at: maybeText,
  updated_at: maybeText,
  closed_at: maybeText,
});
export const upstreamPulls = z.array(upstreamPullDetails);
export type UpstreamPull = z.output<typeof upstreamPullDetails>;

export const upstreamMerge = z.object({ sha: maybeText, merged: z.boolean(), message: maybeText });
export const upstreamMessage = z.object({ message: maybeText });

export const upstreamReview = z.object({
  id: z.number(),
  node_id: maybeRaw,
  user: upstreamUser,
  author_association: maybeText,
  state: text,
  body: maybeMarkdown,
  commit_id: maybeText,
  submitted_at: maybeText,
  html_url: maybeText,
});
export const upstreamReviews = z.array(upstreamReview);

export const upstreamPullCommits = z.array(
  z.object({
    sha: text,
    author: upstreamUser,
    commit: z.object({ message: text, author: z.object({ name: maybeText, date: maybeText }).nullish() }),
  }),
);

export const upstreamCheckRuns = z.object({
  total_count: z.number(),
  check_runs: z.array(
    z.object({
      id: z.number(),
      name: text,
      status: text,
      conclusion: maybeText,
      started_at: maybeText,
      completed_at: maybeText,
      details_url: maybeText,
      app: z.object({ slug: maybeText }).nullish(),
    }),
  ),
});

export const upstreamStatus = z.object({
  state: text,
  sha: text,
  total_count: z.number(),
  statuses: z.array(z.object({ context: text, state: text, description: maybeText, target_url: maybeText })),
});

/** GraphQL from here on. */
const actor = z.object({ login: text }).nullish();
const total = z.object({ totalCount: z.number() }).nullish();
const nodes = <Shape extends z.ZodType>(shape: Shape) => z.object({ nodes: z.array(shape.nullable()) }).nullish();
const connection = <Shape extends z.ZodType>(node: Shape) =>
  z.object({
    totalCount: z.number(),
    pageInfo: z.object({ hasNextPage: z.boolean() }),
    edges: z.array(z.object({ cursor: text, node })),
  });

export const graphqlIssues = z.object({
  repository: z.object({
    issues: connection(
      z.object({
        number: z.number(),
        title: text,
        body: maybeMarkdown,
        state: text,
        stateReason: maybeText,
        url: maybeText,
        author: actor,
        authorAssociation: maybeText,
        labels: nodes(z.object({ name: text })),
        assignees: nodes(z.object({ login: text })),
        milestone: z.object({ number: z.number(), title: text }).nullish(),
        comments: total,
        reactions: total,
        createdAt: text,
        updatedAt: text,
        closedAt: maybeText,
      }),
    ),
  }),
});
export type GraphqlIssue = z.output<typeof graphqlIssues>['repository']['issues']['edges'][number]['node'];

export const graphqlThreads = z.object({
  repository: z.object({
    pullRequest: z.object({
      reviewThreads: connection(
        z.object({
          id: text,
          path: literal,
          line: count,
          diffSide: maybeText,
          isResolved: z.boolean(),
          isOutdated: z.boolean(),
          comments: z.object({
            totalCount: z.number(),
            nodes: z.array(
              z
                .object({
                  fullDatabaseId: z.union([text, z.number()]).nullish(),
                  author: actor,
                  authorAssociation: maybeText,
                  body: maybeMarkdown,
                  createdAt: text,
                })
                .nullable(),
            ),
          }),
        }),
      ),
    }),
  }),
});
export type GraphqlThread = z.output<
  typeof graphqlThreads
>['repository']['pullRequest']['reviewThreads']['edges'][number]['node'];

export const graphqlThread = z
  .object({ thread: z.object({ id: text, isResolved: z.boolean() }).nullable() })
  .nullable();
export const graphqlNewThread = z.object({
  addPullRequestReviewThread: z
    .object({ thread: z.object({ id: text, path: literal, line: count }).nullish() })
    .nullish(),
});
export const graphqlDraft = z.object({ pullRequest: z.object({ isDraft: z.boolean() }) });
/** Which pull request a thread belongs to; a node of another kind has neither. */
export const graphqlThreadPlace = z.object({
  repository: z.object({ nameWithOwner: text }),
  node: z
    .object({
      pullRequest: z.object({ number: z.number() }).optional(),
      repository: z.object({ nameWithOwner: text }).optional(),
    })
    .nullish(),
});
