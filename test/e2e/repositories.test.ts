/** Repositories, people and gists on the whole path, in both eras; writes are read back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../../src/cli/clients.ts';
import type { ScopeBox } from '../../src/cli/sign-in.ts';
import { ERAS } from '../support/eras.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({
  // Questions to the person have tests of their own: confirm.test.ts.
  CONFIRM_OFF: 'all',
  LIMIT_CLIENT: '10000/1',
  LIMIT_USER: '10000/1',
  LIMIT_WRITE: '10000/1',
  LIMIT_SEARCH: '10000/1',
});

const web = { owner: 'acme', repo: 'web' };
const everything = (boxes: readonly ScopeBox[]) => boxes.map(({ scope }) => scope);

describe.each(ERAS)('in the $era era', ({ era, connect, call }) => {
  const person = new Person({ clientName: `Repositories ${era}`, choose: everything });
  let connected: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    connected = await connect(stack().mcpUrl, { person });
  });
  afterAll(async () => await connected.close());

  /** What a call returns as data; fails where it is an error. */
  async function data(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
    const result = await call(connected.client, name, args);
    expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
    return result.structuredContent as Record<string, unknown>;
  }

  /** The code of the error that a call ends in. */
  async function code(name: string, args: Record<string, unknown>): Promise<unknown> {
    const result = await call(connected.client, name, args);
    expect(result.isError).toBe(true);
    return /^Error (\w+):/.exec((result.content as { text: string }[])[0]?.text ?? '')?.[1];
  }

  it('reads commits, branches, tags and trees', async () => {
    const { commits } = (await data('list_commits', { ...web, perPage: 5 })) as {
      commits: { sha: string; message: string }[];
    };
    expect(commits[0]).toMatchObject({ author: 'octocat', message: 'Open the shop' });
    const sha = commits[0]?.sha;
    expect(await data('get_commit', { ...web, sha, detail: 'none' })).toMatchObject({ sha, message: 'Open the shop' });
    const rounding = { ...web, sha: 'round-half-up' };
    const stats = (await data('get_commit', rounding)) as { files: { filename: string; status: string }[] };
    expect(stats.files.map(({ filename, status }) => `${status} ${filename}`).sort()).toEqual([
      'added src/price.test.ts',
      'modified src/price.ts',
      'removed docs/notes/release checklist.md',
    ]);
    expect(JSON.stringify(await data('get_commit', { ...rounding, detail: 'full_patch' }))).toContain('Math.round');
    expect(await code('get_commit', { ...web, sha: 'nope' })).toBe('upstream_not_found');
    const { branches } = (await data('list_branches', web)) as { branches: { name: string }[] };
    expect(branches.map(({ name }) => name)).toEqual(expect.arrayContaining(['main', 'locales']));
    const tree = await data('get_repository_tree', { ...web, recursive: true, path_filter: 'src/' });
    expect(tree.entries).toContainEqual({ path: 'src/price.ts', size: expect.any(Number) });
    expect(await code('get_repository_tree', { ...web, tree_sha: 'nope' })).toBe('upstream_not_found');
    expect(await code('list_commits', { owner: 'acme', repo: 'nothing' })).toBe('upstream_not_found');
  });

  it('reads a patch that is longer than an answer to its end', async () => {
    const parts: string[] = [];
    let next: object | undefined = {};
    for (let calls = 0; next !== undefined && calls < 20; calls++) {
      const part = await data('get_commit', { ...web, sha: 'new-prices', detail: 'full_patch', ...next });
      for (const { patch } of part.files as { patch: string }[]) parts.push(patch);
      next = part.next_cursor === undefined ? undefined : { after: part.next_cursor };
    }
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.join('\n').match(/^\+ {2}\{ sku:/gm)).toHaveLength(420);
  });

  it('searches code, commits, repositories, people and organizations', async () => {
    expect(JSON.stringify(await data('search_code', { query: 'findProduct repo:acme/web' }))).toContain('src/cart.ts');
    expect(await data('search_commits', { query: 'shop repo:acme/web' })).toMatchObject({
      commits: [{ message: 'Open the shop', repository: 'acme/web' }],
    });
    expect(await data('search_repositories', { query: 'web user:acme' })).toMatchObject({
      repositories: [{ full_name: 'acme/web', description: 'The web shop' }],
    });
    expect(await data('search_users', { query: 'hubot' })).toMatchObject({ users: [{ login: 'hubot' }] });
    expect(await data('search_orgs', { query: 'acme' })).toMatchObject({ organizations: [{ login: 'acme' }] });
    expect(await code('search_code', { query: '' })).toBe('invalid_arguments');
  });

  it('lists teams, members and collaborators', async () => {
    const { teams } = (await data('get_teams', {})) as { teams: { org: string; slug: string }[] };
    expect(teams).toContainEqual(expect.objectContaining({ org: 'acme' }));
    const { slug } = teams[0] ?? { slug: '' };
    expect(await data('get_team_members', { org: 'acme', team_slug: slug })).toMatchObject({ members: ['octocat'] });
    expect(await code('get_teams', { user: 'nobody-here' })).toBe('upstream_not_found');
    expect(await code('get_team_members', { org: 'acme', team_slug: 'nope' })).toBe('upstream_not_found');
    const { collaborators } = await data('list_repository_collaborators', web);
    expect(collaborators).toEqual(expect.any(Array));
  });

  it('reads tags and releases', async () => {
    const as = stack().github.as('octocat');
    const { body: tip } = (await as('GET', '/repos/acme/web/git/ref/heads/main')) as {
      body: { object: { sha: string } };
    };
    const { sha } = tip.object;
    const tag = `v1-${era}`;
    const tagger = { name: 'Octo', email: 'o@acme.test', date: '2026-01-01T00:00:00Z' };
    const made = await as('POST', '/repos/acme/web/git/tags', {
      tag,
      message: 'One',
      object: sha,
      type: 'commit',
      tagger,
    });
    await as('POST', '/repos/acme/web/git/refs', { ref: `refs/tags/${tag}`, sha: (made.body as { sha: string }).sha });
    await as('POST', '/repos/acme/web/releases', { tag_name: tag, name: 'One', body: 'Faster <!-- psst -->' });
    expect(await data('get_tag', { ...web, tag })).toMatchObject({
      tag,
      sha,
      type: 'commit',
      annotated: true,
      message: 'One',
    });
    expect(JSON.stringify(await data('list_tags', web))).toContain(tag);
    expect(await data('get_release_by_tag', { ...web, tag })).toMatchObject({
      tag_name: tag,
      author: 'octocat',
      body: 'Faster ',
    });
    expect(await data('get_latest_release', web)).toMatchObject({ tag_name: tag });
    expect(JSON.stringify(await data('list_releases', web))).toContain('Faster');
    expect(await code('get_tag', { ...web, tag: 'nope' })).toBe('upstream_not_found');
    expect(await code('get_release_by_tag', { ...web, tag: 'nope' })).toBe('upstream_not_found');
  });

  it('writes files on a branch of its own, one by one and as one commit, and not through a link', async () => {
    const name = `desk-${era}`;
    expect(await data('create_repository', { name, autoInit: true })).toMatchObject({
      repository: `octocat/${name}`,
      private: true,
    });
    const place = { owner: 'octocat', repo: name };
    const branch = 'work/first';
    expect(await code('push_files', { ...place, branch, files: [{ path: 'a', content: '' }], message: 'm' })).toBe(
      'upstream_not_found',
    );
    await data('create_branch', { ...place, branch });
    expect(await code('create_branch', { ...place, branch })).toBe('upstream_invalid');
    const on = { ...place, branch, message: 'Write' };
    const read = async (path: string) => await data('get_file_contents', { ...place, path, ref: branch });

    const created = await data('create_or_update_file', { ...on, path: 'docs/grüße.md', content: 'Grüße 漢字\n' });
    expect(created.created).toBe(true);
    expect(await read('docs/grüße.md')).toMatchObject({ content: 'Grüße 漢字\n', sha: created.sha });
    const again = { ...on, path: 'docs/grüße.md', content: 'Neu\n' };
    expect(await code('create_or_update_file', again)).toBe('upstream_conflict');
    expect(await data('create_or_update_file', { ...again, sha: created.sha })).toMatchObject({ created: false });
    expect(await read('docs/grüße.md')).toMatchObject({ content: 'Neu\n' });

    const files = [
      { path: 'docs/grüße.md', content: 'Both\n' },
      { path: 'src/deep/a.ts', content: 'export {};\n' },
    ];
    const pushed = await data('push_files', { ...on, message: 'Both at once', files });
    expect(await data('get_commit', { ...place, sha: branch })).toMatchObject({
      sha: pushed.commit_sha,
      message: 'Both at once',
      files: expect.arrayContaining([expect.objectContaining({ filename: 'src/deep/a.ts', status: 'added' })]),
    });
    expect(await code('push_files', { ...on, files: [...files, { path: '../out', content: '' }] })).toBe(
      'invalid_arguments',
    );

    const as = stack().github.as('octocat');
    const link = [{ path: 'link', mode: '120000', type: 'blob', content: 'src/deep/a.ts' }];
    const base = `/repos/octocat/${name}/git`;
    const tip = (await as('GET', `${base}/commits/${String(pushed.commit_sha)}`)).body as { tree: { sha: string } };
    const tree = (await as('POST', `${base}/trees`, { base_tree: tip.tree.sha, tree: link })).body as { sha: string };
    const commit = { message: 'Link', tree: tree.sha, parents: [pushed.commit_sha] };
    const { sha } = (await as('POST', `${base}/commits`, commit)).body as { sha: string };
    await as('PATCH', `${base}/refs/heads/${branch}`, { sha });
    const through = { ...on, path: 'link', content: 'README.md', sha: 'abcd' };
    expect(await code('create_or_update_file', through)).toBe('invalid_arguments');
    expect(await code('push_files', { ...on, files: [{ path: 'link', content: 'x' }] })).toBe('invalid_arguments');
    expect(await read('src/deep/a.ts')).toMatchObject({ content: 'export {};\n' });
    const listed = await data('get_repository_tree', { ...place, tree_sha: branch });
    expect(listed.entries).toContainEqual({ path: 'link', type: 'symlink' });

    await data('delete_file', { ...on, path: 'link' });
    expect(await code('get_file_contents', { ...place, path: 'link', ref: branch })).toBe('upstream_not_found');
    expect(await code('delete_file', { ...on, path: 'link' })).toBe('upstream_not_found');
    const rows = await rowsOf(
      stack(),
      1,
      "client_id = ? AND tool_name = 'delete_file' AND result_status = 'success'",
      person.clientId,
    );
    expect(rows[0]?.user_login).toBe('octocat');
  });

  it('forks', async () => {
    const source = { owner: 'hubot', repo: `toy-${era}` };
    await stack().github.as('hubot')('POST', '/user/repos', { name: source.repo, auto_init: true });
    expect(await data('fork_repository', source)).toMatchObject({ repository: `octocat/${source.repo}` });
    expect(await data('list_branches', { owner: 'octocat', repo: source.repo })).toMatchObject({
      branches: [{ name: 'main' }],
    });
    expect(await code('fork_repository', { owner: 'hubot', repo: 'nothing' })).toBe('upstream_not_found');
  });

  it('keeps gists and stars (stood in)', async () => {
    const { id } = await data('create_gist', { filename: 'a.txt', content: 'one\n', description: 'Notes' });
    expect(await data('update_gist', { gist_id: id, filename: 'b.txt', content: 'two\n' })).toMatchObject({
      files: ['a.txt', 'b.txt'],
    });
    expect(await data('get_gist', { gist_id: id })).toMatchObject({
      description: 'Notes',
      files: [
        { filename: 'a.txt', content: 'one\n' },
        { filename: 'b.txt', content: 'two\n' },
      ],
    });
    expect(JSON.stringify(await data('list_gists', {}))).toContain(String(id));
    expect(JSON.stringify(await data('list_gists', { username: 'hubot' }))).not.toContain(String(id));
    expect(await code('get_gist', { gist_id: 'f'.repeat(32) })).toBe('upstream_not_found');

    await data('star_repository', web);
    expect(await data('list_starred_repositories', {})).toMatchObject({ repositories: [{ full_name: 'acme/web' }] });
    await data('unstar_repository', web);
    expect(await data('list_starred_repositories', { username: 'octocat' })).toEqual({ repositories: [] });
    expect(await code('star_repository', { owner: 'acme', repo: 'nothing' })).toBe('upstream_not_found');
  });
});
