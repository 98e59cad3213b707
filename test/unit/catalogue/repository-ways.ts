/** Every way out of the tools of repositories, people and gists, with something hidden in all that GitHub says. */
import type { GitHub } from '../../../src/github/client.ts';
import { answering, json } from '../github/answering.ts';
import { call, prompt, read } from './calling.ts';
import { INVISIBLE, plant } from './planting.ts';
import { codeHit, commit, gist, release, repository, SHA, search, teams, treeEntry } from './repository-samples.ts';
import { changed, someone } from './upstream-samples.ts';

const place = { owner: 'octo', repo: 'hello' };
/** Names and code, whose markup is their content: only what nobody sees is hidden in them. */
const unseen = (text: string) => `${text.slice(0, 1)}${INVISIBLE}${text.slice(1)}`;

const file = { ...gist('abc', { 'a.md': 'x' }).files['a.md'], filename: unseen('a.md'), content: unseen('text') };
const planted = {
  commit: plant(commit(1, { files: [changed('a.ts', '+a', { previous_filename: 'b.ts', status: 'renamed' })] })),
  gist: { ...(plant(gist('abc', {})) as object), files: { a: file } },
  hit: {
    ...(plant(codeHit) as object),
    name: unseen('a.ts'),
    text_matches: [{ property: 'content', fragment: unseen('const a') }],
  },
  tag: {
    tag: 'v1',
    sha: SHA,
    message: 'm',
    tagger: { name: 'Mona', date: '2026-01-01T00:00:00Z' },
    object: { type: 'commit', sha: SHA },
  },
};

function poisoned(): GitHub {
  return answering(({ url: { pathname }, method }) => {
    const path = pathname.replace('/repos/octo/hello', '');
    if (path === '/graphql') return json(plant(teams));
    if (path === '/search/code') return json(search([planted.hit]));
    if (path === '/search/commits')
      return json(search([{ ...(planted.commit as object), repository: plant(repository('a')) }]));
    if (path === '/search/users') return json(search([plant(someone('mona')) as object]));
    if (path === '/search/repositories') return json(search([plant(repository('a')) as object]));
    if (path.endsWith('/starred')) return json([plant(repository('a'))]);
    if (path.startsWith('/user/starred/')) return new Response(null, { status: 204 });
    if (path === '/gists' && method === 'GET') return json([planted.gist]);
    if (path.startsWith('/gists')) return json(planted.gist);
    if (path === '/commits') return json([planted.commit]);
    if (path.startsWith('/compare/')) return json({ total_commits: 1, commits: [planted.commit] });
    if (path.startsWith('/commits/')) return json(planted.commit);
    if (path === '/branches' || path === '/tags') return json([plant({ name: 'main', commit: { sha: SHA } })]);
    if (path === '/releases') return json([plant(release(1))]);
    if (path.startsWith('/releases/')) return json(plant(release(1)));
    if (path === '/collaborators') return json([plant({ ...someone('mona'), role_name: 'admin' })]);
    if (path.endsWith('/members')) return json([plant(someone('mona'))]);
    if (path.startsWith('/git/tags/')) return json(plant(planted.tag));
    if (path.startsWith('/git/ref/tags/')) return json({ ref: 'x', object: { type: 'tag', sha: SHA } });
    if (path.startsWith('/git/ref')) return json({ ref: 'x', object: { type: 'commit', sha: unseen(SHA) } });
    if (path.startsWith('/git/commits')) return json({ sha: unseen(SHA), tree: { sha: SHA } });
    if (path.startsWith('/git/trees')) {
      return json({ sha: unseen(SHA), truncated: false, tree: [treeEntry(unseen('a.ts')), treeEntry('there.ts')] });
    }
    if (path.startsWith('/contents/')) return json({ content: { sha: unseen(SHA) }, commit: { sha: unseen(SHA) } });
    return json(plant(repository('a')));
  }).github;
}

const CALLS: readonly (readonly [name: string, args: object])[] = [
  ['get_teams', {}],
  ['get_team_members', { org: 'acme', team_slug: 'core' }],
  ['get_commit', { ...place, sha: 'x', detail: 'full_patch' }],
  ['list_commits', { ...place, fields: ['html_url', 'commit', 'author', 'committer'] }],
  ['list_branches', place],
  ['list_tags', place],
  ['get_tag', { ...place, tag: 'v1' }],
  ['list_releases', { ...place, fields: ['id', 'name', 'body', 'html_url', 'published_at', 'author'] }],
  ['get_latest_release', place],
  ['get_release_by_tag', { ...place, tag: 'v1' }],
  ['list_repository_collaborators', place],
  ['search_code', { query: 'x', fields: ['name', 'path', 'sha', 'repository', 'text_matches'] }],
  ['search_commits', { query: 'x' }],
  ['search_repositories', { query: 'x', minimal_output: false }],
  ['search_users', { query: 'x' }],
  ['search_orgs', { query: 'x' }],
  ['create_branch', { ...place, branch: 'new', from_branch: 'main' }],
  ['create_or_update_file', { ...place, path: 'b.ts', content: 'x', message: 'm', branch: 'main' }],
  ['push_files', { ...place, files: [{ path: 'b.ts', content: 'x' }], message: 'm', branch: 'main' }],
  ['delete_file', { ...place, path: 'there.ts', message: 'm', branch: 'main' }],
  ['create_repository', { name: 'new' }],
  ['fork_repository', place],
  ['get_repository_tree', place],
  ['list_gists', {}],
  ['get_gist', { gist_id: 'abc' }],
  ['create_gist', { filename: 'a', content: 'x' }],
  ['update_gist', { gist_id: 'abc', filename: 'a', content: 'x' }],
  ['list_starred_repositories', {}],
  ['star_repository', place],
  ['unstar_repository', place],
];

export const repositoryWays: Readonly<Record<string, () => Promise<unknown>>> = {
  ...Object.fromEntries(CALLS.map(([name, args]) => [`tool ${name}`, () => call(poisoned(), name, args)])),
  'resource commit': () => read(poisoned(), `github://octo/hello/commits/${SHA}`),
  'prompt release_notes': () => prompt(poisoned(), 'release_notes', { ...place, base: 'v1' }),
};
