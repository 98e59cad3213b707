/** The reading tools of repositories, people and gists: what GitHub is asked, what comes out, what is refused. */

import { describe, expect, it } from 'vitest';
import { given } from '../../../src/catalogue/lean.ts';
import { RESULT_BUDGET, utf8Bytes } from '../../../src/output/budget.ts';
import { answering, json, rejection } from '../github/answering.ts';
import { type Called, call } from './calling.ts';
import { codeHit, commit, gist, release, repository, SHA, search, teams, treeEntry } from './repository-samples.ts';
import { changed, someone } from './upstream-samples.ts';

const place = { owner: 'octo', repo: 'hello' };
const NEXT = { link: '<https://api.github.test/x?page=2>; rel="next"' };

const dataOf = (called: Called) => called.structuredContent;
function within(called: Called): Called {
  expect(called.content.reduce((sum, item) => sum + utf8Bytes(JSON.stringify(item)), 0)).toBeLessThan(
    RESULT_BUDGET * 1.4,
  );
  expect(utf8Bytes(called.content[0]?.type === 'text' ? called.content[0].text : '')).toBeLessThanOrEqual(
    RESULT_BUDGET,
  );
  return called;
}

/** Name, arguments, what GitHub answers, what it was asked, what comes out. */
type Case = readonly [name: string, args: object, answer: unknown, asked: string, out: object];

const listed = {
  sha: '1'.padStart(40, '0'),
  message: 'Change 1',
  author: 'mona',
  date: '2026-01-01T00:00:00Z',
  committer: 'web-flow',
  committed_at: '2026-01-02T00:00:00Z',
};
const chosen = {
  full_name: 'octo/hello',
  description: 'Says hello',
  language: 'TypeScript',
  stars: 7,
  updated_at: '2026-01-01T00:00:00Z',
};

const CASES: readonly Case[] = [
  [
    'get_teams',
    {},
    teams,
    'POST /graphql',
    { teams: [{ org: 'acme', slug: 'core', name: 'The Core', description: 'Decides' }] },
  ],
  [
    'get_team_members',
    { org: 'acme', team_slug: 'core' },
    [someone('mona'), someone('hubot')],
    'GET /orgs/acme/teams/core/members?page=1&per_page=100',
    { members: ['mona', 'hubot'] },
  ],
  [
    'list_commits',
    { ...place, sha: 'feature/x', path: 'src', author: 'mona', since: '2026-01-01', until: '2026-02-01', perPage: 2 },
    [commit(1)],
    'GET /repos/octo/hello/commits?sha=feature%2Fx&author=mona&path=src&since=2026-01-01T00%3A00%3A00Z&until=2026-02-01T23%3A59%3A59Z&page=1&per_page=2',
    { commits: [listed], next: { page: 2, perPage: 2 } },
  ],
  [
    'list_commits',
    { ...place, fields: ['sha', 'html_url'] },
    [commit(1)],
    'GET /repos/octo/hello/commits?page=1&per_page=30',
    {
      commits: [{ sha: listed.sha, html_url: 'https://github.test/octo/hello/commit/1' }],
      next: { page: 2, perPage: 30 },
    },
  ],
  [
    'list_branches',
    place,
    [
      { name: 'main', commit: { sha: SHA, url: 'x' }, protected: true },
      { name: 'a/b', commit: { sha: SHA, url: 'x' }, protected: false },
    ],
    'GET /repos/octo/hello/branches?page=1&per_page=30',
    {
      branches: [
        { name: 'main', sha: SHA, protected: true },
        { name: 'a/b', sha: SHA },
      ],
      next: { page: 2, perPage: 30 },
    },
  ],
  [
    'list_tags',
    place,
    [{ name: 'v1', commit: { sha: SHA }, zipball_url: 'x', tarball_url: 'x', node_id: 'x' }],
    'GET /repos/octo/hello/tags?page=1&per_page=30',
    { tags: [{ name: 'v1', sha: SHA }], next: { page: 2, perPage: 30 } },
  ],
  [
    'list_repository_collaborators',
    { ...place, affiliation: 'direct' },
    [{ ...someone('mona'), role_name: 'admin', permissions: { admin: true } }],
    'GET /repos/octo/hello/collaborators?affiliation=direct&page=1&per_page=30',
    { collaborators: [{ login: 'mona', role: 'admin' }], next: { page: 2, perPage: 30 } },
  ],
  [
    'list_releases',
    place,
    [release(1)],
    'GET /repos/octo/hello/releases?page=1&per_page=30',
    {
      releases: [
        {
          tag_name: 'v1',
          name: 'Version 1',
          published_at: '2026-01-02T00:00:00Z',
          author: 'mona',
          body: 'Faster.',
        },
      ],
      next: { page: 2, perPage: 30 },
    },
  ],
  [
    'get_latest_release',
    place,
    release(1, { prerelease: true }),
    'GET /repos/octo/hello/releases/latest',
    {
      id: 1,
      tag_name: 'v1',
      target: 'main',
      name: 'Version 1',
      prerelease: true,
      published_at: '2026-01-02T00:00:00Z',
      author: 'mona',
      html_url: 'https://github.test/octo/hello/releases/v1',
      assets: [{ name: 'app.zip', size: 10, downloads: 3 }],
      body: 'Faster.',
    },
  ],
  [
    'search_code',
    { query: 'a repo:octo/hello', sort: 'indexed', order: 'asc' },
    search([codeHit]),
    'GET /search/code?q=a+repo%3Aocto%2Fhello&page=1&per_page=30&sort=indexed&order=asc',
    { total_count: 1, items: [{ path: 'src/a.ts', repository: 'octo/hello', text_matches: ['const a = 1;'] }] },
  ],
  [
    'search_code',
    { query: 'a', fields: ['name', 'sha'] },
    search([codeHit], 31),
    'GET /search/code?q=a&page=1&per_page=30',
    { total_count: 31, items: [{ name: 'a.ts', sha: SHA }], next: { page: 2, perPage: 30 } },
  ],
  [
    'search_commits',
    { query: 'fix', sort: 'author-date', perPage: 1 },
    search([commit(1, { repository: repository('hello') })]),
    'GET /search/commits?q=fix&page=1&per_page=1&sort=author-date',
    { total_count: 1, commits: [{ ...listed, repository: 'octo/hello' }] },
  ],
  [
    'search_repositories',
    { query: 'hello' },
    search([repository('hello')]),
    'GET /search/repositories?q=hello&page=1&per_page=30',
    { total_count: 1, repositories: [chosen] },
  ],
  [
    'search_repositories',
    { query: 'hello', minimal_output: false },
    search([repository('hello', { archived: true })]),
    'GET /search/repositories?q=hello&page=1&per_page=30',
    {
      total_count: 1,
      repositories: [
        {
          ...chosen,
          archived: true,
          html_url: 'https://github.test/octo/hello',
          visibility: 'public',
          default_branch: 'main',
          topics: ['greeting'],
          license: 'MIT',
          open_issues: 2,
          size_kb: 42,
          created_at: '2020-01-01T00:00:00Z',
          pushed_at: '2026-01-01T00:00:00Z',
        },
      ],
    },
  ],
  [
    'search_users',
    { query: 'mona' },
    search([someone('mona')]),
    'GET /search/users?q=mona+type%3Auser&page=1&per_page=30',
    { total_count: 1, users: [{ login: 'mona', id: 583231 }] },
  ],
  [
    'search_orgs',
    { query: 'acme', sort: 'joined', page: 2 },
    search([someone('acme')]),
    'GET /search/users?q=acme+type%3Aorg&page=2&per_page=30&sort=joined',
    { total_count: 1, organizations: [{ login: 'acme', id: 583231 }] },
  ],
  [
    'list_gists',
    { since: '2026-01-01' },
    [gist('abc', { 'a.txt': 'x', 'b.txt': 'y' })],
    'GET /gists?since=2026-01-01T00%3A00%3A00Z&page=1&per_page=30',
    {
      gists: [
        {
          id: 'abc',
          html_url: 'https://gist.github.test/abc',
          description: 'Notes',
          public: false,
          owner: 'mona',
          created_at: '2026-01-01T00:00:00Z',
          updated_at: '2026-01-02T00:00:00Z',
          files: ['a.txt', 'b.txt'],
        },
      ],
      next: { page: 2, perPage: 30 },
    },
  ],
  [
    'list_starred_repositories',
    { sort: 'updated', direction: 'asc' },
    [repository('hello')],
    'GET /user/starred?sort=updated&direction=asc&page=1&per_page=30',
    { repositories: [chosen], next: { page: 2, perPage: 30 } },
  ],
];

describe.each(CASES)('%s %j', (name, args, answer, asking, out) => {
  it('asks GitHub once and returns what a model needs', async () => {
    const { github, asked } = answering(({ url }) =>
      json(answer, 200, /search|members|latest/.test(url.pathname) ? {} : NEXT),
    );
    const called = within(await call(github, name, args));
    expect(dataOf(called)).toEqual(out);
    expect(asked.map(({ method, url }) => `${method} ${url.pathname}${url.search}`)).toEqual([asking]);
    expect(JSON.stringify(called)).not.toMatch(/null|node_id|avatar|"url"/);
  });

  it('says what is missing where GitHub says 404', async () => {
    const { github } = answering(() => json({ message: 'Not Found' }, 404));
    const error = (await rejection(call(github, name, args))) as { code: string; hint: string };
    expect(error.code).toBe('upstream_not_found');
    expect(error.hint.length).toBeGreaterThan(20);
  });

  it('says so where GitHub answers something else', async () => {
    const { github } = answering(() => json({ surprise: true }));
    const called = call(github, name, args);
    // A query that finds no user is no surprise to GraphQL.
    if (name === 'get_teams')
      expect(dataOf(await called.catch(() => ({ structuredContent: {} }) as Called))).toBeDefined();
    else expect(await rejection(called)).toMatchObject({ code: 'upstream_malformed' });
  });
});

it.each([
  ['list_commits', { ...place, since: 'yesterday' }, 'since must be a date'],
  ['list_commits', { ...place, path: '../x' }, 'path must not contain'],
  ['list_commits', { ...place, fields: ['files'] }, 'fields[0] must be one of'],
  ['get_commit', { ...place, sha: 'a..b' }, 'sha must be a branch, tag or commit'],
  ['get_commit', { ...place, sha: 'x', detail: 'all' }, 'detail must be one of'],
  ['get_tag', { ...place, tag: '' }, 'tag must not be empty'],
  ['get_team_members', { org: 'acme', team_slug: 'a/b' }, 'team_slug must not contain a slash'],
  ['search_code', { query: '' }, 'query must have at least 1 character'],
  ['search_users', { query: 'x', perPage: 101 }, 'perPage must be at most 100'],
  ['list_gists', { username: 'a/b' }, 'username must be a GitHub user'],
  ['get_gist', { gist_id: '../user' }, 'gist_id must not contain'],
  ['get_repository_tree', { ...place, start: 0 }, 'start must be at least 1'],
])('%s refuses %j', async (name, args, message) => {
  const { github, asked } = answering(() => json({}));
  const error = (await rejection(call(github, name, args).catch((reason) => Promise.reject(reason)))) as Error;
  expect(error).toMatchObject({ code: 'invalid_arguments' });
  expect(error.message).toContain(message);
  expect(asked).toEqual([]);
});

describe('get_teams', () => {
  it('asks for another user with a variable, never in the query', async () => {
    const { github, asked } = answering(() => json(teams));
    await call(github, 'get_teams', { user: 'hubot' });
    expect(asked[0]?.body).toMatchObject({ variables: { login: 'hubot' } });
    expect(JSON.stringify({ ...(asked[0]?.body as object), variables: {} })).not.toContain('hubot');
  });

  it('names the permission that is missing', async () => {
    const refusal = { data: null, errors: [{ type: 'INSUFFICIENT_SCOPES', message: 'needs read:org' }] };
    const { github } = answering(() => json(refusal));
    expect(await rejection(call(github, 'get_teams', {}))).toMatchObject({
      code: 'upstream_forbidden',
      hint: expect.stringContaining('read:org'),
    });
  });

  it('says where there are more than it can list', async () => {
    const many = structuredClone(teams);
    const nodes = many.data.user.organizations.nodes[0]?.teams.nodes ?? [];
    nodes.push(
      ...Array.from({ length: 500 }, (_, i) => ({ name: `Team ${i}`, slug: `t-${i}`, description: 'ä'.repeat(99) })),
    );
    const called = within(await call(answering(() => json(many)).github, 'get_teams', {}));
    expect(called.structuredContent.truncated).toBe(true);
  });
});

describe('get_commit', () => {
  const alone = commit(1, {
    stats: { total: 4, additions: 3, deletions: 1 },
    files: [changed('a.ts', '@@ -1 +1 @@\n-a\n+b'), changed('logo.png', '', { additions: 0, deletions: 0 })],
  });

  it('leaves files out, counts them, or gives their patches', async () => {
    const { github, asked } = answering(() => json(alone));
    const target = { ...place, sha: 'feature/x' };
    const none = dataOf(await call(github, 'get_commit', { ...target, detail: 'none' }));
    expect(none).toEqual({
      ...listed,
      html_url: 'https://github.test/octo/hello/commit/1',
      parents: ['b'.repeat(40)],
      verified: true,
    });
    const stats = dataOf(await call(github, 'get_commit', target));
    expect(stats).toEqual({
      ...none,
      additions: 3,
      deletions: 1,
      files: [
        { filename: 'a.ts', status: 'modified', additions: 1, deletions: 1 },
        { filename: 'logo.png', status: 'modified', additions: 0, deletions: 0 },
      ],
    });
    const full = dataOf(await call(github, 'get_commit', { ...target, detail: 'full_patch' }));
    expect(full.files).toEqual([
      { filename: 'a.ts', status: 'modified', additions: 1, deletions: 1, patch: '@@ -1 +1 @@\n-a\n+b' },
      { filename: 'logo.png', status: 'modified', additions: 0, deletions: 0, no_patch: true },
    ]);
    expect(asked.map(({ url }) => url.pathname + url.search)).toEqual([
      '/repos/octo/hello/commits/feature/x?page=1&per_page=1',
      '/repos/octo/hello/commits/feature/x?page=1&per_page=100',
      '/repos/octo/hello/commits/feature/x?page=1&per_page=30',
    ]);
  });

  it('reads long patches to their end by file, hunk and line, nothing lost, nothing twice', async () => {
    const hunk = (number: number, lines: number) =>
      [
        `@@ -${number},${lines} +${number},${lines} @@`,
        ...Array.from({ length: lines }, (_, i) => `+line ${number}.${i} ${'é'.repeat(i % 30)}`),
      ].join('\n');
    const files = [
      changed('small.ts', hunk(1, 20)),
      changed('hunks.ts', Array.from({ length: 30 }, (_, i) => hunk(i * 100, 60)).join('\n')),
      changed('one-hunk.ts', hunk(1, 3000)),
      changed('endless.ts', `@@ -1 +1,2 @@\n+${'x'.repeat(60_000)}\n+end`),
      ...Array.from({ length: 40 }, (_, i) => changed(`many/${i}.ts`, hunk(i, 30))),
    ];
    const { github } = answering(({ url }) => {
      const [page, size] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('per_page'))];
      const isLast = page * size >= files.length;
      return json(commit(1, { files: files.slice((page - 1) * size, page * size) }), 200, isLast ? {} : NEXT);
    });
    const patches = new Map<string, string[]>();
    const firstLines: unknown[] = [];
    let paging: object | undefined = {};
    let calls = 0;
    for (; paging !== undefined && calls < 60; calls++) {
      const called = within(await call(github, 'get_commit', { ...place, sha: 'x', detail: 'full_patch', ...paging }));
      const shown = called.structuredContent.files as { filename: string; patch: string; start_line?: number }[];
      for (const { filename, patch, start_line } of shown) {
        const lines = patch.split('\n');
        // Where a part begins inside a hunk, a header says at which lines of the file.
        const isContinued = lines[0]?.endsWith('@@ (continued)');
        expect(filename === 'one-hunk.ts' && start_line !== undefined && !isContinued).toBe(false);
        if (filename === 'hunks.ts') firstLines.push(lines[0]);
        patches.set(filename, [...(patches.get(filename) ?? []), ...lines.slice(isContinued ? 1 : 0)]);
      }
      paging = called.structuredContent.next as object | undefined;
    }
    expect(calls).toBeLessThan(40);
    expect(firstLines.every((text) => String(text).startsWith('@@'))).toBe(true);
    for (const { filename, patch } of files) {
      if (filename === 'endless.ts') continue;
      expect(patches.get(filename), filename).toEqual(patch?.split('\n'));
    }
    expect(patches.get('endless.ts')?.at(-1)).toBe('+end');
  });

  it('cuts a message that is too long', async () => {
    const long = commit(1, { commit: { ...commit(1).commit, message: 'word '.repeat(9_000) } });
    const called = within(await call(answering(() => json(long)).github, 'get_commit', { ...place, sha: 'x' }));
    expect(called.structuredContent.message_truncated).toBe(true);
  });
});

describe('get_tag', () => {
  const ref = (type: string) => ({ ref: 'refs/tags/v1', object: { type, sha: SHA, url: 'x' } });

  it('tells a light tag', async () => {
    const { github, asked } = answering(() => json(ref('commit')));
    expect(dataOf(await call(github, 'get_tag', { ...place, tag: 'refs/tags/v1' }))).toEqual({
      tag: 'v1',
      sha: SHA,
      type: 'commit',
    });
    expect(asked[0]?.url.pathname).toBe('/repos/octo/hello/git/ref/tags/v1');
  });

  it('reads an annotated tag', async () => {
    const annotated = {
      tag: 'v1',
      sha: SHA,
      message: 'First <!-- hidden -->\n',
      tagger: { name: 'Mona', email: 'm@x.test', date: '2026-01-01T00:00:00Z' },
      object: { type: 'commit', sha: 'c'.repeat(40), url: 'x' },
      verification: { verified: false, reason: 'unsigned' },
    };
    const { github } = answering(({ url }) => json(url.pathname.includes('/git/tags/') ? annotated : ref('tag')));
    expect(dataOf(await call(github, 'get_tag', { ...place, tag: 'v1' }))).toEqual({
      tag: 'v1',
      sha: 'c'.repeat(40),
      type: 'commit',
      annotated: true,
      message: 'First \n',
      tagger: 'Mona',
      date: '2026-01-01T00:00:00Z',
    });
  });

  it('says how to find the right name', async () => {
    const { github } = answering(() => json({ message: 'Not Found' }, 404));
    expect(await rejection(call(github, 'get_tag', { ...place, tag: 'v9' }))).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('list_tags'),
    });
  });
});

describe('releases', () => {
  it('get_release_by_tag takes tags with slashes', async () => {
    const { github, asked } = answering(() => json(release(1)));
    expect(dataOf(await call(github, 'get_release_by_tag', { ...place, tag: 'web/v1' }))).toMatchObject({
      tag_name: 'v1',
    });
    expect(asked[0]?.url.pathname).toBe('/repos/octo/hello/releases/tags/web/v1');
  });

  it.each(['get_latest_release', 'get_release_by_tag'])('%s cuts long notes, and many assets', async (name) => {
    const assets = Array.from({ length: 90 }, (_, i) => ({ name: `asset-${i}.zip`, size: i }));
    const { github } = answering(() => json(release(1, { body: 'ä\n'.repeat(20_000), assets })));
    const args = name === 'get_latest_release' ? place : { ...place, tag: 'v1' };
    const { structuredContent } = within(await call(github, name, args));
    expect(structuredContent).toMatchObject({ body_truncated: true, more_assets: 40 });
  });

  it.each(['get_latest_release', 'get_release_by_tag'])('%s says what to try where there is none', async (name) => {
    const { github } = answering(() => json({ message: 'Not Found' }, 404));
    const args = name === 'get_latest_release' ? place : { ...place, tag: 'v1' };
    expect(await rejection(call(github, name, args))).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('list_releases'),
    });
  });

  it('list_releases fits a page of long notes, and gives the fields asked for, the author beside the text', async () => {
    const many = Array.from({ length: 30 }, (_, i) => release(i, { body: 'line\n'.repeat(5_000) }));
    const { github } = answering(() => json(many));
    const { structuredContent } = within(await call(github, 'list_releases', place));
    expect(structuredContent).toMatchObject({ truncated: true, next: { page: 2 } });
    const { structuredContent: picked } = await call(github, 'list_releases', { ...place, fields: ['body'] });
    expect(Object.keys((picked.releases as object[])[0] ?? {})).toEqual([
      'tag_name',
      'author',
      'body',
      'body_truncated',
    ]);
  });
});

it('search_code asks GitHub for the matching text', async () => {
  const { github, asked } = answering(() => json(search([])));
  await call(github, 'search_code', { query: 'x' });
  expect(asked[0]?.headers.get('accept')).toBe('application/vnd.github.text-match+json');
});

it('a search says where GitHub ran out of time, and stops at the last hit it serves', async () => {
  const { github } = answering(() => json({ ...search([repository('a')], 5_000), incomplete_results: true }));
  const first = dataOf(await call(github, 'search_repositories', { query: 'x', page: 9, perPage: 100 }));
  expect(first).toMatchObject({ incomplete_results: true, next: { page: 10, perPage: 100 } });
  const last = dataOf(await call(github, 'search_repositories', { query: 'x', page: 10, perPage: 100 }));
  expect(last).not.toHaveProperty('next');
});

describe('get_repository_tree', () => {
  const entries = [
    treeEntry('src', '040000'),
    treeEntry('src/a.ts'),
    treeEntry('src/run.sh', '100755'),
    treeEntry('link', '120000'),
    treeEntry('vendor', '160000'),
    treeEntry('README.md'),
  ];
  const tree = (list: object[], truncated = false) => ({ sha: SHA, url: 'x', tree: list, truncated });

  it('lists entries, lean', async () => {
    const { github, asked } = answering(() => json(tree(entries)));
    expect(dataOf(await call(github, 'get_repository_tree', { ...place, recursive: true }))).toEqual({
      sha: SHA,
      total: 6,
      entries: [
        { path: 'src', type: 'directory' },
        { path: 'src/a.ts', size: 5 },
        { path: 'src/run.sh', size: 5 },
        { path: 'link', type: 'symlink' },
        { path: 'vendor', type: 'submodule' },
        { path: 'README.md', size: 5 },
      ],
    });
    expect(asked[0]?.url.href).toContain('/repos/octo/hello/git/trees/HEAD?recursive=1');
    const filtered = await call(github, 'get_repository_tree', { ...place, path_filter: 'src/' });
    expect(filtered.structuredContent).toMatchObject({ total: 2 });
    expect(asked[1]?.url.search).toBe('');
  });

  it('resolves a branch with a slash first', async () => {
    const { github, asked } = answering(({ url }) =>
      json(url.pathname.includes('/commits/') ? commit(7) : tree(entries)),
    );
    await call(github, 'get_repository_tree', { ...place, tree_sha: 'feature/x' });
    expect(asked.map(({ url }) => url.pathname)).toEqual([
      '/repos/octo/hello/commits/feature/x',
      `/repos/octo/hello/git/trees/${'7'.padStart(40, '0')}`,
    ]);
  });

  it('reads a large tree to its end, and says where GitHub left something out', async () => {
    const many = Array.from({ length: 2_000 }, (_, i) => treeEntry(`some/long/directory/name/${i}.ts`));
    const { github } = answering(() => json(tree(many, true)));
    const seen: string[] = [];
    let start: unknown = 1;
    for (let calls = 0; start !== undefined && calls < 20; calls++) {
      const { structuredContent } = within(await call(github, 'get_repository_tree', { ...place, start }));
      expect(structuredContent).toMatchObject({ total: 2_000, incomplete: true });
      seen.push(...(structuredContent.entries as { path: string }[]).map(({ path }) => path));
      start = (structuredContent.next as { start: number } | undefined)?.start;
    }
    expect(seen).toEqual(many.map(({ path }) => path));
  });

  it('says what to check where there is none', async () => {
    const { github } = answering(() => json({ message: 'Not Found' }, 404));
    expect(await rejection(call(github, 'get_repository_tree', place))).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('tree_sha'),
    });
  });
});

describe('get_gist', () => {
  it('returns the files', async () => {
    const { github, asked } = answering(() => json(gist('abc', { 'a.txt': 'one\ntwo', 'b.md': 'x' })));
    expect(dataOf(await call(github, 'get_gist', { gist_id: 'abc' }))).toMatchObject({
      id: 'abc',
      owner: 'mona',
      files: [
        { filename: 'a.txt', language: 'Text', size: 7, content: 'one\ntwo' },
        { filename: 'b.md', content: 'x' },
      ],
    });
    expect(asked[0]?.url.pathname).toBe('/gists/abc');
  });

  it('reads a long file to its end in parts, nothing lost, nothing twice', async () => {
    const lines = Array.from({ length: 4_000 }, (_, i) => `line ${i} ${'é'.repeat(i % 20)}`);
    const { github } = answering(() =>
      json(gist('abc', { 'long.txt': lines.join('\n'), 'other.txt': 'x'.repeat(2_000) })),
    );
    const seen: Record<string, string[]> = {};
    let after: unknown;
    for (let calls = 0; calls === 0 || (after !== undefined && calls < 20); calls++) {
      const { structuredContent } = within(await call(github, 'get_gist', { gist_id: 'abc', ...given({ after }) }));
      for (const { filename, content } of structuredContent.files as { filename: string; content: string }[]) {
        seen[filename] = [...(seen[filename] ?? []), ...content.split('\n')];
      }
      after = (structuredContent.next as { after: string } | undefined)?.after;
    }
    expect(seen).toEqual({ 'long.txt': lines, 'other.txt': ['x'.repeat(2_000)] });
  });

  it('refuses a file that is not in it, and says where there is no gist', async () => {
    const { github } = answering(() => json(gist('abc', { 'a.txt': 'x' })));
    expect(await rejection(call(github, 'get_gist', { gist_id: 'abc', filename: 'z' }))).toMatchObject({
      code: 'invalid_arguments',
    });
    const missing = answering(() => json({ message: 'Not Found' }, 404)).github;
    expect(await rejection(call(missing, 'get_gist', { gist_id: 'abc' }))).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('list_gists'),
    });
  });
});

it('names of other people lead to their own lists', async () => {
  const { github, asked } = answering(() => json([]));
  await call(github, 'list_gists', { username: 'hubot' });
  await call(github, 'list_starred_repositories', { username: 'hubot' });
  expect(asked.map(({ url }) => url.pathname)).toEqual(['/users/hubot/gists', '/users/hubot/starred']);
});
