/**
 * What this catalogue needs of GitHub's answers (GitHub REST, version 2022-11-28). Only the fields that are used;
 * everything that GitHub leaves out or sets to null somewhere may be missing here. Each string says what it is, and is
 * freed of hidden content accordingly: so no tool, resource or prompt ever holds text that was not.
 */
import * as z from 'zod';
import { withoutComments, withoutHidden } from '../output/hidden.ts';
import { sanitiseText } from '../output/sanitise.ts';

/** Titles, names, states, addresses: shown as they are. */
export const text = z.string().transform(withoutComments);
export const maybeText = text.nullish();
/** Bodies and comments: shown as GitHub renders them. */
export const maybeMarkdown = z.string().transform(withoutHidden).nullish();
/** Paths and patches: comments in them are their content. */
export const literal = z.string().transform(sanitiseText);
export const maybeLiteral = literal.nullish();
/** Read by the program only: bytes as base64, and what says so. */
export const maybeRaw = z.string().nullish();

export const upstreamUser = z.object({ login: text }).nullish();

export const upstreamAccount = z.object({
  login: text,
  id: z.number(),
  name: maybeText,
  email: maybeText,
  company: maybeText,
  location: maybeText,
  blog: maybeText,
  bio: maybeText,
  html_url: maybeText,
  created_at: maybeText,
  public_repos: z.number().nullish(),
  total_private_repos: z.number().nullish(),
  followers: z.number().nullish(),
  following: z.number().nullish(),
});
export type UpstreamAccount = z.output<typeof upstreamAccount>;

const label = z.object({ name: maybeText, description: maybeText });
export const upstreamLabels = z.array(label);

export const upstreamIssue = z.object({
  number: z.number(),
  id: z.number(),
  title: text,
  state: text,
  state_reason: maybeText,
  html_url: text,
  url: maybeText,
  repository_url: maybeText,
  user: upstreamUser,
  author_association: maybeText,
  body: maybeMarkdown,
  labels: z.array(z.union([text, label])).nullish(),
  assignee: upstreamUser,
  assignees: z.array(z.object({ login: text })).nullish(),
  milestone: z.object({ number: z.number(), title: text }).nullish(),
  type: z.object({ name: text }).nullish(),
  comments: z.number().nullish(),
  reactions: z.object({ total_count: z.number().nullish() }).nullish(),
  draft: z.boolean().nullish(),
  locked: z.boolean().nullish(),
  created_at: text,
  updated_at: text,
  closed_at: maybeText,
  closed_by: upstreamUser,
  pull_request: z.object({}).nullish(),
  sub_issues_summary: z.object({ total: z.number(), completed: z.number() }).nullish(),
  parent_issue_url: maybeText,
  issue_field_values: z
    .array(z.object({ issue_field_name: maybeText, value: z.union([text, z.number()]).nullish() }))
    .nullish(),
});
export const upstreamIssues = z.array(upstreamIssue);
export type UpstreamIssue = z.output<typeof upstreamIssue>;

export const upstreamIssueSearch = z.object({
  total_count: z.number(),
  incomplete_results: z.boolean().nullish(),
  items: upstreamIssues,
});

export const upstreamComment = z.object({
  id: z.number(),
  user: upstreamUser,
  author_association: maybeText,
  created_at: text,
  updated_at: maybeText,
  issue_url: maybeText,
  body: maybeMarkdown,
});
export const upstreamComments = z.array(upstreamComment);

export const upstreamEntry = z.object({
  type: text,
  name: literal,
  path: literal,
  size: z.number().nullish(),
  sha: text,
  url: maybeText,
  git_url: maybeText,
  html_url: maybeText,
  download_url: maybeText,
});
export const upstreamContents = z.union([
  z.array(upstreamEntry),
  upstreamEntry.extend({
    size: z.number(),
    content: maybeRaw,
    encoding: maybeRaw,
    target: maybeLiteral,
    submodule_git_url: maybeText,
  }),
]);

export const upstreamRepository = z.object({ private: z.boolean(), visibility: maybeText });

const side = z.object({ ref: text, sha: text, label: maybeText });
export const upstreamPull = z.object({
  number: z.number(),
  title: text,
  body: maybeMarkdown,
  state: text,
  draft: z.boolean().nullish(),
  user: upstreamUser,
  author_association: maybeText,
  base: side,
  head: side,
  additions: z.number().nullish(),
  deletions: z.number().nullish(),
  changed_files: z.number().nullish(),
});

export const upstreamFiles = z.array(
  z.object({
    filename: literal,
    previous_filename: maybeLiteral,
    status: text,
    additions: z.number(),
    deletions: z.number(),
    patch: maybeLiteral,
  }),
);

export const upstreamIssueFields = z.array(
  z.object({
    id: z.number(),
    name: text,
    data_type: text,
    options: z.array(z.object({ name: text })).nullish(),
  }),
);
