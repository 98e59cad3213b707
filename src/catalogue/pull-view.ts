/** A pull request as a model sees it: the fields it uses, and who wrote it beside. */
import * as z from 'zod';
import { lean } from './lean.ts';
import type { UpstreamPull } from './upstream-conversations.ts';

/** Fields of a pull request that GitHub's own server knows; the author's association comes with title and body. */
export const PULL_FIELDS = [
  'number',
  'title',
  'body',
  'state',
  'draft',
  'merged',
  'mergeable_state',
  'html_url',
  'user',
  'labels',
  'assignees',
  'requested_reviewers',
  'merged_by',
  'head',
  'base',
  'additions',
  'deletions',
  'changed_files',
  'commits',
  'comments',
  'created_at',
  'updated_at',
  'closed_at',
  'merged_at',
  'milestone',
] as const;
export type PullField = (typeof PULL_FIELDS)[number];

const branch = z.object({
  ref: z.string(),
  sha: z.string(),
  repo: z.string().optional(),
});

export const pullView = z.object({
  number: z.int(),
  title: z.string().optional(),
  state: z.string().optional(),
  draft: z.boolean().optional(),
  merged: z.boolean().optional(),
  mergeable: z.boolean().optional(),
  mergeable_state: z.string().optional(),
  html_url: z.string().optional(),
  user: z.string().optional(),
  author_association: z.string().optional(),
  head: branch.optional(),
  base: branch.optional(),
  labels: z.array(z.string()).optional(),
  assignees: z.array(z.string()).optional(),
  requested_reviewers: z.array(z.string()).optional(),
  milestone: z.string().optional(),
  commits: z.int().optional(),
  changed_files: z.int().optional(),
  additions: z.int().optional(),
  deletions: z.int().optional(),
  comments: z.int().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
  closed_at: z.string().optional(),
  merged_at: z.string().optional(),
  merged_by: z.string().optional(),
  merge_commit_sha: z.string().optional(),
  body: z.string().optional(),
  body_truncated: z.boolean().optional(),
});
export type PullView = z.input<typeof pullView>;

/** In: a pull request as GitHub gives it. Out: all that is known of it, lean. */
export function viewPull(pull: UpstreamPull): PullView {
  const merged = pull.merged ?? Boolean(pull.merged_at);
  const org = pull.base.repo?.full_name.split('/')[0] ?? '';
  const teams = pull.requested_teams?.map(({ slug }) => `${org}/${slug}`) ?? [];
  return lean({
    number: pull.number,
    title: pull.title,
    state: pull.state,
    draft: pull.draft || undefined,
    merged: merged || undefined,
    mergeable: pull.mergeable,
    mergeable_state: pull.mergeable_state,
    html_url: pull.html_url,
    user: pull.user?.login,
    author_association: pull.author_association,
    head: branchOf(pull.head, pull.base),
    base: branchOf(pull.base, pull.base),
    labels: pull.labels?.flatMap(({ name }) => name ?? []),
    assignees: pull.assignees?.map(({ login }) => login),
    requested_reviewers: [...(pull.requested_reviewers?.map(({ login }) => login) ?? []), ...teams],
    milestone: pull.milestone?.title,
    commits: pull.commits,
    changed_files: pull.changed_files,
    additions: pull.additions,
    deletions: pull.deletions,
    comments: pull.comments,
    created_at: pull.created_at,
    updated_at: pull.updated_at,
    closed_at: pull.closed_at,
    merged_at: pull.merged_at,
    merged_by: pull.merged_by?.login,
    // Before the merge it names GitHub's trial merge, which is of no use.
    merge_commit_sha: merged ? pull.merge_commit_sha : undefined,
    body: pull.body,
  });
}

/** What GitHub's lists say of it. */
export const pullItem = pullView.omit({
  mergeable: true,
  mergeable_state: true,
  merged_by: true,
  commits: true,
  changed_files: true,
  additions: true,
  deletions: true,
  comments: true,
  merge_commit_sha: true,
});

/** Enough to name a pull request that was written. */
export const pullSummary = pullView.pick({
  number: true,
  html_url: true,
  title: true,
  state: true,
  draft: true,
  requested_reviewers: true,
});

/** In: a pull request as GitHub gives it. Out: its summary. */
export function summarisePull(pull: UpstreamPull): z.output<typeof pullSummary> {
  return pullSummary.parse(viewPull(pull));
}

function branchOf({ ref, sha, repo }: UpstreamPull['head'], base: UpstreamPull['base']) {
  return lean({ ref, sha, repo: repo?.full_name === base.repo?.full_name ? undefined : repo?.full_name });
}
