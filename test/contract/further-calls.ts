/** Calls that ask GitHub for what the other ways do not: with every argument that leads to another route. */
import { owners } from '../../src/catalogue/completers.ts';
import type { CompletionContext } from '../../src/catalogue/define.ts';
import { call, principal } from '../unit/catalogue/calling.ts';
import { review } from '../unit/catalogue/conversation-samples.ts';
import { issue } from '../unit/catalogue/upstream-samples.ts';
import { answering, json } from '../unit/github/answering.ts';
import { examplesOf, operationOf } from './openapi.ts';

const place = { owner: 'octo', repo: 'hello' };
const pull = { ...place, pullNumber: 7 };
const fields = [{ name: 'Priority', id: 1, data_type: 'single_select', options: [{ id: 2, name: 'High' }] }];

/** A GitHub that answers with the first documented example of what is asked. */
const documented = () =>
  answering((request) => {
    const path = request.url.pathname.replace('/repos/octo/hello', '');
    // Where a call goes on only with an answer that fits its arguments.
    if (path === '/orgs/octo/issue-fields') return json(fields);
    if (path === '/issues/1') return json(issue(1));
    if (path === '/pulls/7/reviews') return json([review(5, 'PENDING', 'mona')]);
    const operation = operationOf(request);
    const [example] = operation === undefined ? [] : examplesOf(operation);
    if (example?.body === undefined) return new Response(null, { status: example?.status ?? 404 });
    return json(example.body, example.status);
  }).github;

const CALLS: readonly (readonly [name: string, args: object])[] = [
  ['dismiss_notification', { threadID: '1', state: 'done' }],
  ['mark_all_notifications_read', { ...place }],
  ['list_notifications', { ...place, filter: 'only_participating', since: '2026-01-01', before: '2026-02-01' }],
  ['list_notifications', { filter: 'include_read_notifications' }],
  ['list_gists', { username: 'mona', since: '2026-01-01' }],
  ['list_starred_repositories', { username: 'mona', sort: 'created', direction: 'asc' }],
  ['list_issue_types', { owner: 'octo' }],
  ['label_write', { ...place, method: 'delete', name: 'bug' }],
  ['pull_request_review_write', { ...pull, method: 'delete_pending' }],
  ['create_repository', { name: 'new', organization: 'acme', description: 'd', private: true, autoInit: true }],
  ['fork_repository', { ...place, organization: 'acme' }],
  ['add_issue_comment', { ...place, issue_number: 1, comment_id: 2, reaction: 'heart' }],
  ['sub_issue_write', { ...place, issue_number: 1, method: 'reprioritize', sub_issue_id: 2, after_id: 3 }],
  ['sub_issue_write', { ...place, issue_number: 1, method: 'add', sub_issue_id: 2, replace_parent: true }],
  ['actions_list', { ...place, method: 'list_workflow_runs', resource_id: 'ci.yml', page: 2, per_page: 5 }],
  [
    'actions_list',
    {
      ...place,
      method: 'list_workflow_runs',
      workflow_runs_filter: { actor: 'mona', branch: 'main', event: 'push', status: 'failure' },
    },
  ],
  ...['rerun_workflow_run', 'rerun_failed_jobs', 'cancel_workflow_run', 'delete_workflow_run_logs'].map(
    (method) => ['actions_run_trigger', { ...place, method, run_id: 9 }] as const,
  ),
  ['actions_run_trigger', { ...place, method: 'run_workflow', workflow_id: 'ci.yml', ref: 'main', inputs: { a: 1 } }],
  [
    'issue_write',
    {
      ...place,
      method: 'update',
      issue_number: 1,
      title: 't',
      body: 'b',
      labels: ['bug'],
      assignees: ['mona'],
      milestone: 1,
      type: 'Bug',
      state: 'closed',
      state_reason: 'not_planned',
      issue_fields: [{ field_name: 'Priority', field_option_name: 'High' }],
    },
  ],
  [
    'issue_write',
    { ...place, method: 'update', issue_number: 1, issue_fields: [{ field_name: 'Priority', delete: true }] },
  ],
  ['issue_write', { ...place, method: 'create', title: 't', labels: ['bug'], assignees: ['mona'], type: 'Bug' }],
  ['list_issues', { ...place, field_filters: [{ field_name: 'Priority', value: 'High' }], state: 'OPEN', perPage: 5 }],
  ['list_pull_requests', { ...place, state: 'all', head: 'octo:fix', base: 'main', sort: 'updated', direction: 'asc' }],
  ['list_commits', { ...place, sha: 'main', path: 'a', author: 'mona', since: '2026-01-01', until: '2026-02-01' }],
  ['search_issues', { query: 'x', sort: 'reactions-+1', order: 'asc', page: 2, perPage: 5 }],
  ['search_code', { query: 'x', sort: 'indexed', order: 'asc' }],
  ['search_repositories', { query: 'x', sort: 'stars', order: 'desc' }],
  ['search_commits', { query: 'x', sort: 'author-date' }],
  ['search_users', { query: 'x', sort: 'followers' }],
  ['search_orgs', { query: 'x', sort: 'joined' }],
  ['merge_pull_request', { ...pull, merge_method: 'squash', commit_title: 't', commit_message: 'm' }],
  ['update_pull_request', { ...pull, title: 't', body: 'b', state: 'open', base: 'main', maintainer_can_modify: true }],
  ['update_pull_request', { ...pull, reviewers: ['mona', 'acme/core'] }],
  ['create_pull_request', { ...place, title: 't', head: 'fix', base: 'main', body: 'b', draft: true }],
  ['update_pull_request_branch', { ...pull, expectedHeadSha: 'a'.repeat(40) }],
  ['list_code_scanning_alerts', { ...place, state: 'open', severity: 'high', ref: 'main', tool_name: 'CodeQL' }],
  ['list_secret_scanning_alerts', { ...place, state: 'open', resolution: 'wont_fix', secret_type: 'x' }],
  ['list_dependabot_alerts', { ...place, state: 'open', severity: 'high', perPage: 5, after: 'x' }],
  ['list_repository_collaborators', { ...place, affiliation: 'all', page: 1, perPage: 5 }],
  ['update_gist', { gist_id: 'abc', filename: 'a', content: 'x', description: 'd' }],
  ['create_gist', { filename: 'a', content: 'x', description: 'd', public: true }],
  ['get_commit', { ...place, sha: 'main', detail: 'none' }],
];

const completing: CompletionContext = { github: documented(), principal, publicOnly: false };

export const furtherCalls: Readonly<Record<string, () => Promise<unknown>>> = {
  ...Object.fromEntries(
    CALLS.map(([name, args]) => [`tool ${name} ${JSON.stringify(args)}`, () => call(documented(), name, args)]),
  ),
  'completion of an owner': () => owners('', {}, completing),
};
