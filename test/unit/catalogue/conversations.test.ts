/** The reading tools of issues, labels and pull requests: what GitHub is asked, what comes out, what is refused. */
import { describe, expect, it } from 'vitest';
import { answering, json, rejection } from '../github/answering.ts';
import { call } from './calling.ts';
import {
  checkRun,
  commit,
  fullPull,
  HEAD,
  issueNode,
  issuesOf,
  issueType,
  label,
  review,
  status,
  thread,
  threadsOf,
} from './conversation-samples.ts';
import { comment, issue } from './upstream-samples.ts';
import { expectWithinBudget } from './within.ts';

const place = { owner: 'octo', repo: 'hello' };
const pullPlace = { ...place, pullNumber: 7 };
const NEXT = { link: '<https://api.github.test/x?page=2>; rel="next"' };

describe('list_issues', () => {
  const variablesOf = (body: unknown) => (body as { variables: Record<string, unknown> }).variables;

  it('asks GraphQL, with every value in the variables, and returns lean issues without bodies', async () => {
    const { github, asked } = answering(() => json(issuesOf([issueNode(1), issueNode(2)], true)));
    const args = { ...place, state: 'OPEN', labels: ['bug'], since: '2026-01-01', orderBy: 'COMMENTS', perPage: 2 };
    const { structuredContent } = await call(github, 'list_issues', { ...args, direction: 'ASC', after: 'abc' });
    expect(asked[0]?.url.pathname).toBe('/graphql');
    expect(variablesOf(asked[0]?.body)).toEqual({
      ...place,
      first: 2,
      after: 'abc',
      labels: ['bug'],
      states: ['OPEN'],
      orderBy: { field: 'COMMENTS', direction: 'ASC' },
      filterBy: { since: '2026-01-01T00:00:00.000Z' },
    });
    expect(structuredContent).toEqual({
      total_count: 40,
      issues: [
        {
          number: 1,
          title: 'Issue 1',
          state: 'open',
          html_url: 'https://github.test/octo/hello/issues/1',
          user: 'hubot',
          author_association: 'CONTRIBUTOR',
          labels: ['bug'],
          comments: 3,
          reactions: 0,
          created_at: '2026-01-01T00:00:00Z',
          updated_at: '2026-01-02T00:00:00Z',
        },
        expect.objectContaining({ number: 2 }),
      ],
      next: { after: 'cursor2' },
    });
  });

  it('cuts to whole issues, with the cursor of the last one', async () => {
    const many = Array.from({ length: 30 }, (_, index) => issueNode(index + 1, 'ä'.repeat(2000)));
    const { github } = answering(() => json(issuesOf(many)));
    const called = await call(github, 'list_issues', { ...place, fields: ['body'] });
    expectWithinBudget(called);
    const { issues, next, truncated } = called.structuredContent as { issues: object[]; [key: string]: unknown };
    expect(issues.length).toBeGreaterThan(2);
    expect({ next, truncated }).toEqual({ next: { after: `cursor${issues.length}` }, truncated: true });
  });

  it('cuts one huge body and links to the whole', async () => {
    const { github } = answering(() => json(issuesOf([issueNode(1, 'line\n'.repeat(12_000))])));
    const called = await call(github, 'list_issues', { ...place, fields: ['body'] });
    expectWithinBudget(called);
    expect(called.structuredContent).toMatchObject({ issues: [{ body_truncated: true }], truncated: true });
    expect(called.content[1]).toMatchObject({ uri: 'github://octo/hello/issues/1' });
  });

  it('asks REST for custom fields, leaves pull requests out, and reads on by page', async () => {
    const { github, asked } = answering(() => json([issue(1), issue(2, { pull_request: {} })], 200, NEXT));
    const filters = [{ field_name: 'Due Date', value: '2026-12-24' }];
    const args = { ...place, field_filters: filters, fields: ['title', 'field_values'], labels: ['bug'], perPage: 2 };
    const { structuredContent } = await call(github, 'list_issues', { ...args, state: 'CLOSED' });
    expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toEqual({
      state: 'closed',
      sort: 'created',
      direction: 'desc',
      labels: 'bug',
      issue_field_values: 'due-date:2026-12-24',
      page: '1',
      per_page: '2',
    });
    expect(structuredContent.issues).toEqual([
      {
        number: 1,
        title: 'Issue 1',
        user: 'hubot',
        author_association: 'CONTRIBUTOR',
        field_values: [{ name: 'Priority', value: 'high' }],
      },
    ]);
    const { after } = structuredContent.next as { after: string };
    await call(github, 'list_issues', { ...args, after });
    expect(asked[1]?.url.searchParams.get('page')).toBe('2');
  });

  it('get_label encodes the slashes of a name, and hints at the names there are', async () => {
    const { github, asked } = answering(() => json(label));
    const { structuredContent } = await call(github, 'get_label', { ...place, name: 'kind/bug & more' });
    expect(asked[0]?.url.pathname).toBe('/repos/octo/hello/labels/kind%2Fbug%20%26%20more');
    expect(structuredContent).toEqual({ name: 'kind/bug', color: 'd73a4a', description: 'Wrong' });
    const gone = answering(() => json({ message: 'Not Found' }, 404)).github;
    expect(await rejection(call(gone, 'get_label', { ...place, name: 'x' }))).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('list_label'),
    });
    for (const name of ['', '..', 'a/../b', 'a\u0000']) {
      const refused = call(github, 'get_label', { ...place, name });
      expect(await rejection(refused)).toMatchObject({ code: 'invalid_arguments' });
    }
  });

  it('list_label reads every page', async () => {
    const { github, asked } = answering(({ url }) =>
      json([label], 200, url.searchParams.get('page') === '1' ? NEXT : {}),
    );
    const { structuredContent } = await call(github, 'list_label', place);
    expect(structuredContent.labels).toHaveLength(2);
    expect(asked[0]?.url.searchParams.get('per_page')).toBe('100');
  });

  it('list_issue_types asks the repository, or the organization', async () => {
    const { github, asked } = answering(() => json([issueType]));
    const { structuredContent } = await call(github, 'list_issue_types', place);
    await call(github, 'list_issue_types', { owner: 'octo' });
    expect(asked.map(({ url }) => url.pathname)).toEqual(['/repos/octo/hello/issue-types', '/orgs/octo/issue-types']);
    expect(structuredContent).toEqual({
      issue_types: [{ id: 4, name: 'Bug', description: 'Wrong', is_enabled: true }],
    });
    const none = answering(() => json({ message: 'Not Found' }, 404)).github;
    expect(await rejection(call(none, 'list_issue_types', place))).toMatchObject({
      hint: expect.stringContaining('organization'),
    });
  });
});

describe('list_pull_requests and search_pull_requests', () => {
  it('passes the filters on and returns lean pull requests', async () => {
    const { github, asked } = answering(() => json([fullPull(7)], 200, NEXT));
    const args = { ...place, state: 'all', head: 'hubot:fix', base: 'main', sort: 'updated', direction: 'asc' };
    const { structuredContent } = await call(github, 'list_pull_requests', args);
    expect(asked[0]?.url.search).toBe(
      '?state=all&head=hubot%3Afix&base=main&sort=updated&direction=asc&page=1&per_page=30',
    );
    expect(structuredContent).toMatchObject({
      pull_requests: [
        {
          number: 7,
          user: 'hubot',
          author_association: 'MEMBER',
          head: { ref: 'fix', sha: HEAD, repo: 'hubot/hello' },
          base: { ref: 'main', sha: 'b'.repeat(40) },
          requested_reviewers: ['mona', 'octo/core'],
        },
      ],
      next: { page: 2, perPage: 30 },
    });
    expect(JSON.stringify(structuredContent)).not.toMatch(/null|"body"|merge_commit_sha|node_id|"url"/);
    const titles = await call(github, 'list_pull_requests', { ...place, fields: ['title', 'body'] });
    expect(titles.structuredContent.pull_requests).toEqual([
      { number: 7, title: 'Round prices', user: 'hubot', author_association: 'MEMBER', body: 'Fixes rounding.' },
    ]);
  });

  it('searches pull requests only', async () => {
    const items = [issue(7, { pull_request: {}, draft: true })];
    const { github, asked } = answering(() => json({ total_count: 1, items }));
    const { structuredContent } = await call(github, 'search_pull_requests', { query: 'a OR b', ...place });
    expect(asked[0]?.url.searchParams.get('q')).toBe('is:pr repo:octo/hello (a OR b)');
    expect(structuredContent).toMatchObject({ total_count: 1, pull_requests: [{ number: 7, draft: true }] });
    const refused = call(github, 'search_pull_requests', { query: 'is:issue x' });
    expect(await rejection(refused)).toMatchObject({ code: 'invalid_arguments' });
  });
});

describe('pull_request_read', () => {
  const reading = (method: string, answers: Record<string, unknown>, headers = {}) => {
    const { github, asked } = answering(({ url }) => {
      const path = url.pathname.replace('/repos/octo/hello', '');
      return path in answers ? json(answers[path], 200, headers) : json({ message: 'Not Found' }, 404);
    });
    const run = async (more = {}) =>
      (await call(github, 'pull_request_read', { ...pullPlace, method, ...more })).structuredContent;
    return { run, asked, github };
  };
  const base = { '/pulls/7': fullPull(7) };

  it('get', async () => {
    const { pull_request } = await reading('get', base).run();
    expect(pull_request).toEqual({
      number: 7,
      title: 'Round prices',
      state: 'open',
      mergeable: true,
      mergeable_state: 'clean',
      html_url: 'https://github.test/octo/hello/pull/7',
      user: 'hubot',
      author_association: 'MEMBER',
      head: { ref: 'fix', sha: HEAD, repo: 'hubot/hello' },
      base: { ref: 'main', sha: 'b'.repeat(40) },
      labels: ['bug'],
      assignees: ['mona'],
      requested_reviewers: ['mona', 'octo/core'],
      commits: 2,
      changed_files: 1,
      additions: 1,
      deletions: 1,
      comments: 3,
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-02T00:00:00Z',
      body: 'Fixes rounding.',
    });
  });

  it('get_status and get_check_runs ask for the head commit', async () => {
    const statuses = { state: 'failure', sha: HEAD, total_count: 1, statuses: [status] };
    const one = reading('get_status', { ...base, [`/commits/${HEAD}/status`]: statuses });
    expect(await one.run()).toEqual({
      state: 'failure',
      head_sha: HEAD,
      total_count: 1,
      statuses: [
        { context: 'ci/deploy', state: 'failure', description: 'No space left', target_url: 'https://ci.test/1' },
      ],
    });
    const runs = { total_count: 1, check_runs: [checkRun(3)] };
    const two = reading('get_check_runs', { ...base, [`/commits/${HEAD}/check-runs`]: runs });
    expect(await two.run()).toMatchObject({
      head_sha: HEAD,
      check_runs: [{ id: 3, name: 'build 3', status: 'completed', conclusion: 'failure' }],
    });
  });

  it('get_files, get_commits, get_reviews and get_comments', async () => {
    const file = { filename: 'a.ts', status: 'modified', additions: 1, deletions: 2, patch: '@@ -1 +1 @@' };
    const files = reading('get_files', { '/pulls/7/files': [file] }, NEXT);
    expect(await files.run({ page: 1, perPage: 1 })).toEqual({
      files: [{ filename: 'a.ts', status: 'modified', additions: 1, deletions: 2 }],
      next: { page: 2, perPage: 1 },
    });
    expect(await reading('get_commits', { '/pulls/7/commits': [commit] }).run()).toEqual({
      commits: [{ sha: HEAD, message: 'Round', author: 'hubot', date: '2026-01-01T00:00:00Z' }],
    });
    expect(await reading('get_reviews', { '/pulls/7/reviews': [review(5, 'APPROVED')] }).run()).toEqual({
      reviews: [
        {
          id: 5,
          user: 'hubot',
          author_association: 'MEMBER',
          state: 'APPROVED',
          body: 'Review 5',
          commit_id: HEAD,
          submitted_at: '2026-01-02T00:00:00Z',
        },
      ],
    });
    expect(await reading('get_comments', { '/issues/7/comments': [comment(1)] }).run()).toMatchObject({
      comments: [{ id: 1, user: 'hubot', author_association: 'NONE', body: 'Comment 1' }],
    });
  });

  it('get_review_comments returns threads, reads on by GitHub’s cursor, and cuts', async () => {
    const { github, asked } = answering(() => json(threadsOf([thread('T1', ['Why?', 'Because.'])], true)));
    const called = await call(github, 'pull_request_read', { ...pullPlace, method: 'get_review_comments', after: 'x' });
    expect(asked[0]?.body).toMatchObject({ variables: { ...place, number: 7, first: 30, after: 'x' } });
    expect(called.structuredContent).toEqual({
      threads: [
        {
          id: 'T1',
          path: 'src/price.ts',
          line: 12,
          is_resolved: false,
          is_outdated: true,
          comments: [
            { id: 1, user: 'mona', author_association: 'OWNER', created_at: '2026-01-01T00:00:00Z', body: 'Why?' },
            expect.objectContaining({ id: 2, body: 'Because.' }),
          ],
        },
      ],
      total_count: 1,
      next: { after: 'thread1' },
    });
    const long = Array.from({ length: 50 }, () => 'word '.repeat(900));
    const many = answering(() => json(threadsOf([thread('T1', long), thread('T2', ['x'])])));
    const cut = await call(many.github, 'pull_request_read', { ...pullPlace, method: 'get_review_comments' });
    expectWithinBudget(cut);
    expect(cut.structuredContent).toMatchObject({ truncated: true, next: { after: 'thread1' } });
  });

  it('says what to check where nothing is found, and refuses arguments of other methods', async () => {
    const { run, github } = reading('get', {});
    expect(await rejection(run())).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('pullNumber'),
    });
    for (const [method, more, field] of [
      ['get_diff', { page: 2 }, 'page'],
      ['nope', {}, 'method'],
    ] as const) {
      const refused = call(github, 'pull_request_read', { ...pullPlace, method, ...more });
      expect(await rejection(refused)).toMatchObject({ code: 'invalid_arguments', details: { fields: [{ field }] } });
    }
  });
});
