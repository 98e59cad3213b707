/** An issue and a comment as a model sees them: the fields it uses, and who wrote it beside. */
import * as z from 'zod';
import { lean } from './lean.ts';
import type { UpstreamIssue, upstreamComment } from './upstream.ts';

const login = z.string();
const time = z.string();

/** Fields of an issue that GitHub's own server knows, and `repository`. */
export const ISSUE_FIELDS = [
  'number',
  'title',
  'body',
  'state',
  'state_reason',
  'draft',
  'locked',
  'html_url',
  'user',
  'author_association',
  'labels',
  'assignee',
  'assignees',
  'milestone',
  'comments',
  'reactions',
  'created_at',
  'updated_at',
  'closed_at',
  'closed_by',
  'type',
  'repository',
  'repository_url',
  'pull_request',
  'field_values',
] as const;
export type IssueField = (typeof ISSUE_FIELDS)[number];

export const issueView = z.object({
  number: z.int(),
  id: z.int().optional(),
  title: z.string().optional(),
  state: z.string().optional(),
  state_reason: z.string().optional(),
  html_url: z.string().optional(),
  repository: z.string().optional(),
  user: login.optional(),
  author_association: z.string().optional(),
  labels: z.array(z.string()).optional(),
  assignees: z.array(login).optional(),
  milestone: z.object({ number: z.int(), title: z.string() }).optional(),
  type: z.string().optional(),
  field_values: z.array(z.object({ name: z.string(), value: z.union([z.string(), z.number()]) })).optional(),
  comments: z.int().optional(),
  reactions: z.int().optional(),
  draft: z.boolean().optional(),
  locked: z.boolean().optional(),
  pull_request: z.boolean().optional(),
  sub_issues: z.object({ total: z.int(), completed: z.int() }).optional(),
  parent: z.string().optional(),
  created_at: time.optional(),
  updated_at: time.optional(),
  closed_at: time.optional(),
  closed_by: login.optional(),
  body: z.string().optional(),
  body_truncated: z.boolean().optional(),
});
export type IssueView = z.input<typeof issueView>;

/** What a search can pick of it. */
export const issueItem = issueView.omit({ id: true, sub_issues: true, parent: true });

/** Enough to recognise an issue above or below another. */
export const issueSummary = issueView.pick({
  number: true,
  id: true,
  title: true,
  state: true,
  repository: true,
  user: true,
  author_association: true,
  assignees: true,
});
export type IssueSummary = z.input<typeof issueSummary>;

/** In: an issue as GitHub gives it. Out: all that is known of it, lean. */
export function viewIssue(issue: UpstreamIssue): IssueView {
  return lean({
    number: issue.number,
    id: issue.id,
    title: issue.title,
    state: issue.state,
    state_reason: issue.state_reason,
    html_url: issue.html_url,
    repository: repositoryOf(issue.repository_url),
    user: issue.user?.login,
    author_association: issue.author_association,
    labels: issue.labels?.map((label) => (typeof label === 'string' ? label : (label.name ?? ''))),
    assignees: issue.assignees?.map((assignee) => assignee.login),
    milestone: issue.milestone && { number: issue.milestone.number, title: issue.milestone.title },
    type: issue.type?.name,
    field_values: issue.issue_field_values?.flatMap(({ issue_field_name: name, value }) =>
      name && value !== null && value !== undefined ? [{ name, value }] : [],
    ),
    comments: issue.comments,
    reactions: issue.reactions?.total_count,
    draft: issue.draft,
    locked: issue.locked,
    pull_request: issue.pull_request ? true : undefined,
    sub_issues: issue.sub_issues_summary?.total ? issue.sub_issues_summary : undefined,
    parent: parentOf(issue.parent_issue_url),
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    closed_at: issue.closed_at,
    closed_by: issue.closed_by?.login,
    body: issue.body,
  });
}

/** Fields of GitHub's own server that say what another one says too. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['assignee', 'assignees'],
  ['repository_url', 'repository'],
]);

/** In: an issue or pull request and the fields asked for. Out: those; the author stays beside title and body, the number always. */
export function pickFields<View extends { readonly number: number }>(issue: View, fields: readonly string[]): View {
  const wanted = new Set<string>(['number', ...fields.map((field) => ALIASES.get(field) ?? field)]);
  if (wanted.has('title') || wanted.has('body')) for (const name of ['user', 'author_association']) wanted.add(name);
  return Object.fromEntries(Object.entries(issue).filter(([name]) => wanted.has(name))) as View;
}

export const commentView = z.object({
  id: z.int(),
  user: login.optional(),
  author_association: z.string().optional(),
  created_at: time,
  updated_at: time.optional(),
  body: z.string().optional(),
  body_truncated: z.boolean().optional(),
});
export type CommentView = z.input<typeof commentView>;

/** In: a comment as GitHub gives it. Out: the same, lean. */
export function viewComment(comment: z.output<typeof upstreamComment>): CommentView {
  return lean({
    id: comment.id,
    user: comment.user?.login,
    author_association: comment.author_association,
    created_at: comment.created_at,
    updated_at: comment.updated_at === comment.created_at ? undefined : comment.updated_at,
    body: comment.body,
  });
}

function repositoryOf(url: string | null | undefined): string | undefined {
  return /\/repos\/([^/]+\/[^/]+)$/.exec(url ?? '')?.[1];
}

function parentOf(url: string | null | undefined): string | undefined {
  const [, repository, number] = /\/repos\/([^/]+\/[^/]+)\/issues\/(\d+)$/.exec(url ?? '') ?? [];
  return number === undefined ? undefined : `${repository}#${number}`;
}

/** In: an issue as GitHub gives it. Out: its summary. */
export function summariseIssue(issue: UpstreamIssue): IssueSummary {
  return issueSummary.parse(viewIssue(issue));
}
