/** Every way out of the tools of issues, labels and pull requests, with something hidden in all that GitHub says. */
import type { GitHub } from '../../../src/github/client.ts';
import { answering, json } from '../github/answering.ts';
import { call } from './calling.ts';
import {
  checkRun,
  commit,
  created,
  fullPull,
  issue,
  issueNode,
  issuesOf,
  issueType,
  label,
  reaction,
  review,
  status,
  thread,
  threadPlace,
  threadsOf,
} from './conversation-samples.ts';
import { INVISIBLE, plant } from './planting.ts';
import { changed, comment } from './upstream-samples.ts';

const place = { owner: 'octo', repo: 'hello' };
const pullPlace = { ...place, pullNumber: 7 };

function graphql(query: string): unknown {
  if (query.includes('issues(')) return issuesOf([issueNode(1)], true);
  if (query.includes('reviewThreads(')) return threadsOf([thread('T1', ['Why?'])], true);
  if (query.includes('addPullRequestReviewThread')) {
    return { data: { addPullRequestReviewThread: { thread: { id: 'T1', path: 'a.ts', line: 3 } } } };
  }
  if (query.includes('node(')) return threadPlace();
  if (query.includes('thread {')) return { data: { change: { thread: { id: 'T1', isResolved: true } } } };
  return { data: { change: { pullRequest: { isDraft: true } } } };
}

function poisoned(): GitHub {
  return answering(({ url: { pathname }, method, body }) => {
    const path = pathname.replace('/repos/octo/hello', '');
    if (path === '/graphql') return json(plant(graphql((body as { query: string }).query)));
    if (path === '/search/issues') return json({ total_count: 1, items: [plant(issue(1))] });
    if (path.endsWith('/issue-types')) return json([plant(issueType)]);
    if (method === 'DELETE' && !path.endsWith('/sub_issue')) return new Response(null, { status: 204 });
    if (path.endsWith('/reactions')) return json(plant(reaction), 201);
    if (path.startsWith('/labels')) return json(path === '/labels' && method === 'GET' ? [plant(label)] : plant(label));
    if (path.endsWith('/comments') || path.endsWith('/replies')) {
      return method === 'POST' ? json(plant(created), 201) : json([plant(comment(1))]);
    }
    if (path.endsWith('/files')) {
      const moved = { previous_filename: 'b.ts', status: 'renamed' };
      return json([plant(changed('a.ts', `@@ -1 +1 @@\n+a${INVISIBLE}`, moved))]);
    }
    if (path.endsWith('/pulls/7/commits')) return json([plant(commit)]);
    if (path.endsWith('/check-runs')) return json({ total_count: 1, check_runs: [plant(checkRun(1))] });
    if (path.endsWith('/status'))
      return json(plant({ state: 'failure', sha: 'c', total_count: 1, statuses: [status] }));
    if (path.endsWith('/reviews') && method === 'GET') return json([plant(review(5, 'PENDING', 'mona'))]);
    if (path.includes('/reviews')) return json(plant(review(5)));
    if (path.endsWith('/merge')) return json(plant({ sha: 'e'.repeat(40), merged: true, message: 'Merged' }));
    if (path.endsWith('/update-branch')) return json(plant({ message: 'Updating' }), 202);
    if (path === '/pulls' && method === 'GET') return json([plant(fullPull(7))]);
    if (path.startsWith('/pulls')) return json(plant(fullPull(7)));
    if (path === '/issues') return json([plant(issue(1))]);
    return json(plant(issue(1)));
  }).github;
}

const fields = ['title', 'body', 'labels', 'html_url', 'milestone'];
const methods = (name: string, args: object, list: readonly string[], more: object = {}) =>
  Object.fromEntries(
    list.map((method) => [`tool ${name} ${method}`, () => call(poisoned(), name, { ...args, ...more, method })]),
  );
const one = (name: string, args: object, what = '') => ({
  [`tool ${name}${what && ` ${what}`}`]: () => call(poisoned(), name, args),
});

export const conversationWays: Record<string, () => Promise<unknown>> = {
  ...one('list_issues', { ...place, fields }),
  ...one('list_issues', { ...place, fields: [...fields, 'field_values'] }, 'with custom fields'),
  ...one('list_issue_types', place),
  ...one('add_issue_comment', { ...place, issue_number: 1, body: 'x', reaction: 'heart' }),
  ...methods('sub_issue_write', { ...place, issue_number: 1, sub_issue_id: 2 }, ['add', 'remove']),
  ...one('get_label', { ...place, name: 'kind/bug' }),
  ...one('list_label', place),
  ...one('label_write', { ...place, method: 'create', name: 'bug', color: 'ff0000' }, 'create'),
  ...one('label_write', { ...place, method: 'update', name: 'bug', new_name: 'x' }, 'update'),
  ...methods('pull_request_read', pullPlace, [
    'get',
    'get_diff',
    'get_status',
    'get_files',
    'get_commits',
    'get_review_comments',
    'get_reviews',
    'get_comments',
    'get_check_runs',
  ]),
  ...one('list_pull_requests', { ...place, fields }),
  ...one('search_pull_requests', { query: 'x', fields }),
  ...one('create_pull_request', { ...place, title: 't', head: 'fix', base: 'main', reviewers: ['mona'] }),
  ...one('update_pull_request', { ...pullPlace, title: 't', draft: true }),
  ...one('update_pull_request_branch', pullPlace),
  ...one('merge_pull_request', pullPlace),
  ...one('pull_request_review_write', { ...pullPlace, method: 'create', event: 'APPROVE' }, 'create'),
  ...one('pull_request_review_write', { ...pullPlace, method: 'submit_pending', event: 'APPROVE' }, 'submit_pending'),
  ...methods('pull_request_review_write', { ...pullPlace, threadId: 'T1' }, ['resolve_thread', 'unresolve_thread']),
  ...one('add_comment_to_pending_review', { ...pullPlace, path: 'a.ts', body: 'x', subjectType: 'LINE', line: 3 }),
  ...one('add_reply_to_pull_request_comment', { ...pullPlace, commentId: 1, body: 'x', reaction: 'eyes' }),
};
