/** An issue with its conversation, as prompts embed it. */
import type * as z from 'zod';
import { utf8Bytes } from '../../output/budget.ts';
import { authorOf } from '../author.ts';
import type { CallContext } from '../define.ts';
import { withHint } from '../lean.ts';
import { type UpstreamIssue, upstreamComments, upstreamIssue } from '../upstream.ts';
import { cutLines, plainText } from './embedding.ts';

type Comment = z.output<typeof upstreamComments>[number];

/** Bytes of the description, and of all comments together. */
const BODY_BUDGET = 16 * 1024;
const TALK_BUDGET = 32 * 1024;
/** Pages of 100 comments that are read at most. */
const MAX_PAGES = 10;

const HINT = 'Check owner, repo and issue_number. GitHub also says "not found" for what the account may not see.';

export interface IssuePlace {
  readonly owner: string;
  readonly repo: string;
  readonly issue_number: number;
}

/** Out: the issue, and it with its comments as Markdown. Throws the client's errors, `upstream_not_found` with a hint. */
export async function readThread(
  { github, progress }: CallContext,
  place: IssuePlace,
): Promise<{ issue: UpstreamIssue; thread: string }> {
  const request = github.request('GET /repos/{owner}/{repo}/issues/{issue_number}', place, upstreamIssue);
  const { data: issue } = await withHint(request, 'upstream_not_found', HINT);
  await progress({ done: 1, message: 'Read the issue' });
  const comments: Comment[] = [];
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  let more = false;
  for await (const page of github.pages(route, { ...place, per_page: 100 }, upstreamComments, MAX_PAGES)) {
    comments.push(...page.data);
    more = page.more;
    await progress({ done: 1 + page.fetched, message: `Read ${comments.length} comments` });
  }
  return { issue, thread: [describe(issue), talk(comments, more)].join('\n\n') };
}

function describe(issue: UpstreamIssue): string {
  const labels = (issue.labels ?? []).map((label) => (typeof label === 'string' ? label : (label.name ?? '')));
  const assignees = (issue.assignees ?? []).map(({ login }) => login);
  return [
    `# ${plainText(issue.title)}`,
    `Author: ${authorOf(issue)}`,
    `State: ${plainText(issue.state)}${issue.state_reason ? ` (${plainText(issue.state_reason)})` : ''}`,
    `Labels: ${labels.map(plainText).join(', ') || 'none'}`,
    `Assignees: ${assignees.join(', ') || 'nobody'}`,
    `Opened: ${issue.created_at}`,
    '',
    cutLines(issue.body ?? '', BODY_BUDGET, '(the description goes on)') || '(no description)',
  ].join('\n');
}

/** The newest comments count most: where not all fit, the oldest are left out. */
function talk(comments: readonly Comment[], more: boolean): string {
  const kept: string[] = [];
  let room = TALK_BUDGET;
  for (const comment of comments.toReversed()) {
    const body = cutLines(comment.body ?? '', TALK_BUDGET / 4, '(this comment goes on)');
    const said = `## ${authorOf(comment)}, ${comment.created_at}\n${body}`;
    room -= utf8Bytes(said) + 2;
    if (room < 0) break;
    kept.unshift(said);
  }
  const left = comments.length - kept.length;
  return [
    ...(left > 0 ? [`(${left} earlier comments are not embedded)`] : []),
    ...kept,
    ...(more ? ['(there are later comments, which are not embedded)'] : []),
  ].join('\n\n');
}
