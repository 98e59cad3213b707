import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import type { GitHub } from '../../github/client.ts';
import { RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { after, number, owner, page, pagedList, perPage, repo } from '../arguments.ts';
import { collect, fitPage } from '../collect.ts';
import { type CallContext, defineTool, type ToolResult } from '../define.ts';
import { commentView, issueSummary, issueView, summariseIssue, viewComment, viewIssue } from '../issue-view.ts';
import { lean, withHint } from '../lean.ts';
import { shrinkBody } from '../shrink.ts';
import { upstreamComments, upstreamIssue, upstreamIssues, upstreamLabels } from '../upstream.ts';
import { issueUri } from '../uris.ts';

const METHODS = ['get', 'get_comments', 'get_sub_issues', 'get_parent', 'get_labels'] as const;
const ROOM = RESULT_BUDGET - RESERVE;

const input = z.strictObject({
  method: z.enum(METHODS),
  owner,
  repo,
  issue_number: number,
  page: page.optional().describe('Default: all'),
  perPage: perPage.optional(),
  after,
});
type Args = z.output<typeof input>;

const output = z.object({
  issue: issueView.omit({ repository: true }).optional(),
  comments: z.array(commentView).optional(),
  sub_issues: z.array(issueSummary).optional(),
  parent: issueSummary.optional(),
  has_parent: z.boolean().optional(),
  labels: z.array(z.object({ name: z.string(), description: z.string().optional() })).optional(),
  ...pagedList,
});
type Data = z.input<typeof output>;
type Answer = Promise<ToolResult<Data>>;

export const issueRead = defineTool({
  name: 'issue_read',
  title: 'Get issue details',
  description: 'Read one issue: text and state, comments, labels, the issues below it or the one above.',
  toolset: 'issues',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input,
  output,
  run: async (args, context) => await READERS[args.method](args, context),
});

const READERS: Readonly<Record<Args['method'], (args: Args, context: CallContext) => Answer>> = {
  async get(args, { github }) {
    const issue = await getIssue(github, args);
    const shown = shrinkBody(issue, ROOM);
    if (shown === issue) return { data: { issue } };
    return { data: { issue: shown, truncated: true }, links: [link(args)] };
  },
  async get_comments(args, context) {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
    const found = await collect(context, route, place(args), upstreamComments, args, 'comments');
    const all = found.items.map(viewComment);
    const { shown, ...rest } = fitPage(all, found, ROOM);
    const comments = shown.map((comment) => shrinkBody(comment, ROOM));
    const cut = comments.filter((comment) => comment.body_truncated);
    return { data: { comments, ...rest }, links: cut.map((comment) => link(args, comment.id)) };
  },
  async get_sub_issues(args, context) {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/sub_issues';
    const found = await collect(context, route, place(args), upstreamIssues, args, 'sub-issues');
    const { shown, ...rest } = fitPage(found.items.map(summariseIssue), found, ROOM);
    return { data: { sub_issues: shown, ...rest } };
  },
  async get_labels(args, context) {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/labels';
    const found = await collect(context, route, place(args), upstreamLabels, args, 'labels');
    const labels = found.items.map(({ name, description }) => lean({ name: name ?? '', description }));
    const { shown, ...rest } = fitPage(labels, found, ROOM);
    return { data: { labels: shown, ...rest } };
  },
  async get_parent(args, { github }) {
    const parent = await getParent(github, args);
    if (parent === undefined) return { data: { has_parent: false } };
    return { data: { has_parent: true, parent: summariseIssue(parent) } };
  },
};

const HINT = 'Check owner, repo and issue_number. GitHub also says "not found" for what the account may not see.';

async function getIssue(github: GitHub, args: Args) {
  const request = github.request('GET /repos/{owner}/{repo}/issues/{issue_number}', place(args), upstreamIssue);
  // The repository is what was asked for.
  return { ...viewIssue((await withHint(request, 'upstream_not_found', HINT)).data), repository: undefined };
}

/** GitHub answers 404 both for an issue without a parent and for an issue that is not there: the issue itself tells. */
async function getParent(github: GitHub, args: Args) {
  try {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/parent';
    return (await github.request(route, place(args), upstreamIssue)).data;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'upstream_not_found') throw error;
    await getIssue(github, args);
    return undefined;
  }
}

function place({ owner: login, repo: name, issue_number }: Args) {
  return { owner: login, repo: name, issue_number };
}

function link(args: Args, comment?: number) {
  const name = comment === undefined ? `issue ${args.issue_number}` : `comment ${comment}`;
  return { uri: issueUri(args.owner, args.repo, args.issue_number, comment), name, mimeType: 'text/markdown' };
}
