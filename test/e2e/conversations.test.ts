/** Issues, labels, pull requests and reviews on the whole path, in both eras; writes are read back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../../src/cli/clients.ts';
import { ERAS } from '../support/eras.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack({
  // Questions to the person have tests of their own: confirm.test.ts.
  CONFIRM_OFF: 'all',
  LIMIT_CLIENT: '10000/1',
  LIMIT_USER: '10000/1',
  LIMIT_WRITE: '10000/1',
  LIMIT_SEARCH: '10000/1',
});

const web = { owner: 'acme', repo: 'web' };
type Data = Record<string, unknown>;

describe.each(ERAS)('in the $era era', ({ era, connect, call }) => {
  const person = new Person({ clientName: `Talk ${era}`, choose: (boxes) => boxes.map(({ scope }) => scope) });
  let connected: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    connected = await connect(stack().mcpUrl, { person });
  });
  afterAll(async () => await connected.close());

  /** What a call returns as data; fails where it is an error. */
  async function data<T extends object = Data>(name: string, args: Data): Promise<T> {
    const result = await call(connected.client, name, args);
    expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
    return result.structuredContent as T;
  }

  /** The code of the error that a call ends in. */
  async function code(name: string, args: Data): Promise<unknown> {
    const result = await call(connected.client, name, args);
    expect(result.isError, JSON.stringify(result.content)).toBe(true);
    return /^Error (\w+):/.exec((result.content as { text: string }[])[0]?.text ?? '')?.[1];
  }

  const newIssue = async (title: string) =>
    (await data<{ number: number }>('issue_write', { method: 'create', ...web, title, labels: ['question'] })).number;

  /** Opens a pull request of its own. */
  async function newPull(name: string, more: Data = {}): Promise<number> {
    const as = stack().github.as('octocat');
    const tip = (await as('GET', '/repos/acme/web/git/ref/heads/main')).body as { object: { sha: string } };
    await as('POST', '/repos/acme/web/git/refs', { ref: `refs/heads/${name}`, sha: tip.object.sha });
    const content = Buffer.from(`# ${name}\n\none\ntwo\n`).toString('base64');
    await as('PUT', `/repos/acme/web/contents/docs/${name}.md`, { message: `Add ${name}`, branch: name, content });
    const args = { ...web, title: `Add ${name}`, head: name, base: 'main', body: 'From a test.', ...more };
    return (await data<{ number: number }>('create_pull_request', args)).number;
  }

  it('lists issues by cursor, filtered, to the end', async () => {
    const seen: number[] = [];
    let after: unknown;
    do {
      const page = await data<{ issues: { number: number }[]; next_cursor?: string; total_count: number }>(
        'list_issues',
        {
          ...web,
          perPage: 4,
          orderBy: 'CREATED_AT',
          direction: 'ASC',
          ...(after !== undefined && { after }),
        },
      );
      seen.push(...page.issues.map(({ number }) => number));
      after = page.next_cursor;
    } while (after !== undefined);
    expect(seen.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
    const bugs = await data('list_issues', { ...web, labels: ['bug'], state: 'OPEN', fields: ['title', 'labels'] });
    expect(JSON.stringify(bugs)).toContain('Cart total is one cent too low');
    expect(JSON.stringify(bugs)).not.toContain('rocket skates');
    const fields = [{ field_name: 'Priority', value: 'High' }];
    expect((await data('list_issues', { ...web, field_filters: fields, perPage: 2 })).next_cursor).toEqual(
      expect.any(String),
    );
    expect(await code('list_issues', { owner: 'acme', repo: 'nothing' })).toBe('upstream_not_found');
    expect(await data('list_issue_types', web)).toMatchObject({ issue_types: [{ name: 'Bug' }, {}, {}] });
    expect(await code('list_issue_types', { owner: 'octocat' })).toBe('upstream_not_found');
  });

  it('comments, reacts, and puts issues below each other', async () => {
    const [parent, first, second] = [await newIssue('Above'), await newIssue('First'), await newIssue('Second')];
    const issue = { ...web, issue_number: parent };
    const written = await data('add_issue_comment', { ...issue, body: 'Looks good.', reaction: 'rocket' });
    expect(written).toMatchObject({ comment: { id: expect.any(Number) }, reaction: { content: 'rocket' } });
    expect(await data('issue_read', { ...issue, method: 'get_comments' })).toMatchObject({
      comments: [{ body: 'Looks good.', user: 'octocat' }],
    });
    expect(await code('add_issue_comment', { ...web, issue_number: 9999, body: 'x' })).toBe('upstream_not_found');

    const idOf = async (number: number) =>
      (await data<{ issue: { id: number } }>('issue_read', { ...web, issue_number: number, method: 'get' })).issue.id;
    const [a, b] = [await idOf(first), await idOf(second)];
    const numbers = async () =>
      (
        await data<{ sub_issues: { number: number }[] }>('issue_read', { ...issue, method: 'get_sub_issues' })
      ).sub_issues.map(({ number }) => number);
    for (const sub_issue_id of [a, b]) await data('sub_issue_write', { ...issue, method: 'add', sub_issue_id });
    expect(await numbers()).toEqual([first, second]);
    await data('sub_issue_write', { ...issue, method: 'reprioritize', sub_issue_id: b, before_id: a });
    expect(await numbers()).toEqual([second, first]);
    await data('sub_issue_write', { ...issue, method: 'remove', sub_issue_id: a });
    expect(await numbers()).toEqual([second]);
    expect(await code('sub_issue_write', { ...issue, method: 'add', sub_issue_id: 999_999 })).toBe(
      'upstream_not_found',
    );
  });

  it('creates, renames and deletes a label with a slash in its name', async () => {
    const label = { ...web, name: `area/${era} ui` };
    await data('label_write', { ...label, method: 'create', color: 'ff8800', description: 'Looks' });
    expect(await data('get_label', label)).toEqual({ name: label.name, color: 'ff8800', description: 'Looks' });
    expect(await code('label_write', { ...label, method: 'create', color: 'ff8800' })).toBe('upstream_invalid');
    await data('label_write', { ...label, method: 'update', new_name: `area/${era}` });
    const names = async () => JSON.stringify((await data('list_label', web)).labels);
    expect(await names()).toContain(`"area/${era}"`);
    await data('label_write', { ...web, name: `area/${era}`, method: 'delete' });
    expect(await names()).not.toContain(`area/${era}`);
    expect(await code('get_label', label)).toBe('upstream_not_found');
  });

  it('reads a pull request: files, commits, CI, and a long diff to its end', async () => {
    const { pull_requests } = await data<{ pull_requests: { number: number; title: string }[] }>('list_pull_requests', {
      ...web,
      fields: ['title'],
    });
    const numberOf = (title: string) => pull_requests.find((pull) => pull.title === title)?.number;
    const rounding = { ...web, pullNumber: numberOf('Round prices half up') };
    expect(await data('pull_request_read', { ...rounding, method: 'get' })).toMatchObject({
      pull_request: { title: 'Round prices half up', user: 'octocat', changed_files: 3 },
    });
    expect(JSON.stringify(await data('pull_request_read', { ...rounding, method: 'get_files' }))).toContain(
      'src/price.ts',
    );
    expect(await data('pull_request_read', { ...rounding, method: 'get_commits' })).toMatchObject({
      commits: expect.arrayContaining([expect.objectContaining({ message: 'Round prices half up' })]),
    });
    expect(await data('pull_request_read', { ...rounding, method: 'get_status' })).toMatchObject({
      head_sha: expect.any(String),
    });
    expect(await data('pull_request_read', { ...rounding, method: 'get_check_runs' })).toMatchObject({
      check_runs: expect.any(Array),
    });
    const { diff } = await data<{ diff: string }>('pull_request_read', { ...rounding, method: 'get_diff' });
    expect(diff).toContain('+  return Math.round(amount * 100) as Cents;');
    expect(diff).toContain(
      'diff --git a/docs/notes/release checklist.md b/docs/notes/release checklist.md\ndeleted file\n',
    );

    const whole = async (title: string) => {
      const pages: string[] = [];
      let after: unknown;
      do {
        const args = { ...web, pullNumber: numberOf(title), method: 'get_diff', ...(after !== undefined && { after }) };
        const page = await data<{ diff: string; next_cursor?: string }>('pull_request_read', args);
        pages.push(page.diff);
        after = page.next_cursor;
      } while (after !== undefined);
      return pages;
    };
    const prices = await whole('Prices for the new season');
    expect(prices.length).toBeGreaterThan(1);
    expect(prices.join('').match(/^\+ {2}\{ sku:/gm)).toHaveLength(420);
    const locales = await whole('Add a locale for every country we ship to');
    expect(locales.join('').match(/^diff --git /gm)).toHaveLength(120);

    expect(await code('pull_request_read', { ...web, pullNumber: 9999, method: 'get_diff' })).toBe(
      'upstream_not_found',
    );
    expect(await data('search_pull_requests', { ...web, query: 'season' })).toMatchObject({
      pull_requests: [{ title: 'Prices for the new season' }],
    });
    expect(await code('search_pull_requests', { query: '' })).toBe('invalid_arguments');
    expect(await code('list_pull_requests', { owner: 'acme', repo: 'nothing' })).toBe('upstream_not_found');
  });

  it('opens a pull request, changes it, updates its branch and merges it', async () => {
    const number = await newPull(`merge-${era}`, { draft: true, reviewers: ['hubot'] });
    const pull = { ...web, pullNumber: number };
    const read = async () =>
      (await data<{ pull_request: Data & { head: { sha: string } } }>('pull_request_read', { ...pull, method: 'get' }))
        .pull_request;
    expect(await read()).toMatchObject({ draft: true, body: 'From a test.', requested_reviewers: ['hubot'] });
    expect(await code('merge_pull_request', pull)).toBe('upstream_invalid');
    expect(await data('update_pull_request', { ...pull, title: 'Better', draft: false })).toMatchObject({
      title: 'Better',
    });
    const ready = await read();
    expect(ready).toMatchObject({ title: 'Better' });
    expect(ready).not.toHaveProperty('draft');

    expect(await code('update_pull_request_branch', { ...pull, expectedHeadSha: 'f'.repeat(40) })).toBe(
      'upstream_invalid',
    );
    expect(await data('update_pull_request_branch', { ...pull, expectedHeadSha: ready.head.sha })).toMatchObject({
      accepted: true,
    });
    expect((await read()).head.sha).not.toBe(ready.head.sha);

    expect(await data('merge_pull_request', { ...pull, merge_method: 'squash' })).toMatchObject({ merged: true });
    expect(await read()).toMatchObject({ state: 'closed', merged: true, merged_by: 'octocat' });
    expect(await code('merge_pull_request', pull)).toBe('upstream_invalid');
    const nowhere = { owner: 'acme', repo: 'nothing', title: 'x', head: 'a', base: 'main' };
    expect(await code('create_pull_request', nowhere)).toBe('upstream_not_found');
    expect(await code('update_pull_request', { ...web, pullNumber: 9999, title: 'x' })).toBe('upstream_not_found');
  });

  it('reviews: pending with comments, submitted, answered, resolved; another deleted', async () => {
    const name = `review-${era}`;
    const number = await newPull(name);
    const pull = { ...web, pullNumber: number };
    const review = async (args: Data) => await data('pull_request_review_write', { ...pull, ...args });
    const line = { ...pull, path: `docs/${name}.md`, subjectType: 'LINE', line: 3 };
    expect(await code('add_comment_to_pending_review', { ...line, body: 'Why?' })).toBe('upstream_not_found');

    expect(await review({ method: 'create' })).toMatchObject({ state: 'PENDING' });
    const { thread_id: threadId } = await data('add_comment_to_pending_review', { ...line, body: 'Why one?' });
    expect(await code('add_comment_to_pending_review', { ...line, path: 'else.md', body: 'x' })).toBe(
      'upstream_invalid',
    );
    expect(await review({ method: 'submit_pending', event: 'COMMENT', body: 'Almost.' })).toMatchObject({
      state: 'COMMENTED',
    });
    expect(await data('pull_request_read', { ...pull, method: 'get_reviews' })).toMatchObject({
      reviews: [{ state: 'COMMENTED', body: 'Almost.', user: 'octocat' }],
    });

    const threads = async () =>
      (
        await data<{ threads: { is_resolved: boolean; comments: { id: number; body: string }[] }[] }>(
          'pull_request_read',
          {
            ...pull,
            method: 'get_review_comments',
          },
        )
      ).threads;
    const [before] = await threads();
    const commentId = before?.comments[0]?.id;
    const reply = { ...pull, commentId, body: 'Because.', reaction: 'eyes' };
    expect(await data('add_reply_to_pull_request_comment', reply)).toMatchObject({ reaction: { content: 'eyes' } });
    expect(await code('add_reply_to_pull_request_comment', { ...reply, commentId: 999_999 })).toMatch(/^upstream_/);
    expect(await review({ method: 'resolve_thread', threadId })).toEqual({ thread_id: threadId, is_resolved: true });
    expect((await threads())[0]).toMatchObject({
      is_resolved: true,
      comments: [{ body: 'Why one?' }, { id: expect.any(Number), body: 'Because.' }],
    });
    await review({ method: 'unresolve_thread', threadId });
    expect((await threads())[0]).toMatchObject({ is_resolved: false });
    expect(await code('pull_request_review_write', { ...pull, method: 'resolve_thread', threadId: 'PRRT_0' })).toBe(
      'upstream_not_found',
    );
    const elsewhere = { ...pull, pullNumber: 7, method: 'resolve_thread', threadId };
    expect(await code('pull_request_review_write', elsewhere)).toBe('invalid_arguments');

    await data('add_issue_comment', { ...web, issue_number: number, body: 'In the conversation.' });
    expect(await data('pull_request_read', { ...pull, method: 'get_comments' })).toMatchObject({
      comments: [{ body: 'In the conversation.' }],
    });

    await review({ method: 'create', body: 'Never mind.' });
    expect(await review({ method: 'delete_pending' })).toMatchObject({ deleted: true });
    expect(await code('pull_request_review_write', { ...pull, method: 'delete_pending' })).toBe('upstream_not_found');
    expect(JSON.stringify(await data('pull_request_read', { ...pull, method: 'get_reviews' }))).not.toContain(
      'Never mind',
    );
  });
});
