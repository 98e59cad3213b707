/** The writing tools of repositories and gists: what reaches GitHub, what is refused before anything does. */
import { describe, expect, it } from 'vitest';
import type { CallContext, ToolDefinition } from '../../../src/catalogue/define.ts';
import { toolByName } from '../../../src/catalogue/index.ts';
import type { GitHub } from '../../../src/github/client.ts';
import { type Asked, answering, json, rejection } from '../github/answering.ts';
import { call } from './calling.ts';
import { gist, repository, SHA, treeEntry } from './repository-samples.ts';

const place = { owner: 'octo', repo: 'hello' };
const TIP = 'c'.repeat(40);
const ROOT = 'd'.repeat(40);
const MADE = 'e'.repeat(40);
const shaOf = (path: string) => treeEntry(path).sha;

/** Trees by the SHA they are asked for: a root with a file, a script, a link, a submodule and a directory. */
const TREES: Readonly<Record<string, readonly object[]>> = {
  [ROOT]: [
    treeEntry('README.md'),
    treeEntry('run.sh', '100755'),
    treeEntry('link', '120000'),
    treeEntry('vendor', '160000'),
    treeEntry('src', '040000'),
  ],
  [shaOf('src')]: [treeEntry('a.ts'), treeEntry('away', '120000')],
};

/** A repository with the branches `main` and `feature/x`; `change` answers what is written. */
function git(change: (asked: Asked) => Response = () => json({}), isEmpty = false) {
  const fake = answering((asked) => {
    const path = asked.url.pathname.replace('/repos/octo/hello', '');
    if (asked.method !== 'GET') return change(asked);
    if (path === '') return json(repository('hello'));
    if (isEmpty) return json({ message: 'Git Repository is empty.' }, 409);
    if (path === '/git/ref/heads/main' || path === '/git/ref/heads/feature/x') {
      return json({ ref: path.slice(8), object: { type: 'commit', sha: TIP, url: 'x' } });
    }
    if (path === `/git/commits/${TIP}`) return json({ sha: TIP, tree: { sha: ROOT }, message: 'x' });
    const tree = TREES[path.replace('/git/trees/', '')];
    return tree ? json({ sha: ROOT, tree, truncated: false }) : json({ message: 'Not Found' }, 404);
  });
  const written = () =>
    fake.asked
      .filter(({ method }) => method !== 'GET')
      .map(({ method, url, body }) => ({ at: `${method} ${url.pathname.replace('/repos/octo/hello', '')}`, body }));
  return { ...fake, written };
}

/** What the person would be asked. */
const question = async (github: GitHub, name: string, args: Record<string, unknown>) =>
  await (toolByName(name) as ToolDefinition).confirm?.(args, { github } as CallContext);

const wrote = () => json({ content: { sha: SHA, path: 'x' }, commit: { sha: MADE } }, 201);

describe('create_branch', () => {
  const made = () => json({ ref: 'refs/heads/new', object: { type: 'commit', sha: TIP } }, 201);

  it('starts at the default branch unless another is named', async () => {
    const { github, asked, written } = git(made);
    const first = await call(github, 'create_branch', { ...place, branch: 'new' });
    expect(first.structuredContent).toEqual({ branch: 'new', sha: TIP, from_branch: 'main' });
    await call(github, 'create_branch', { ...place, branch: 'refs/heads/new', from_branch: 'feature/x' });
    expect(written()).toEqual(Array(2).fill({ at: 'POST /git/refs', body: { ref: 'refs/heads/new', sha: TIP } }));
    expect(asked.map(({ url }) => url.pathname)).toContain('/repos/octo/hello/git/ref/heads/feature/x');
  });

  it('says why it may have been refused', async () => {
    const { github } = git(() => json({ message: 'Reference already exists' }, 422));
    expect(await rejection(call(github, 'create_branch', { ...place, branch: 'main' }))).toMatchObject({
      code: 'upstream_invalid',
      hint: expect.stringContaining('list_branches'),
    });
    const unknown = call(github, 'create_branch', { ...place, branch: 'new', from_branch: 'gone' });
    expect(await rejection(unknown)).toMatchObject({ code: 'upstream_not_found' });
  });
});

describe('create_or_update_file', () => {
  const args = { ...place, branch: 'main', message: 'Write', content: 'grüße\n' };

  it('creates a file, also in directories that are new', async () => {
    const { github, written } = git(wrote);
    const called = await call(github, 'create_or_update_file', { ...args, path: 'docs/neu.md' });
    expect(called.structuredContent).toEqual({ path: 'docs/neu.md', sha: SHA, commit_sha: MADE, created: true });
    const content = Buffer.from('grüße\n').toString('base64');
    expect(written()).toEqual([
      { at: 'PUT /contents/docs/neu.md', body: { branch: 'main', message: 'Write', content } },
    ]);
  });

  it('replaces a file whose sha is given, and none otherwise', async () => {
    const { github, written } = git(wrote);
    const sha = shaOf('a.ts');
    const called = await call(github, 'create_or_update_file', { ...args, path: 'src/a.ts', sha });
    expect(called.structuredContent.created).toBe(false);
    expect(written()[0]?.body).toMatchObject({ sha });
    const blind = call(github, 'create_or_update_file', { ...args, path: 'src/a.ts' });
    expect(await rejection(blind)).toMatchObject({ code: 'upstream_conflict', hint: expect.stringContaining('sha') });
    expect(written()).toHaveLength(1);
  });

  it('does not write through a link unless told to change the link itself', async () => {
    const { github, written } = git(wrote);
    for (const path of ['link', 'src/away']) {
      const through = call(github, 'create_or_update_file', { ...args, path, sha: shaOf(path) });
      expect(await rejection(through)).toMatchObject({
        code: 'invalid_arguments',
        hint: expect.stringContaining('allow_symlink_write'),
      });
    }
    expect(written()).toEqual([]);
    const itself = { ...args, path: 'link', sha: shaOf('link'), allow_symlink_write: true, content: 'src/a.ts' };
    await call(github, 'create_or_update_file', itself);
    expect(written()).toMatchObject([{ at: 'PUT /contents/link', body: { sha: shaOf('link') } }]);
    expect(written()[0]?.body).not.toHaveProperty('allow_symlink_write');
  });

  it.each([
    [
      { path: 'README.md', sha: 'abcd', allow_symlink_write: true, content: 'x' },
      'is only for a path where a symbolic',
    ],
    [{ path: 'link', allow_symlink_write: true }, 'must be the target of a link'],
    [{ path: 'link/below.txt' }, 'leads through a symlink'],
    [{ path: 'vendor/x' }, 'leads through a submodule'],
    [{ path: 'README.md/x' }, 'leads through a file'],
    [{ path: 'src' }, 'names a directory'],
    [{ path: '.git/config' }, 'must not lead into .git'],
    [{ path: 'a/.GIT/hooks/x' }, 'must not lead into .git'],
    [{ path: '../x' }, 'must not contain "." or ".."'],
    [{ path: '/etc/passwd' }, 'must be relative'],
    [{ path: '' }, 'must not be empty'],
    [{ path: 'x', message: '' }, 'message must have at least 1'],
    [{ path: 'x', branch: 'a b' }, 'branch must be a branch'],
  ])('refuses %j', async (change, message) => {
    const { github, written } = git(wrote);
    const error = (await rejection(call(github, 'create_or_update_file', { ...args, ...change }))) as Error;
    expect(error).toMatchObject({ code: 'invalid_arguments' });
    expect(error.message).toContain(message);
    expect(written()).toEqual([]);
  });

  it.each([
    [{ path: 'gone.md', sha: shaOf('gone.md') }, 'There is no such file', 'Leave sha out'],
    [{ path: 'README.md', sha: SHA }, 'has another sha by now', 'get_file_contents'],
    [{ path: 'README.md' }, 'sha is missing', 'get_file_contents'],
  ])('finds out that %j cannot be, and before the person is asked', async (change, message, hint) => {
    const { github, written } = git(wrote);
    const expected = { code: 'upstream_conflict', message: expect.stringContaining(message) };
    const calls = [
      call(github, 'create_or_update_file', { ...args, ...change }),
      question(github, 'create_or_update_file', { ...args, ...change }),
    ];
    for (const asked of calls)
      expect(await rejection(asked)).toMatchObject({ ...expected, hint: expect.stringContaining(hint) });
    expect(written()).toEqual([]);
    expect(
      await question(github, 'create_or_update_file', {
        ...args,
        path: 'README.md',
        sha: shaOf('README.md').toUpperCase(),
      }),
    ).toContain('Write README.md on main');
  });

  it('writes the first file of an empty repository', async () => {
    const { github, written } = git(wrote, true);
    await call(github, 'create_or_update_file', { ...args, path: 'README.md' });
    expect(written()).toHaveLength(1);
  });

  it('fails closed where a directory is too large to be listed', async () => {
    const { github, asked } = answering(({ url }) => {
      if (url.pathname.includes('/git/ref/')) return json({ ref: 'x', object: { type: 'commit', sha: TIP } });
      if (url.pathname.includes('/git/commits/')) return json({ sha: TIP, tree: { sha: ROOT } });
      return json({ sha: ROOT, tree: [], truncated: true });
    });
    expect(await rejection(call(github, 'create_or_update_file', { ...args, path: 'x' }))).toMatchObject({
      code: 'too_large',
    });
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('says where the branch is missing', async () => {
    const { github } = git(wrote);
    const error = await rejection(call(github, 'create_or_update_file', { ...args, branch: 'gone', path: 'x' }));
    expect(error).toMatchObject({ code: 'upstream_not_found', hint: expect.stringContaining('create_branch') });
  });
});

describe('delete_file', () => {
  const args = { ...place, branch: 'main', message: 'Delete' };

  it('deletes exactly what stands there, a link included', async () => {
    const { github, written } = git(() => json({ content: null, commit: { sha: MADE } }));
    const called = await call(github, 'delete_file', { ...args, path: 'src/away' });
    expect(called.structuredContent).toEqual({ path: 'src/away', commit_sha: MADE });
    expect(written()).toEqual([
      { at: 'DELETE /contents/src/away', body: { branch: 'main', message: 'Delete', sha: shaOf('away') } },
    ]);
  });

  it('refuses what is not a file, and what is not there', async () => {
    const { github, written } = git();
    for (const [path, code] of [
      ['src', 'invalid_arguments'],
      ['vendor', 'invalid_arguments'],
      ['gone.txt', 'upstream_not_found'],
      ['gone/x.txt', 'upstream_not_found'],
    ] as const) {
      expect(await rejection(call(github, 'delete_file', { ...args, path }))).toMatchObject({ code });
      expect(await rejection(question(github, 'delete_file', { ...args, path }))).toMatchObject({ code });
    }
    expect(written()).toEqual([]);
  });
});

describe('push_files', () => {
  const file = (path: string, content = 'x') => ({ path, content });
  const args = {
    ...place,
    branch: 'feature/x',
    message: 'Push',
    files: [file('README.md'), file('run.sh', '#!/bin/sh'), file('docs/new.md')],
  };
  it('asks nobody about what stands in the way', async () => {
    const onMain = { ...args, branch: 'main' };
    expect(await question(git().github, 'push_files', onMain)).toContain('Write 3 files on main');
    const asked = question(git().github, 'push_files', { ...onMain, files: [file('src')] });
    expect(await rejection(asked)).toMatchObject({ code: 'invalid_arguments' });
  });

  const accept = ({ url }: Asked) =>
    url.pathname.includes('/git/refs/')
      ? json({ ref: 'refs/heads/feature/x', object: { type: 'commit', sha: MADE } })
      : json({ sha: url.pathname.endsWith('/trees') ? SHA : MADE }, 201);

  it('makes one commit of all files and moves the branch last, without force; modes stay', async () => {
    const { github, written } = git(accept);
    const called = await call(github, 'push_files', args);
    expect(called.structuredContent).toEqual({ branch: 'feature/x', commit_sha: MADE, files: 3 });
    const blob = (path: string, content = 'x', mode = '100644') => ({ path, content, mode, type: 'blob' });
    expect(written()).toEqual([
      {
        at: 'POST /git/trees',
        body: {
          base_tree: ROOT,
          tree: [blob('README.md'), blob('run.sh', '#!/bin/sh', '100755'), blob('docs/new.md')],
        },
      },
      { at: 'POST /git/commits', body: { message: 'Push', tree: SHA, parents: [TIP] } },
      { at: 'PATCH /git/refs/heads/feature/x', body: { sha: MADE, force: false } },
    ]);
  });

  it('reads each directory once', async () => {
    const { github, asked } = git(accept);
    await call(github, 'push_files', { ...args, files: Array.from({ length: 50 }, (_, i) => file(`src/${i}.ts`)) });
    expect(asked.filter(({ method }) => method === 'GET')).toHaveLength(4);
  });

  it.each([
    [[], 'files must have at least 1 item'],
    [Array.from({ length: 201 }, (_, i) => file(`${i}`)), 'files must have at most 200 items'],
    [[file('a'), file('a')], 'must name each path once'],
    [[file('a'), file('a/b')], 'files[1].path must not be below another file'],
    [[file('ok'), file('../out')], 'files[1].path must not contain'],
    [[file('%2e%2e/out')], 'files[0].path must not contain'],
    [[file('/abs')], 'files[0].path must be relative'],
    [[file('a\0b')], 'files[0].path must not contain control'],
    [[file('.git/config')], 'files[0].path must not lead into .git'],
    [[file('ok'), file('link')], 'files[1].path names a symlink'],
    [[file('link/x')], 'files[0].path leads through a symlink'],
    [[file('vendor/x')], 'files[0].path leads through a submodule'],
    [[file('src')], 'files[0].path names a directory'],
    [[{ path: 'a' }], 'files[0].content is missing'],
    [[{ path: 'a', content: 'x', mode: '120000' }], 'files[0].mode is not an argument'],
  ])('refuses %j before anything is written', async (files, message) => {
    const { github, written } = git(accept);
    const error = (await rejection(call(github, 'push_files', { ...args, files }))) as Error;
    expect(error).toMatchObject({ code: 'invalid_arguments' });
    expect(error.message).toContain(message);
    expect(written()).toEqual([]);
  });

  it.each([0, 1])('leaves the branch where step %i fails', async (step) => {
    let done = 0;
    const { github, written } = git((asked) => (done++ === step ? json({ message: 'x' }, 422) : accept(asked)));
    expect(await rejection(call(github, 'push_files', args))).toMatchObject({ code: 'upstream_invalid' });
    expect(written().map(({ at }) => at)).not.toContain('PATCH /git/refs/heads/feature/x');
  });

  it('says that nothing changed where the branch moved meanwhile', async () => {
    const refuse = (asked: Asked) =>
      asked.method === 'PATCH' ? json({ message: 'Update is not a fast forward' }, 422) : accept(asked);
    const error = await rejection(call(git(refuse).github, 'push_files', args));
    expect(error).toMatchObject({ code: 'upstream_invalid', hint: expect.stringContaining('Nothing was changed') });
  });

  it('says what to do with an empty repository', async () => {
    const { github, written } = git(accept, true);
    expect(await rejection(call(github, 'push_files', args))).toMatchObject({
      code: 'upstream_conflict',
      hint: expect.stringContaining('create_or_update_file'),
    });
    expect(written()).toEqual([]);
  });
});

describe('repositories', () => {
  const made = {
    repository: 'octo/new',
    html_url: 'https://github.test/octo/new',
    private: true,
    default_branch: 'main',
  };
  const answer = () => json(repository('new', { private: true }), 201);

  it.each([
    ['create_repository', { name: 'new' }, 'POST /user/repos', { name: 'new', private: true }],
    [
      'create_repository',
      { name: 'new', organization: 'acme', private: false, autoInit: true, description: 'd' },
      'POST /orgs/acme/repos',
      { name: 'new', private: false, auto_init: true, description: 'd' },
    ],
    ['fork_repository', place, 'POST /repos/octo/hello/forks', { default_branch_only: false }],
    [
      'fork_repository',
      { ...place, organization: 'acme' },
      'POST /repos/octo/hello/forks',
      { default_branch_only: false, organization: 'acme' },
    ],
  ])('%s %j', async (name, args, at, body) => {
    const { github, asked } = answering(answer);
    expect((await call(github, name, args)).structuredContent).toEqual(made);
    expect(asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([at]);
    expect(asked[0]?.body).toEqual(body);
  });

  it('are refused with a reason', async () => {
    const { github, asked } = answering(() =>
      json(
        { message: 'Repository creation failed.', errors: [{ field: 'name', message: 'name already exists' }] },
        422,
      ),
    );
    expect(await rejection(call(github, 'create_repository', { name: 'new' }))).toMatchObject({
      code: 'upstream_invalid',
      hint: expect.stringContaining('another name'),
    });
    expect(await rejection(call(github, 'create_repository', { name: 'a/b' }))).toMatchObject({
      code: 'invalid_arguments',
    });
    expect(await rejection(call(github, 'fork_repository', { ...place, organization: '..' }))).toMatchObject({
      code: 'invalid_arguments',
    });
    expect(asked).toHaveLength(1);
    const forbidden = answering(() => json({ message: 'Forbidden' }, 403)).github;
    expect(await rejection(call(forbidden, 'fork_repository', place))).toMatchObject({ code: 'upstream_forbidden' });
  });
});

describe('gists', () => {
  it('create_gist makes a secret one unless told otherwise', async () => {
    const { github, asked } = answering(() => json(gist('abc', { 'a.txt': 'x' }), 201));
    const called = await call(github, 'create_gist', { filename: 'a.txt', content: 'x' });
    expect(called.structuredContent).toEqual({ id: 'abc', html_url: 'https://gist.github.test/abc' });
    await call(github, 'create_gist', { filename: 'a.txt', content: 'x', public: true, description: 'd' });
    expect(asked.map(({ method, url, body }) => [method, url.pathname, body])).toEqual([
      ['POST', '/gists', { files: { 'a.txt': { content: 'x' } }, public: false }],
      ['POST', '/gists', { files: { 'a.txt': { content: 'x' } }, public: true, description: 'd' }],
    ]);
  });

  it('update_gist sends one file and tells all there are', async () => {
    const { github, asked } = answering(() => json(gist('abc', { 'a.txt': 'x', 'b.txt': 'y' })));
    const called = await call(github, 'update_gist', { gist_id: 'abc', filename: 'b.txt', content: 'y' });
    expect(called.structuredContent).toMatchObject({ id: 'abc', files: ['a.txt', 'b.txt'] });
    expect(asked[0]).toMatchObject({ method: 'PATCH', body: { files: { 'b.txt': { content: 'y' } } } });
    expect(asked[0]?.url.pathname).toBe('/gists/abc');
  });

  it.each([
    ['create_gist', { filename: '', content: 'x' }],
    ['create_gist', { filename: 'a/b', content: 'x' }],
    ['create_gist', { filename: 'a', content: '' }],
    ['update_gist', { gist_id: '../x', filename: 'a', content: 'x' }],
  ])('%s refuses %j', async (name, args) => {
    const { github, asked } = answering(() => json({}));
    expect(await rejection(call(github, name, args))).toMatchObject({ code: 'invalid_arguments' });
    expect(asked).toEqual([]);
  });

  it.each([
    ['create_gist', { filename: 'a', content: 'x' }],
    ['update_gist', { gist_id: 'abc', filename: 'a', content: 'x' }],
  ])('%s passes on what GitHub refuses', async (name, args) => {
    const { github } = answering(() => json({ message: 'Not Found' }, 404));
    expect(await rejection(call(github, name, args))).toMatchObject({ code: 'upstream_not_found' });
  });
});

describe.each([
  ['star_repository', 'PUT', true],
  ['unstar_repository', 'DELETE', false],
] as const)('%s', (name, method, starred) => {
  it('is done', async () => {
    const { github, asked } = answering(() => new Response(null, { status: 204 }));
    expect((await call(github, name, place)).structuredContent).toEqual({ repository: 'octo/hello', starred });
    expect(asked.map((request) => `${request.method} ${request.url.pathname}`)).toEqual([
      `${method} /user/starred/octo/hello`,
    ]);
  });

  it('says where there is no such repository', async () => {
    const { github } = answering(() => json({ message: 'Not Found' }, 404));
    expect(await rejection(call(github, name, place))).toMatchObject({ code: 'upstream_not_found' });
    expect(await rejection(call(github, name, { owner: 'octo' }))).toMatchObject({ code: 'invalid_arguments' });
  });
});
