/** Every way out of the catalogue, with something hidden in all that GitHub says. */
import type { AuditCount, AuditReader } from '../../../src/core/audit-query.ts';
import { toAppError } from '../../../src/core/errors.ts';
import type { ClosedRecord } from '../../../src/core/record.ts';
import type { GitHub } from '../../../src/github/client.ts';
import { shapeToolError } from '../../../src/output/shape.ts';
import { recordAt } from '../../support/log-rows.ts';
import { answering, json } from '../github/answering.ts';
import { call, prompt, read } from './calling.ts';
import { conversationWays } from './conversation-ways.ts';
import { operationWays } from './operation-ways.ts';
import { INVISIBLE, plant } from './planting.ts';
import { repositoryWays } from './repository-ways.ts';
import { account, changed, comment, entry, file, issue, pull } from './upstream-samples.ts';

/** A directory entry's name has to stay a name that can be asked for. */
const literalName = (item: ReturnType<typeof entry>) => ({
  ...(plant(item) as object),
  name: `${item.name}${INVISIBLE}`,
});

function poisoned(): GitHub {
  return answering(({ url, method }) => {
    const { pathname } = url;
    const has = (part: string) => pathname.includes(part);
    if (pathname === '/user') return json(plant(account), 200, { 'x-oauth-scopes': `repo` });
    if (has('/search/issues')) return json({ total_count: 1, items: [plant(issue(1))] });
    if (pathname === '/repos/octo/hello') return json({ private: false });
    if (has('/contents/text'))
      return json({ ...(plant(entry('text.md')) as object), ...file('text.md', `a${INVISIBLE}b`) });
    if (has('/contents/link')) return json({ ...literalName(entry('link')), type: 'symlink', target: `t${INVISIBLE}` });
    if (has('/contents/module')) {
      return json({ ...literalName(entry('module')), type: 'submodule', submodule_git_url: `git://x${INVISIBLE}` });
    }
    if (has('/contents')) return json([literalName(entry('src', 'dir')), literalName(entry('a.ts'))]);
    if (has('/files'))
      return json([plant(changed('a.ts', `+a${INVISIBLE}`, { previous_filename: 'b.ts', status: 'renamed' }))]);
    if (has('/pulls/')) return json(plant(pull(7)));
    if (has('/issues/comments/')) return json({ ...(plant(comment(5)) as object), issue_url: 'x/issues/1' });
    if (has('/comments')) return json([plant(comment(1))]);
    if (has('/labels')) return json([plant({ name: 'bug', description: 'Wrong' })]);
    if (has('/sub_issues')) return json([plant(issue(2))]);
    return json(plant(issue(1)), method === 'POST' ? 201 : 200);
  }).github;
}

/** What stands in a row was written by whoever called. */
const poisonedLog: AuditReader = {
  rows: async () => ({
    rows: [
      plant(
        recordAt(0, { result_status: 'error', error_code: 'x', error_message: 'Failed', session_id: 's' }),
      ) as ClosedRecord,
    ],
  }),
  counts: async () => ({ counts: [plant({ value: 'issue_read', calls: 1, last: '2026' }) as AuditCount] }),
};

const place = { owner: 'octo', repo: 'hello' };
const everyField = [
  'title',
  'body',
  'labels',
  'user',
  'milestone',
  'type',
  'field_values',
  'html_url',
  'repository_url',
];

export const ways: Record<string, () => Promise<unknown>> = {
  'tool get_me': () => call(poisoned(), 'get_me', {}),
  'tool search_tools': () => call(poisoned(), 'search_tools', { query: 'issues' }),
  // They answer only where there is nothing to call, with the name that came.
  ...Object.fromEntries(
    ['call_read_tool', 'call_write_tool'].map((name) => [
      `tool ${name}`,
      () => call(poisoned(), name, { name: `no${INVISIBLE}tool` }).catch((error) => shapeToolError(toAppError(error))),
    ]),
  ),
  'tool search_issues': () => call(poisoned(), 'search_issues', { query: 'x' }),
  'tool search_issues with all fields': () => call(poisoned(), 'search_issues', { query: 'x', fields: everyField }),
  'tool get_file_contents of a file': () => call(poisoned(), 'get_file_contents', { ...place, path: 'text.md' }),
  'tool get_file_contents of a directory': () =>
    call(poisoned(), 'get_file_contents', {
      ...place,
      fields: ['name', 'path', 'sha', 'url', 'html_url', 'download_url'],
    }),
  'tool get_file_contents of a symlink': () => call(poisoned(), 'get_file_contents', { ...place, path: 'link' }),
  'tool get_file_contents of a submodule': () => call(poisoned(), 'get_file_contents', { ...place, path: 'module' }),
  ...Object.fromEntries(
    ['get', 'get_comments', 'get_sub_issues', 'get_parent', 'get_labels'].map((method) => [
      `tool issue_read ${method}`,
      () => call(poisoned(), 'issue_read', { method, ...place, issue_number: 1 }),
    ]),
  ),
  'tool issue_write create': () => call(poisoned(), 'issue_write', { method: 'create', ...place, title: 't' }),
  'tool issue_write update': () =>
    call(poisoned(), 'issue_write', { method: 'update', ...place, issue_number: 1, title: 't' }),
  'tool query_audit_log of rows': () => call(poisoned(), 'query_audit_log', {}, poisonedLog),
  'tool query_audit_log of counts': () => call(poisoned(), 'query_audit_log', { count_by: 'tool' }, poisonedLog),
  ...repositoryWays,
  ...operationWays,
  ...conversationWays,
  'resource me': () => read(poisoned(), 'github://me'),
  'resource file': () => read(poisoned(), 'github://octo/hello/HEAD/contents/text.md', true),
  'resource issue': () => read(poisoned(), 'github://octo/hello/issues/1', true),
  'resource issue_comment': () => read(poisoned(), 'github://octo/hello/issues/1/comments/5', true),
  'resource file in parts': () => read(poisoned(), 'github://octo/hello/HEAD/contents/text.md?lines=1-', true),
  'resource pull_request_diff': () => read(poisoned(), 'github://octo/hello/pulls/7/diff', true),
  'resource pull_request': () => read(poisoned(), 'github://octo/hello/pulls/7', true),
  'prompt triage_issue': () => prompt(poisoned(), 'triage_issue', { ...place, issue_number: '1' }),
  'prompt fix_issue': () => prompt(poisoned(), 'fix_issue', { ...place, issue_number: '1' }),
  'prompt code_review': () => prompt(poisoned(), 'code_review', { ...place, pullNumber: '7' }),
};
