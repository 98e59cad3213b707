/** The writing tools of issues, labels and pull requests: what GitHub is asked, what comes out, what is refused. */
import { describe, expect, it } from 'vitest';
import { type Answer, answering, json, rejection } from '../github/answering.ts';
import { call } from './calling.ts';
import { created, fullPull, HEAD, label, reaction, review, threadPlace } from './conversation-samples.ts';
import { comment, issue } from './upstream-samples.ts';

const place = { owner: 'octo', repo: 'hello' };
const pullPlace = { ...place, pullNumber: 7 };
const REPO = '/repos/octo/hello';

/** Runs a tool. Out: what GitHub was asked, as `METHOD path`, with its bodies, and the data. */
async function run(name: string, args: object, answer: Answer) {
  const { github, asked } = answering(answer);
  const { structuredContent: data } = await call(github, name, args);
  return {
    data,
    asked: asked.map(({ method, url }) => `${method} ${url.pathname.replace(REPO, '')}`),
    bodies: asked.map(({ body }) => body),
  };
}

const refusedWith = async (name: string, args: object, answer: Answer = () => json({})) =>
  await rejection(call(answering(answer).github, name, args));

describe('add_issue_comment', () => {
  const target = { ...place, issue_number: 1 };
  const answer: Answer = ({ url }) => json(url.pathname.endsWith('reactions') ? reaction : created, 201);

  it('comments, reacts to the issue or to a comment', async () => {
    expect(await run('add_issue_comment', { ...target, body: 'Hi', reaction: 'heart' }, answer)).toEqual({
      asked: ['POST /issues/1/comments', 'POST /issues/1/reactions'],
      bodies: [{ body: 'Hi' }, { content: 'heart' }],
      data: {
        comment: { id: 77, html_url: 'https://github.test/octo/hello/issues/1#issuecomment-77' },
        reaction: { id: 9, content: 'heart' },
      },
    });
    const onComment = await run('add_issue_comment', { ...target, reaction: 'heart', comment_id: 5 }, answer);
    expect(onComment.asked).toEqual(['POST /issues/comments/5/reactions']);
    expect(onComment.data).toEqual({ reaction: { id: 9, content: 'heart' } });
  });

  it('says that the comment was written where the reaction fails', async () => {
    const error = await refusedWith('add_issue_comment', { ...target, body: 'Hi', reaction: 'heart' }, ({ url }) =>
      url.pathname.endsWith('reactions') ? json({ message: 'no' }, 422) : json(created, 201),
    );
    expect(error).toMatchObject({ code: 'upstream_invalid', hint: 'Call again without body.' });
    expect((error as Error).message).toMatch(/^The comment 77 was written, but the reaction failed: /);
  });

  it.each([
    [{}, 'body'],
    [{ body: '' }, 'body'],
    [{ body: 'x', comment_id: 5 }, 'comment_id'],
    [{ reaction: 'cake' }, 'reaction'],
  ])('refuses %j', async (args, field) => {
    expect(await refusedWith('add_issue_comment', { ...target, ...args })).toMatchObject({
      code: 'invalid_arguments',
      details: { fields: expect.arrayContaining([expect.objectContaining({ field })]) },
    });
  });
});

describe('add_reply_to_pull_request_comment', () => {
  const target = { ...place, commentId: 5 };

  it('replies and reacts', async () => {
    const args = { ...target, pullNumber: 7, body: 'Done', reaction: 'rocket' };
    const { asked, bodies, data } = await run('add_reply_to_pull_request_comment', args, ({ url }) =>
      json(url.pathname.endsWith('reactions') ? reaction : comment(8), 201),
    );
    expect(asked).toEqual(['POST /pulls/7/comments/5/replies', 'POST /pulls/comments/5/reactions']);
    expect(bodies).toEqual([{ body: 'Done' }, { content: 'rocket' }]);
    expect(data).toMatchObject({ comment: { id: 8 }, reaction: { id: 9 } });
  });

  it('needs the pull request to reply', async () => {
    const error = await refusedWith('add_reply_to_pull_request_comment', { ...target, body: 'x' });
    expect(error).toMatchObject({ details: { fields: [{ field: 'pullNumber' }] } });
  });
});

describe('sub_issue_write', () => {
  const target = { ...place, issue_number: 1, sub_issue_id: 1002 };
  const answer: Answer = () => json(issue(1));

  it.each([
    ['add', { replace_parent: true }, 'POST /issues/1/sub_issues', { sub_issue_id: 1002, replace_parent: true }],
    ['remove', {}, 'DELETE /issues/1/sub_issue', { sub_issue_id: 1002 }],
    ['reprioritize', { after_id: 3 }, 'PATCH /issues/1/sub_issues/priority', { sub_issue_id: 1002, after_id: 3 }],
  ])('%s', async (method, more, asked, body) => {
    const result = await run('sub_issue_write', { ...target, method, ...more }, answer);
    expect(result).toMatchObject({ asked: [asked], bodies: [body], data: { parent: 1, sub_issues: 2 } });
  });

  it('tells ids from numbers, and refuses arguments of other methods', async () => {
    const gone: Answer = () => json({ message: 'Not Found' }, 404);
    expect(await refusedWith('sub_issue_write', { ...target, method: 'add' }, gone)).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('not its number'),
    });
    for (const [method, more, field] of [
      ['reprioritize', {}, 'after_id'],
      ['reprioritize', { after_id: 1, before_id: 2 }, 'after_id'],
      ['remove', { replace_parent: true }, 'replace_parent'],
      ['add', { before_id: 2 }, 'before_id'],
    ] as const) {
      const error = await refusedWith('sub_issue_write', { ...target, method, ...more });
      expect(error).toMatchObject({ code: 'invalid_arguments', details: { fields: [{ field }] } });
    }
  });
});

describe('label_write', () => {
  it.each([
    [
      'create',
      { color: 'd73a4a', description: 'Wrong' },
      'POST /labels',
      { name: 'kind/bug', color: 'd73a4a', description: 'Wrong' },
    ],
    ['update', { new_name: 'defect' }, 'PATCH /labels/kind%2Fbug', { new_name: 'defect' }],
    ['delete', {}, 'DELETE /labels/kind%2Fbug', undefined],
  ])('%s', async (method, more, asked, body) => {
    const args = { ...place, method, name: 'kind/bug', ...more };
    const answer: Answer = () => (method === 'delete' ? new Response(null, { status: 204 }) : json(label));
    const result = await run('label_write', args, answer);
    expect(result.asked).toEqual([asked]);
    expect(result.bodies).toEqual([body]);
    const view = { label: { name: 'kind/bug', color: 'd73a4a', description: 'Wrong' } };
    expect(result.data).toEqual(method === 'delete' ? { deleted: true } : view);
  });

  it.each([
    ['create', {}, 'color'],
    ['create', { color: '#d73a4' }, 'color'],
    ['create', { color: 'd73a4a', new_name: 'x' }, 'new_name'],
    ['update', {}, 'method'],
    ['delete', { color: 'd73a4a' }, 'color'],
  ])('%s refuses %j', async (method, more, field) => {
    expect(await refusedWith('label_write', { ...place, method, name: 'a', ...more })).toMatchObject({
      code: 'invalid_arguments',
      details: { fields: [{ field }] },
    });
  });
});

describe('create_pull_request and update_pull_request', () => {
  const create = { ...place, title: 'Round', head: 'hubot:fix', base: 'main' };
  const summary = {
    number: 7,
    title: 'Round prices',
    state: 'open',
    html_url: 'https://github.test/octo/hello/pull/7',
    requested_reviewers: ['mona', 'octo/core'],
  };

  it('opens one, then asks people and teams', async () => {
    const args = { ...create, body: 'b', draft: false, reviewers: ['mona', 'octo/core'] };
    expect(await run('create_pull_request', args, () => json(fullPull(7), 201))).toEqual({
      asked: ['POST /pulls', 'POST /pulls/7/requested_reviewers'],
      bodies: [
        { title: 'Round', head: 'hubot:fix', base: 'main', body: 'b', draft: false },
        { reviewers: ['mona'], team_reviewers: ['core'] },
      ],
      data: summary,
    });
  });

  it('says that it was opened where the reviewers are refused', async () => {
    const args = { ...create, reviewers: ['nobody'] };
    const error = await refusedWith('create_pull_request', args, ({ url }) =>
      url.pathname.endsWith('reviewers')
        ? json({ message: 'Reviews may only be requested from collaborators.' }, 422)
        : json(fullPull(7)),
    );
    expect(error).toMatchObject({ code: 'upstream_invalid', hint: expect.stringContaining('pullNumber 7') });
    expect((error as Error).message).toMatch(/^Pull request 7 was opened, but/);
  });

  it('hints at what head must be', async () => {
    const answer: Answer = () =>
      json({ message: 'Validation Failed', errors: [{ field: 'head', code: 'invalid' }] }, 422);
    expect(await refusedWith('create_pull_request', create, answer)).toMatchObject({
      code: 'upstream_invalid',
      hint: expect.stringContaining('pushed branch'),
    });
    expect(await refusedWith('create_pull_request', { ...create, reviewers: ['a b'] })).toMatchObject({
      details: { fields: [{ field: 'reviewers[0]' }] },
    });
  });

  const updating: Answer = ({ url, body }) => {
    if (url.pathname !== '/graphql') return json(fullPull(7));
    const isDraft = (body as { query: string }).query.includes('convertPullRequestToDraft');
    return json({ data: { change: { pullRequest: { isDraft } } } });
  };

  it('edits by REST and makes a draft by GraphQL', async () => {
    const { asked, bodies, data } = await run(
      'update_pull_request',
      { ...pullPlace, title: 'x', draft: true },
      updating,
    );
    expect(asked).toEqual(['PATCH /pulls/7', 'POST /graphql']);
    expect(bodies).toMatchObject([{ title: 'x' }, { variables: { id: 'PR_7' } }]);
    expect(data).toEqual({ ...summary, draft: true });
  });

  it('leaves alone what is so already', async () => {
    expect(await run('update_pull_request', { ...pullPlace, draft: false }, updating)).toMatchObject({
      asked: ['GET /pulls/7'],
    });
  });

  it('says what was done where a later step fails, and wants something to change', async () => {
    const args = { ...pullPlace, state: 'closed', draft: true };
    const error = await refusedWith('update_pull_request', args, ({ url }) =>
      url.pathname === '/graphql' ? json({ errors: [{ type: 'UNPROCESSABLE', message: 'no' }] }) : json(fullPull(7)),
    );
    expect((error as Error).message).toMatch(/^Earlier changes were made, but not draft: /);
    expect(await refusedWith('update_pull_request', pullPlace)).toMatchObject({ code: 'invalid_arguments' });
  });
});

describe('merge_pull_request and update_pull_request_branch', () => {
  it('merge', async () => {
    const done = { sha: 'e'.repeat(40), merged: true, message: 'Pull Request successfully merged' };
    const args = { ...pullPlace, merge_method: 'squash', commit_title: 't' };
    expect(await run('merge_pull_request', args, () => json(done))).toEqual({
      asked: ['PUT /pulls/7/merge'],
      bodies: [{ merge_method: 'squash', commit_title: 't' }],
      data: done,
    });
    const refused: Answer = () => json({ message: 'Pull Request is not mergeable' }, 405);
    expect(await refusedWith('merge_pull_request', pullPlace, refused)).toMatchObject({
      code: 'upstream_invalid',
      message: expect.stringContaining('not mergeable'),
      hint: expect.stringContaining('get_check_runs'),
    });
  });

  it('update branch', async () => {
    const args = { ...pullPlace, expectedHeadSha: HEAD };
    expect(await run('update_pull_request_branch', args, () => json({ message: 'Updating.', url: 'x' }, 202))).toEqual({
      asked: ['PUT /pulls/7/update-branch'],
      bodies: [{ expected_head_sha: HEAD }],
      data: { accepted: true, message: 'Updating.' },
    });
    const moved: Answer = () => json({ message: 'expected head sha didn’t match' }, 422);
    expect(await refusedWith('update_pull_request_branch', args, moved)).toMatchObject({ code: 'upstream_invalid' });
    expect(await refusedWith('update_pull_request_branch', { ...pullPlace, expectedHeadSha: 'main' })).toMatchObject({
      code: 'invalid_arguments',
    });
  });
});

describe('reviews', () => {
  const answer: Answer = ({ url, method, body }) => {
    if (url.pathname === '/graphql') {
      const { query } = body as { query: string };
      if (query.includes('node(')) return json(threadPlace());
      if (query.includes('ReviewThread(input: { threadId')) {
        return json({ data: { change: { thread: { id: 'T1', isResolved: !query.includes('unresolve') } } } });
      }
      return json({ data: { addPullRequestReviewThread: { thread: { id: 'T9', path: 'a.ts', line: 4 } } } });
    }
    if (method === 'GET') return json([review(4), review(5, 'PENDING', 'hubot'), review(6, 'PENDING', 'mona')]);
    return json(review(6, method === 'DELETE' ? 'PENDING' : 'APPROVED', 'mona'));
  };

  it('create, at once', async () => {
    const args = { ...pullPlace, method: 'create', event: 'APPROVE', body: 'Nice', commitID: HEAD };
    expect(await run('pull_request_review_write', args, answer)).toMatchObject({
      asked: ['POST /pulls/7/reviews'],
      bodies: [{ event: 'APPROVE', body: 'Nice', commit_id: HEAD }],
      data: { review_id: 6, state: 'APPROVED' },
    });
  });

  it('submit and delete find the pending review of this account', async () => {
    const submit = { ...pullPlace, method: 'submit_pending', event: 'COMMENT' };
    expect(await run('pull_request_review_write', submit, answer)).toMatchObject({
      asked: ['GET /pulls/7/reviews', 'POST /pulls/7/reviews/6/events'],
      bodies: [undefined, { event: 'COMMENT' }],
    });
    expect(await run('pull_request_review_write', { ...pullPlace, method: 'delete_pending' }, answer)).toMatchObject({
      asked: ['GET /pulls/7/reviews', 'DELETE /pulls/7/reviews/6'],
      data: { review_id: 6, deleted: true },
    });
    const none: Answer = () => json([review(4)]);
    expect(await refusedWith('pull_request_review_write', submit, none)).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('method create'),
    });
  });

  it('resolves a thread of this pull request, and of no other', async () => {
    const args = { ...pullPlace, method: 'resolve_thread', threadId: 'T1' };
    expect((await run('pull_request_review_write', args, answer)).data).toEqual({ thread_id: 'T1', is_resolved: true });
    const again = { ...args, method: 'unresolve_thread' };
    expect((await run('pull_request_review_write', again, answer)).data).toMatchObject({ is_resolved: false });
    for (const elsewhere of [
      threadPlace(8),
      threadPlace(7, 'octo/secret'),
      { data: { ...threadPlace().data, node: null } },
      { data: { ...threadPlace().data, node: {} } },
    ]) {
      const { github, asked } = answering(() => json(elsewhere));
      const error = await rejection(call(github, 'pull_request_review_write', args));
      expect(error).toMatchObject({ code: 'invalid_arguments', details: { fields: [{ field: 'threadId' }] } });
      expect(asked).toHaveLength(1);
    }
  });

  it.each([
    [{ method: 'create', event: 'COMMENT' }, 'body'],
    [{ method: 'submit_pending' }, 'event'],
    [{ method: 'delete_pending', body: 'x' }, 'body'],
    [{ method: 'resolve_thread' }, 'threadId'],
    [{ method: 'create', threadId: 'T' }, 'threadId'],
  ])('refuses %j', async (args, field) => {
    expect(await refusedWith('pull_request_review_write', { ...pullPlace, ...args })).toMatchObject({
      code: 'invalid_arguments',
      details: { fields: [{ field }] },
    });
  });

  const target = { ...pullPlace, path: 'a.ts', body: 'Why?' };

  it('adds a comment to the pending review', async () => {
    const args = { ...target, subjectType: 'LINE', line: 4, startLine: 2, side: 'LEFT' };
    expect(await run('add_comment_to_pending_review', args, answer)).toMatchObject({
      asked: ['GET /pulls/7/reviews', 'POST /graphql'],
      bodies: [
        undefined,
        {
          variables: {
            input: {
              pullRequestReviewId: 'PRR_6',
              path: 'a.ts',
              body: 'Why?',
              subjectType: 'LINE',
              line: 4,
              side: 'LEFT',
              startLine: 2,
              startSide: 'LEFT',
            },
          },
        },
      ],
      data: { thread_id: 'T9', path: 'a.ts', line: 4 },
    });
  });

  it('says that a line outside of the diff was not commented', async () => {
    const outside: Answer = ({ url }) =>
      json(
        url.pathname === '/graphql'
          ? { data: { addPullRequestReviewThread: { thread: null } } }
          : [review(6, 'PENDING', 'mona')],
      );
    expect(
      await refusedWith('add_comment_to_pending_review', { ...target, subjectType: 'FILE' }, outside),
    ).toMatchObject({
      code: 'upstream_invalid',
      hint: expect.stringContaining('get_diff'),
    });
  });

  it.each([
    [{ subjectType: 'LINE' }, 'line'],
    [{ subjectType: 'FILE', line: 3 }, 'line'],
    [{ subjectType: 'LINE', line: 3, startLine: 3 }, 'startLine'],
    [{ subjectType: 'LINE', line: 3, startSide: 'LEFT' }, 'startSide'],
    [{ subjectType: 'LINE', line: 3, path: '../a' }, 'path'],
  ])('comment refuses %j', async (args, field) => {
    expect(await refusedWith('add_comment_to_pending_review', { ...target, ...args })).toMatchObject({
      code: 'invalid_arguments',
      details: { fields: [{ field }] },
    });
  });
});
