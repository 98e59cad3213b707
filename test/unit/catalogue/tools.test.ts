import { describe, expect, it } from 'vitest';
import { type Answer, answering, json, rejection } from '../github/answering.ts';
import { call } from './calling.ts';
import { account, comment, entry, file, issue } from './upstream-samples.ts';
import { expectWithinBudget } from './within.ts';

const place = { owner: 'octo', repo: 'hello' };

describe('get_me', () => {
  it('returns the account, lean', async () => {
    const { structuredContent } = await call(answering(() => json(account)).github, 'get_me', {});
    expect(structuredContent).toEqual({
      login: 'mona',
      id: 583231,
      name: 'Mona Lisa',
      company: '@acme',
      email: 'mona@acme.test',
      bio: 'Likes paint',
      html_url: 'https://github.test/mona',
      created_at: '2008-01-14T04:33:35Z',
      public_repos: 8,
      total_private_repos: 3,
      followers: 20,
      following: 0,
    });
  });
});

describe('search_issues', () => {
  const found = (count: number, items: object[]) => json({ total_count: count, incomplete_results: false, items });

  it.each([
    [{ query: 'crash' }, 'is:issue crash'],
    [{ query: 'crash', ...place }, 'is:issue repo:octo/hello crash'],
    [{ query: 'crash', owner: 'octo' }, 'is:issue user:octo crash'],
    [{ query: 'a OR b', ...place }, 'is:issue repo:octo/hello (a OR b)'],
    [{ query: '"a OR b" c++', ...place }, 'is:issue repo:octo/hello "a OR b" c++'],
  ])('%j asks GitHub for %s', async (args, q) => {
    const { github, asked } = answering(() => found(0, []));
    await call(github, 'search_issues', args);
    expect(asked[0]?.url.searchParams.get('q')).toBe(q);
    expect(asked[0]?.url.pathname).toBe('/search/issues');
  });

  it('passes sort, order and page on', async () => {
    const { github, asked } = answering(() => found(0, []));
    await call(github, 'search_issues', { query: 'x', sort: 'reactions-+1', order: 'asc', page: 3, perPage: 7 });
    expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toEqual({
      q: 'is:issue x',
      sort: 'reactions-+1',
      order: 'asc',
      page: '3',
      per_page: '7',
    });
  });

  it('returns lean issues without bodies, and the next page', async () => {
    const { github } = answering(() => found(3, [issue(1), issue(2)]));
    const { structuredContent } = await call(github, 'search_issues', { query: 'x', perPage: 2 });
    expect(structuredContent).toEqual({
      total_count: 3,
      issues: [
        expect.objectContaining({
          number: 1,
          user: 'hubot',
          author_association: 'CONTRIBUTOR',
          repository: 'octo/hello',
        }),
        expect.objectContaining({ number: 2 }),
      ],
      next: { page: 2, perPage: 2 },
    });
    expect(JSON.stringify(structuredContent)).not.toMatch(/null|"body"|avatar|node_id/);
  });

  it('returns the fields asked for, the author beside the text', async () => {
    const { github } = answering(() => found(1, [issue(1)]));
    const { structuredContent } = await call(github, 'search_issues', { query: 'x', fields: ['body', 'reactions'] });
    expect(structuredContent.issues).toEqual([
      { number: 1, user: 'hubot', author_association: 'CONTRIBUTOR', reactions: 4, body: 'It crashes.' },
    ]);
    const titles = await call(github, 'search_issues', { query: 'x', fields: ['state'] });
    expect(titles.structuredContent.issues).toEqual([{ number: 1, state: 'open' }]);
  });

  it('cuts a page that is too large to whole issues, losing none over the pages', async () => {
    const all = Array.from({ length: 100 }, (_, index) => issue(index + 1, { body: 'ä'.repeat(700 + index) }));
    const { github } = answering(({ url }) => {
      const [page, size] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('per_page'))];
      return found(all.length, all.slice((page - 1) * size, page * size));
    });
    const seen: number[] = [];
    let paging: object | undefined = { page: 1, perPage: 100 };
    for (let calls = 0; paging !== undefined && calls < 40; calls++) {
      const called = await call(github, 'search_issues', { query: 'x', fields: ['body'], ...paging });
      expectWithinBudget(called);
      seen.push(...(called.structuredContent.issues as { number: number }[]).map(({ number }) => number));
      paging = called.structuredContent.next as object | undefined;
    }
    expect(seen).toEqual(all.map(({ number }) => number));
  });

  it('cuts the body of one issue that is too large alone, and links to the whole', async () => {
    const { github } = answering(() => found(1, [issue(1, { body: 'line\n'.repeat(12_000) })]));
    const called = await call(github, 'search_issues', { query: 'x', fields: ['body'] });
    expectWithinBudget(called);
    expect(called.structuredContent.issues).toMatchObject([{ number: 1, body_truncated: true }]);
    expect(called.content[1]).toMatchObject({ type: 'resource_link', uri: 'github://octo/hello/issues/1' });
  });
});

describe('get_file_contents', () => {
  const serving = (body: unknown) => answering(() => json(body));

  it('returns a text file, decoded', async () => {
    const { github, asked } = serving(file('docs/a.md', '# Grüße 漢字\n'));
    const called = await call(github, 'get_file_contents', { ...place, path: 'docs/a.md', ref: 'feature/x' });
    expect(called.structuredContent).toEqual({
      type: 'file',
      path: 'docs/a.md',
      ref: 'feature/x',
      sha: '3d21ec53a331a6f037a91c368710b99387d012c1',
      size: 17,
      mime_type: 'text/markdown',
      content: '# Grüße 漢字\n',
      total_lines: 1,
    });
    expect(asked[0]?.url.pathname).toBe('/repos/octo/hello/contents/docs/a.md');
    expect(asked[0]?.url.searchParams.get('ref')).toBe('feature/x');
  });

  it('prefers sha over ref, and sends none where none is asked for', async () => {
    const { github, asked } = serving(file('a', 'x'));
    await call(github, 'get_file_contents', { ...place, path: 'a', ref: 'main', sha: 'abcdef1' });
    await call(github, 'get_file_contents', { ...place, path: 'a' });
    expect(asked.map(({ url }) => url.search)).toEqual(['?ref=abcdef1', '']);
  });

  it('says of a binary file that it is one, with its size and a link', async () => {
    const { github } = serving(file('logo.png', new Uint8Array([0x89, 0x50, 0, 255])));
    const called = await call(github, 'get_file_contents', { ...place, path: 'logo.png', ref: 'a/b' });
    expect(called.structuredContent).toMatchObject({ binary: true, size: 4, mime_type: 'image/png' });
    expect(called.structuredContent).not.toHaveProperty('content');
    expect(called.content[1]).toEqual({
      type: 'resource_link',
      uri: 'github://octo/hello/a%2Fb/contents/logo.png',
      name: 'logo.png',
      mimeType: 'image/png',
    });
  });

  it.each([
    ['a NUL', new Uint8Array([97, 0, 98])],
    ['bytes that are not UTF-8', new Uint8Array([97, 0xc3, 0x28])],
  ])('takes %s for binary', async (_, bytes) => {
    const { github } = serving(file('x.txt', bytes));
    const { structuredContent } = await call(github, 'get_file_contents', { ...place, path: 'x.txt' });
    expect(structuredContent).toMatchObject({ binary: true });
  });

  it('reads a long file to its end in parts, nothing lost, nothing twice', async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${index + 1} "quoted" ${'é'.repeat(index % 40)}`);
    const { github } = serving(file('long.txt', `${lines.join('\n')}\n`));
    const seen: string[] = [];
    let start: unknown = 1;
    for (let calls = 0; start !== undefined && calls < 50; calls++) {
      const called = await call(github, 'get_file_contents', { ...place, path: 'long.txt', start_line: start });
      expectWithinBudget(called);
      const { content, start_line, end_line, truncated, total_lines, next } = called.structuredContent;
      expect(total_lines).toBe(3000);
      const part = String(content).replace(/\n$/, '').split('\n');
      expect(Number(end_line) - Number(start_line) + 1).toBe(part.length);
      expect(truncated).toBe(next === undefined ? undefined : true);
      if (truncated) expect(called.content[1]).toMatchObject({ uri: 'github://octo/hello/HEAD/contents/long.txt' });
      seen.push(...part);
      start = (next as { start_line: number } | undefined)?.start_line;
    }
    expect(seen).toEqual(lines);
  });

  it('returns a range of lines', async () => {
    const { github } = serving(file('a.txt', 'one\ntwo\nthree\nfour'));
    const range = await call(github, 'get_file_contents', { ...place, path: 'a.txt', start_line: 2, end_line: 3 });
    expect(range.structuredContent).toMatchObject({
      content: 'two\nthree',
      start_line: 2,
      end_line: 3,
      total_lines: 4,
      truncated: true,
    });
    // The end that was asked for is reached: there is nothing to read on to.
    expect(range.structuredContent).not.toHaveProperty('next');
    const beyond = await call(github, 'get_file_contents', { ...place, path: 'a.txt', start_line: 9 });
    expect(beyond.structuredContent).toMatchObject({ content: '', total_lines: 4 });
    expect(beyond.structuredContent).not.toHaveProperty('next');
  });

  it('cuts one endless line inside, at a whole character, and says so', async () => {
    const { github } = serving(file('min.js', `${'😀'.repeat(20_000)}\nend`));
    const called = await call(github, 'get_file_contents', { ...place, path: 'min.js' });
    expectWithinBudget(called);
    expect(called.structuredContent).toMatchObject({
      line_cut: true,
      truncated: true,
      end_line: 1,
      next: { start_line: 2 },
    });
    expect(String(called.structuredContent.content)).toMatch(/^(😀)+$/u);
    expect(String(called.structuredContent.content).length).toBeGreaterThan(10_000);
  });

  it('says how many invisible characters it took out', async () => {
    const { github } = serving(file('a.txt', 'a\u200bb\u202ec\r\nd'));
    const { structuredContent } = await call(github, 'get_file_contents', { ...place, path: 'a.txt' });
    expect(structuredContent).toMatchObject({ content: 'abc\nd', hidden_characters_removed: 2 });
  });

  it('reads a file that GitHub does not send inline line by line, no further than it takes', async () => {
    const big = { ...entry('big.txt', 'file', 1_500_000), encoding: 'none', content: '' };
    const { github, asked } = answering(({ headers }) =>
      headers.get('accept')?.includes('raw') ? new Response('row\n'.repeat(375_000)) : json(big),
    );
    const called = await call(github, 'get_file_contents', { ...place, path: 'big.txt', start_line: 374_999 });
    expect(called.structuredContent).toMatchObject({ content: 'row\nrow', total_lines: 375_000 });
    expect(asked).toHaveLength(2);
    const first = await call(github, 'get_file_contents', { ...place, path: 'big.txt' });
    expectWithinBudget(first);
    const { end_line, next } = first.structuredContent as { end_line: number; next: object };
    expect(first.structuredContent).toMatchObject({ start_line: 1, truncated: true });
    expect(next).toEqual({ start_line: end_line + 1 });
    expect(first.structuredContent).not.toHaveProperty('total_lines');
    const found = await call(github, 'get_file_contents', {
      ...place,
      path: 'big.txt',
      search: 'ROW',
      start_line: 375_000,
    });
    expect(found.structuredContent).toMatchObject({ matches: 1, content: '375000:row' });
  });

  it('says of a long file that is no text what it says of a short one', async () => {
    const big = { ...entry('big.bin', 'file', 1_500_000), encoding: 'none', content: '' };
    for (const bytes of [new Uint8Array(1_500_000), new Uint8Array(1_500_000).fill(0xff)]) {
      const { github } = answering(({ headers }) =>
        headers.get('accept')?.includes('raw') ? new Response(bytes) : json(big),
      );
      const { structuredContent, content } = await call(github, 'get_file_contents', { ...place, path: 'big.bin' });
      expect(structuredContent).toMatchObject({ type: 'file', binary: true, size: 1_500_000 });
      expect(content[1]).toMatchObject({ type: 'resource_link' });
    }
  });

  it('lists a directory, lean or with the fields asked for, never with a token', async () => {
    const { github } = serving([entry('src', 'dir', 0), entry('README.md')]);
    const lean = await call(github, 'get_file_contents', place);
    expect(lean.structuredContent).toEqual({
      type: 'directory',
      path: '',
      entries: [
        { type: 'directory', name: 'src', size: 0 },
        { type: 'file', name: 'README.md', size: 5 },
      ],
      total_entries: 2,
    });
    const urls = await call(github, 'get_file_contents', { ...place, path: '/', fields: ['path', 'download_url'] });
    expect(urls.structuredContent.entries).toEqual([
      { path: 'src', download_url: 'https://raw.github.test/octo/hello/main/src' },
      { path: 'README.md', download_url: 'https://raw.github.test/octo/hello/main/README.md' },
    ]);
    expect(urls.content[0]).not.toContain('SECRETTOKEN');
  });

  it('lists a large directory in parts', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `a-rather-long-file-name-${index}.generated.ts`);
    const { github } = serving(names.map((name) => entry(name)));
    const seen: string[] = [];
    let start: unknown = 1;
    for (let calls = 0; start !== undefined && calls < 20; calls++) {
      const called = await call(github, 'get_file_contents', { ...place, start_line: start });
      expectWithinBudget(called);
      seen.push(...(called.structuredContent.entries as { name: string }[]).map(({ name }) => name));
      start = (called.structuredContent.next as { start_line: number } | undefined)?.start_line;
    }
    expect(seen).toEqual(names);
  });

  it('describes symlinks and submodules', async () => {
    const link = serving({ ...entry('a', 'symlink'), target: 'b' });
    expect((await call(link.github, 'get_file_contents', { ...place, path: 'a' })).structuredContent).toMatchObject({
      type: 'symlink',
      target: 'b',
    });
    const module = serving({ ...entry('m', 'submodule', 0), submodule_git_url: 'git://x.test/m' });
    expect((await call(module.github, 'get_file_contents', { ...place, path: 'm' })).structuredContent).toMatchObject({
      type: 'submodule',
      submodule_git_url: 'git://x.test/m',
    });
  });

  it('says what to check where nothing is found', async () => {
    const { github } = answering(() => json({ message: 'No commit found for the ref nope' }, 404));
    const error = await rejection(call(github, 'get_file_contents', { ...place, path: 'a', ref: 'nope' }));
    expect(error).toMatchObject({ code: 'upstream_not_found', details: { upstream_status: 404 } });
    expect(error).toMatchObject({ hint: expect.stringContaining('path and ref') });
  });

  it('calls broken base64 malformed', async () => {
    const { github } = serving({ ...file('a', 'x'), content: '***' });
    expect(await rejection(call(github, 'get_file_contents', { ...place, path: 'a' }))).toMatchObject({
      code: 'upstream_malformed',
    });
  });
});

describe('issue_read', () => {
  const args = (method: string, more: object = {}) => ({ method, ...place, issue_number: 1, ...more });

  it('get returns the issue, lean, with who wrote it', async () => {
    const { github } = answering(() => json(issue(1)));
    const { structuredContent } = await call(github, 'issue_read', args('get'));
    expect(structuredContent.issue).toEqual({
      number: 1,
      id: 1001,
      title: 'Issue 1',
      state: 'open',
      html_url: 'https://github.test/octo/hello/issues/1',
      user: 'hubot',
      author_association: 'CONTRIBUTOR',
      labels: ['bug'],
      assignees: ['mona'],
      milestone: { number: 2, title: 'v2' },
      type: 'Bug',
      field_values: [{ name: 'Priority', value: 'high' }],
      comments: 3,
      reactions: 4,
      locked: false,
      sub_issues: { total: 2, completed: 1 },
      parent: 'octo/hello#9',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-02T00:00:00Z',
      body: 'It crashes.',
    });
  });

  it('get cuts a long body at a line and links to the whole', async () => {
    const { github } = answering(() => json(issue(1, { body: '"line"\n'.repeat(9000) })));
    const called = await call(github, 'issue_read', args('get'));
    expectWithinBudget(called);
    const { body, body_truncated } = called.structuredContent.issue as { body: string; body_truncated: boolean };
    expect(body_truncated).toBe(true);
    expect(body).toMatch(/^("line"\n)+"line"$/);
    expect(called.content[1]).toMatchObject({ uri: 'github://octo/hello/issues/1', mimeType: 'text/markdown' });
  });

  const commenting = (count: number, body = (id: number) => `Comment ${id}`): Answer => {
    return ({ url }) => {
      const page = Number(url.searchParams.get('page') ?? 1);
      const size = Number(url.searchParams.get('per_page') ?? 30);
      const last = Math.ceil(count / size);
      const link = (to: number, rel: string) => {
        const target = new URL(url);
        target.searchParams.set('page', String(to));
        return `<${target.href}>; rel="${rel}"`;
      };
      const items = Array.from({ length: Math.max(0, Math.min(size, count - (page - 1) * size)) }, (_, index) =>
        comment((page - 1) * size + index + 1, body((page - 1) * size + index + 1)),
      );
      return json(items, 200, page < last ? { link: `${link(page + 1, 'next')}, ${link(last, 'last')}` } : {});
    };
  };

  it('get_comments without page collects all pages and reports each', async () => {
    const { github, asked } = answering(commenting(45));
    const { structuredContent, steps } = await call(github, 'issue_read', args('get_comments', { perPage: 20 }));
    expect(structuredContent.comments).toHaveLength(45);
    expect(structuredContent).not.toHaveProperty('next');
    expect(asked).toHaveLength(3);
    expect(steps.map(({ done, total, message }) => [done, total, message])).toEqual([
      [1, 3, 'Read 20 comments'],
      [2, 3, 'Read 40 comments'],
      [3, undefined, 'Read 45 comments'],
    ]);
    expect((structuredContent.comments as object[])[0]).toEqual({
      id: 1,
      user: 'hubot',
      author_association: 'NONE',
      created_at: '2026-01-01T00:00:00Z',
      body: 'Comment 1',
    });
  });

  it('get_comments with page returns that page and names the next', async () => {
    const { github, asked } = answering(commenting(45));
    const { structuredContent } = await call(github, 'issue_read', args('get_comments', { page: 2, perPage: 20 }));
    expect((structuredContent.comments as { id: number }[])[0]?.id).toBe(21);
    expect(structuredContent.next).toEqual({ page: 3, perPage: 20 });
    expect(asked).toHaveLength(1);
  });

  it('get_comments stops at ten pages and names the eleventh', async () => {
    const { github, asked } = answering(commenting(300, () => 'x'));
    const { structuredContent } = await call(github, 'issue_read', args('get_comments', { perPage: 10 }));
    expect(asked).toHaveLength(10);
    expect(structuredContent.comments).toHaveLength(100);
    expect(structuredContent.next).toEqual({ page: 11, perPage: 10 });
  });

  it('get_comments of any size comes within the budget, nothing lost over the pages', async () => {
    const { github } = answering(commenting(150, (id) => 'ä'.repeat((id * 37) % 900)));
    const seen: number[] = [];
    let paging: object | undefined = {};
    for (let calls = 0; paging !== undefined && calls < 40; calls++) {
      const called = await call(github, 'issue_read', args('get_comments', paging));
      expectWithinBudget(called);
      seen.push(...(called.structuredContent.comments as { id: number }[]).map(({ id }) => id));
      paging = called.structuredContent.next as object | undefined;
    }
    expect(seen).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
  });

  it('get_comments cuts one huge comment and links to the whole', async () => {
    const { github } = answering(commenting(2, () => 'word '.repeat(13_000)));
    const called = await call(github, 'issue_read', args('get_comments'));
    expectWithinBudget(called);
    expect(called.structuredContent).toMatchObject({
      comments: [{ id: 1, body_truncated: true }],
      truncated: true,
      next: { page: 2, perPage: 1 },
    });
    expect(called.content[1]).toMatchObject({ uri: 'github://octo/hello/issues/1/comments/1' });
  });

  it('get_labels, get_sub_issues and get_parent', async () => {
    const { github, asked } = answering(({ url }) => {
      if (url.pathname.endsWith('/labels'))
        return json([{ name: 'bug', description: 'Wrong', color: 'f00' }, { name: 'x' }]);
      if (url.pathname.endsWith('/sub_issues')) return json([issue(2), issue(3)]);
      return json(issue(9));
    });
    const summary = (number: number) => expect.objectContaining({ number, title: `Issue ${number}`, user: 'hubot' });
    expect((await call(github, 'issue_read', args('get_labels'))).structuredContent).toEqual({
      labels: [{ name: 'bug', description: 'Wrong' }, { name: 'x' }],
    });
    const below = (await call(github, 'issue_read', args('get_sub_issues'))).structuredContent;
    expect(below).toEqual({ sub_issues: [summary(2), summary(3)] });
    expect(JSON.stringify(below)).not.toContain('"body"');
    expect((await call(github, 'issue_read', args('get_parent'))).structuredContent).toEqual({
      has_parent: true,
      parent: summary(9),
    });
    expect(asked.map(({ url }) => url.pathname)).toEqual([
      '/repos/octo/hello/issues/1/labels',
      '/repos/octo/hello/issues/1/sub_issues',
      '/repos/octo/hello/issues/1/parent',
    ]);
  });

  it('get_parent tells an issue without a parent from one that is not there', async () => {
    const lone = answering(({ url }) => (url.pathname.endsWith('/parent') ? json({}, 404) : json(issue(1))));
    expect((await call(lone.github, 'issue_read', args('get_parent'))).structuredContent).toEqual({
      has_parent: false,
    });
    const gone = answering(() => json({ message: 'Not Found' }, 404));
    expect(await rejection(call(gone.github, 'issue_read', args('get_parent')))).toMatchObject({
      code: 'upstream_not_found',
    });
  });
});

describe('issue_write', () => {
  const create = { method: 'create', ...place, title: 'New' };
  const update = { method: 'update', ...place, issue_number: 1 };

  it('create sends what was given and returns what GitHub made of it', async () => {
    const { github, asked } = answering(() => json(issue(7, { title: 'New' }), 201));
    const args = { ...create, body: 'b', labels: ['bug'], assignees: ['mona'], milestone: 2, type: 'Bug' };
    const { structuredContent } = await call(github, 'issue_write', args);
    expect(asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual(['POST /repos/octo/hello/issues']);
    expect(asked[0]?.body).toEqual({
      title: 'New',
      body: 'b',
      labels: ['bug'],
      assignees: ['mona'],
      milestone: 2,
      type: 'Bug',
    });
    expect(structuredContent).toEqual({
      number: 7,
      html_url: 'https://github.test/octo/hello/issues/7',
      title: 'New',
      state: 'open',
      labels: ['bug'],
      assignees: ['mona'],
    });
  });

  it('says what GitHub dropped in silence', async () => {
    const dropped = issue(7, { labels: [], assignees: [], milestone: null, type: null });
    const { github } = answering(() => json(dropped, 201));
    const args = { ...create, labels: ['bug'], assignees: ['mona'], milestone: 2, type: 'Bug' };
    const { structuredContent } = await call(github, 'issue_write', args);
    expect(structuredContent.not_applied).toEqual(['labels', 'assignees', 'milestone', 'type']);
  });

  it('update sends only the changes, empty ones too', async () => {
    const { github, asked } = answering(() => json(issue(1, { state: 'closed', state_reason: 'not_planned' })));
    const args = { ...update, body: '', labels: [], type: null, state: 'closed', state_reason: 'not_planned' };
    const { structuredContent } = await call(github, 'issue_write', args);
    expect(asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual(['PATCH /repos/octo/hello/issues/1']);
    expect(asked[0]?.body).toEqual({ body: '', labels: [], type: null, state: 'closed', state_reason: 'not_planned' });
    expect(structuredContent).toMatchObject({ state: 'closed', state_reason: 'not_planned' });
  });

  it('closes as a duplicate by the id of the other issue', async () => {
    const { github, asked } = answering(({ url }) => json(issue(url.pathname.endsWith('/2') ? 2 : 1)));
    const args = { ...update, state: 'closed', state_reason: 'duplicate', duplicate_of: 2 };
    await call(github, 'issue_write', args);
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'PATCH']);
    expect(asked[1]?.body).toEqual({ state: 'closed', state_reason: 'duplicate', duplicate_issue_id: 1002 });
  });

  describe('with issue_fields', () => {
    const fields = [
      { id: 11, name: 'Priority', data_type: 'single_select', options: [{ name: 'High' }, { name: 'Low' }] },
      { id: 12, name: 'Due', data_type: 'date', options: null },
      { id: 13, name: 'Notes', data_type: 'text' },
    ];
    const organization = (write: Answer = () => json(issue(1))) =>
      answering((request) => (request.url.pathname === '/orgs/octo/issue-fields' ? json(fields) : write(request)));

    it('create resolves names to ids', async () => {
      const { github, asked } = organization();
      const issue_fields = [
        { field_name: 'priority', field_option_name: 'high' },
        { field_name: 'Due', value: '2026-12-24' },
      ];
      await call(github, 'issue_write', { ...create, issue_fields });
      expect(asked[1]?.body).toEqual({
        title: 'New',
        issue_field_values: [
          { field_id: 11, value: 'High' },
          { field_id: 12, value: '2026-12-24' },
        ],
      });
    });

    it('update adds to the values there are, and takes others away', async () => {
      const { github, asked } = organization(({ method }) =>
        method === 'DELETE' ? json({ message: 'Not Found' }, 404) : json(issue(1)),
      );
      const issue_fields = [
        { field_name: 'Notes', value: 'x' },
        { field_name: 'Due', delete: true },
      ];
      await call(github, 'issue_write', { ...update, issue_fields });
      const base = '/repos/octo/hello/issues/1';
      expect(asked.slice(1).map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
        `GET ${base}`,
        `POST ${base}/issue-field-values`,
        `DELETE ${base}/issue-field-values/12`,
      ]);
      expect(asked[2]?.body).toEqual({ issue_field_values: [{ field_id: 13, value: 'x' }] });
    });

    it('names the field or option that there is not, before anything is written', async () => {
      for (const [change, field] of [
        [{ field_name: 'nope', value: 1 }, 'issue_fields[0].field_name'],
        [{ field_name: 'Priority', field_option_name: 'nope' }, 'issue_fields[0].field_option_name'],
      ] as const) {
        const { github, asked } = organization();
        const error = await rejection(call(github, 'issue_write', { ...update, title: 't', issue_fields: [change] }));
        expect(error).toMatchObject({ code: 'invalid_arguments', details: { fields: [{ field }] } });
        expect(asked).toHaveLength(1);
      }
    });

    it('says what happened where the second step fails', async () => {
      const { github } = organization(({ method }) =>
        method === 'POST'
          ? json({ message: 'no', errors: [{ field: 'value', code: 'invalid' }] }, 422)
          : json(issue(1)),
      );
      const issue_fields = [{ field_name: 'Due', value: 'tomorrow' }];
      const error = await rejection(call(github, 'issue_write', { ...update, title: 't', issue_fields }));
      expect(error).toMatchObject({
        code: 'upstream_invalid',
        message: expect.stringMatching(/^The issue was updated, but not all of issue_fields: /),
        hint: expect.stringContaining('issue_fields only'),
      });
    });
  });
});
