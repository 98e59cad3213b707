/** A client that is limited to repositories: what it asks for, what it follows, and what it lets through of the answers. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Route } from '../../../src/github/client.ts';
import { repositoryLimit } from '../../../src/policy/limit.ts';
import { type Answer, API, answering, json, rejection, TOKEN } from './answering.ts';

const any = z.unknown();
const web = { owner: 'acme', repo: 'web' };
const limited = (answer: Answer, limit = ['acme/web', 'team/*'], apiUrl = API) =>
  answering(answer, apiUrl, repositoryLimit(limit));
const request = (fake: ReturnType<typeof limited>, route: string, parameters: object) =>
  fake.github.request(route as Route, parameters as never, any);
const paths = ({ asked }: ReturnType<typeof limited>) => asked.map(({ url }) => url.pathname + url.search);
const refused = { code: 'forbidden_by_policy', message: expect.stringContaining('limited to acme/web, team/*.') };

describe('a request', () => {
  it.each([
    ['GET /repos/{owner}/{repo}/issues', web],
    ['GET /repos/{owner}/{repo}', { owner: 'ACME', repo: 'Web' }],
    ['POST /repos/{owner}/{repo}/issues', { owner: 'team', repo: 'anything', title: 't' }],
    ['GET /user', {}],
  ])('%s of %j goes through', async (route, parameters) => {
    const fake = limited(() => json({}));
    await request(fake, route, parameters);
    expect(fake.asked).toHaveLength(1);
  });

  it.each([
    ['GET /repos/{owner}/{repo}', { owner: 'acme', repo: 'secrets' }],
    ['GET /repos/{owner}/{repo}/contents/{path}', { owner: 'acme', repo: 'web.git', path: 'a' }],
    ['DELETE /repos/{owner}/{repo}', { owner: 'evil', repo: 'web' }],
    ['GET /repos/{owner}/{repo}', { owner: 'aсme', repo: 'web' }],
    ['GET /user/repos', {}],
    ['GET /user/starred', {}],
    ['PUT /user/starred/{owner}/{repo}', web],
    ['PATCH /user', {}],
    ['GET /notifications', {}],
    ['GET /gists', {}],
    ['GET /orgs/{org}/teams', { org: 'team' }],
    ['GET /orgs/{org}/repos', { org: 'team' }],
    ['GET /users/{username}', { username: 'acme' }],
    ['GET /search/users', { q: 'repo:acme/web' }],
    ['GET /search/topics', { q: 'x' }],
    ['GET /search/labels', { q: 'x', repository_id: 1 }],
    ['GET /advisories', {}],
    ['GET /repositories', {}],
    ['GET /repositories/{id}', { id: 7 }],
    ['POST /user/repos', { name: 'web' }],
    ['POST /orgs/{org}/repos', { org: 'acme', name: 'new' }],
    [
      'POST /repos/{template_owner}/{template_repo}/generate',
      { template_owner: 'acme', template_repo: 'web', name: 'n' },
    ],
    ['POST /repos/{owner}/{repo}/forks', web],
    ['POST /repos/{owner}/{repo}/forks', { ...web, organization: 'evil' }],
    ['POST /repos/{owner}/{repo}/transfer', { ...web, new_owner: 'evil' }],
    ['POST /repos/{owner}/{repo}/merge-upstream', { ...web, branch: 'main' }],
    ['POST /repos/{owner}/{repo}/codespaces', web],
    ['PATCH /repos/{owner}/{repo}', { ...web, name: 'other' }],
    ['GET /repos/{owner}/{repo}/compare/{basehead}', { ...web, basehead: 'main...evil:main' }],
    ['GET /repos/{owner}/{repo}/compare/{basehead}', { ...web, basehead: 'evil:web:main...main' }],
    ['GET /repos/{owner}/{repo}/compare/{basehead}', { ...web, basehead: 'main...acme:fork:main' }],
    ['GET /repos/{owner}/{repo}/compare/{basehead}', { ...web, basehead: 'main..evil:main' }],
    ['POST /repos/{owner}/{repo}/pulls', { ...web, title: 't', base: 'main', head: 'evil:main' }],
    ['POST /repos/{owner}/{repo}/pulls', { ...web, title: 't', base: 'main', head: 'main', head_repo: 'secrets' }],
    ['POST /repos/{owner}/{repo}/pulls', { ...web, title: 't', base: 'main', head: 'acme:main', head_repo: 'secrets' }],
    ['POST /repos/{owner}/{repo}/issues/{issue_number}/sub_issues', { ...web, issue_number: 1, sub_issue_id: 5 }],
    [
      'POST /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by',
      { ...web, issue_number: 1, issue_id: 5 },
    ],
    ['GET /search/issues', { q: 'x repo:evil/x' }],
    ['GET /search/code', { q: 'x OR y' }],
  ])('%s of %j is refused before anything is asked', async (route, parameters) => {
    const fake = limited(() => json({}));
    expect(await rejection(request(fake, route, parameters))).toMatchObject(refused);
    expect(fake.asked).toHaveLength(0);
  });

  it.each([
    ['GET /repos/{owner}/{repo}/compare/{basehead}', { ...web, basehead: 'v1...feature' }],
    ['GET /repos/{owner}/{repo}/compare/{basehead}', { ...web, basehead: 'acme:web:v1...team:x' }],
    ['POST /repos/{owner}/{repo}/pulls', { ...web, title: 't', base: 'main', head: 'feature' }],
    ['POST /repos/{owner}/{repo}/pulls', { ...web, title: 't', base: 'main', head: 'ACME:feature' }],
    ['POST /repos/{owner}/{repo}/pulls', { ...web, title: 't', base: 'main', head: 'team:feature', head_repo: 'web' }],
    ['POST /repos/{owner}/{repo}/forks', { ...web, organization: 'team' }],
    ['POST /orgs/{org}/repos', { org: 'team', name: 'new' }],
    ['PATCH /repos/{owner}/{repo}', { owner: 'team', repo: 'a', name: 'b' }],
  ])('%s of %j stays within', async (route, parameters) => {
    const fake = limited(() => json({}));
    await request(fake, route, parameters);
    expect(fake.asked).toHaveLength(1);
  });

  it('is refused in every way to ask', async () => {
    const fake = limited(() => json({}));
    const other = { owner: 'evil', repo: 'x', run_id: 1, path: 'a' };
    const { github } = fake;
    for (const work of [
      github.bytes('GET /repos/{owner}/{repo}/contents/{path}', other, 100),
      github.location('GET /repos/{owner}/{repo}/actions/runs/{run_id}/logs', other),
      github.download('GET /repos/{owner}/{repo}/actions/runs/{run_id}/logs', other, 100).next(),
      github.pages('GET /repos/{owner}/{repo}/issues', other, any, 3).next(),
    ]) {
      expect(await rejection(work)).toMatchObject({
        ...refused,
        message: expect.stringContaining('evil/x is outside'),
      });
    }
    expect(fake.asked).toHaveLength(0);
  });

  it('keeps a GitHub Enterprise Server apart from what stands beside its API', async () => {
    const ghe = 'https://ghe.test/api/v3';
    const fake = limited(() => json({ full_name: 'acme/web', url: `${ghe}/repos/acme/web` }), ['acme/web'], ghe);
    await request(fake, 'GET /repos/{owner}/{repo}', web);
    expect(await rejection(request(fake, 'GET /repos/{owner}/{repo}', { owner: 'a', repo: 'b' }))).toMatchObject({
      code: 'forbidden_by_policy',
    });
    expect(paths(fake)).toEqual(['/api/v3/repos/acme/web']);
  });
});

describe('updating the branch of a pull request', () => {
  const route = 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch';
  const from = (repo: object | null) =>
    limited(({ method }) => json(method === 'GET' ? { head: { repo } } : {}, method === 'GET' ? 200 : 202));
  const pull = { ...web, pull_number: 7 };

  it('is done where its branch is within, and refused where it is in a fork outside', async () => {
    const own = from({ full_name: 'Acme/Web' });
    await request(own, route, pull);
    expect(paths(own)).toEqual(['/repos/acme/web/pulls/7', '/repos/acme/web/pulls/7/update-branch']);
    for (const repo of [{ full_name: 'evil/web' }, null, {}]) {
      const fork = from(repo);
      expect(await rejection(request(fork, route, pull))).toMatchObject(refused);
      expect(paths(fork)).toEqual(['/repos/acme/web/pulls/7']);
    }
  });
});

describe('a redirect', () => {
  const to = (location: string, names: Readonly<Record<string, string>> = {}) =>
    limited(({ url }) => {
      const id = /^\/repositories\/(\d+)$/.exec(url.pathname)?.[1];
      if (id !== undefined) return json({ full_name: names[id] });
      return url.pathname.startsWith('/repos/acme/web')
        ? new Response(null, { status: 301, headers: { location } })
        : json({ full_name: names['7'], ok: true });
    });

  it('of a renamed repository is followed where its name of today is within', async () => {
    const fake = to(`${API}/repositories/7/issues`, { 7: 'team/web' });
    expect((await request(fake, 'GET /repos/{owner}/{repo}/issues', web)).data).toMatchObject({ ok: true });
    expect(paths(fake)).toEqual(['/repos/acme/web/issues', '/repositories/7', '/repositories/7/issues']);
  });

  it.each([
    ['a repository that is outside by now', `${API}/repositories/7/issues`, ['/repositories/7']],
    ['the same, itself', `${API}/repositories/7`, ['/repositories/7']],
    ['one that nobody knows', `${API}/repositories/8/issues`, ['/repositories/8']],
    ['another name', `${API}/repos/evil/x/issues`, []],
    ['an encoded name', `${API}/repos/acme%2Fweb/x`, []],
    ['an account', `${API}/user/repos`, []],
    ['an organisation', `${API}/organizations/5/repos`, []],
    ['a search', `${API}/search/issues?q=x`, []],
  ])('to %s is not followed', async (_, location, looked) => {
    const ways = [
      (fake: ReturnType<typeof to>) => request(fake, 'GET /repos/{owner}/{repo}/issues', web),
      ({ github }: ReturnType<typeof to>) =>
        github.location('GET /repos/{owner}/{repo}/actions/runs/{run_id}/logs', { ...web, run_id: 1 }),
      ({ github }: ReturnType<typeof to>) =>
        github.download('GET /repos/{owner}/{repo}/actions/runs/{run_id}/logs', { ...web, run_id: 1 }, 9).next(),
    ];
    for (const way of ways) {
      const fake = to(location, { 7: 'evil/web' });
      expect(await rejection(way(fake))).toMatchObject(refused);
      expect(paths(fake).slice(1)).toEqual(looked);
    }
  });

  it('of a write to GraphQL is not followed', async () => {
    const fake = limited(() => new Response(null, { status: 307, headers: { location: `${API}/graphql` } }));
    const query = '{ viewer { login } }';
    const work = request(fake, 'POST /repos/{owner}/{repo}/issues', { ...web, query });
    expect(await rejection(work)).toMatchObject(refused);
    expect(fake.asked).toHaveLength(1);
  });

  it('to a store goes there without the token, and not back to another repository', async () => {
    const store = 'https://store.test/log?sig=1';
    const at = (location?: string) =>
      limited(({ url }) => {
        if (url.pathname.startsWith('/repos/acme/'))
          return new Response(null, { status: 302, headers: { location: store } });
        return location === undefined
          ? new Response('log')
          : new Response(null, { status: 302, headers: { location } });
      });
    const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/logs';
    const fake = at();
    for await (const chunk of fake.github.download(route, { ...web, run_id: 1 }, 100)) {
      expect(new TextDecoder().decode(chunk)).toBe('log');
    }
    expect(fake.asked.map(({ headers }) => headers.get('authorization'))).toEqual([`Bearer ${TOKEN}`, null]);
    const back = at(`${API}/repos/evil/x`);
    expect(await rejection(back.github.download(route, { ...web, run_id: 1 }, 100).next())).toMatchObject(refused);
    expect(back.asked).toHaveLength(2);
  });
});

describe('the pages of a list', () => {
  it('are read at the path that was asked for, whatever the link names', async () => {
    const fake = limited(({ url }) => {
      const next = url.searchParams.has('page') ? '' : `<${API}/repositories/99/issues?page=2&per_page=5>; rel="next"`;
      return json([], 200, next === '' ? {} : { link: next });
    });
    for await (const _ of fake.github.pages('GET /repos/{owner}/{repo}/issues', web, any, 5));
    expect(paths(fake)).toEqual(['/repos/acme/web/issues', '/repos/acme/web/issues?page=2&per_page=5']);
  });

  it('of a search stay that search', async () => {
    const fake = limited(({ url }) =>
      json({ total_count: 0, items: [] }, 200, {
        ...(url.searchParams.get('page') === null && {
          link: `<${API}/search/issues?q=everything&page=2>; rel="next"`,
        }),
      }),
    );
    for await (const _ of fake.github.pages('GET /search/issues', { q: 'x repo:acme/web' }, any, 5));
    expect(fake.asked.map(({ url }) => url.searchParams.get('q'))).toEqual(['repo:acme/web x', 'repo:acme/web x']);
  });
});

describe('an answer', () => {
  const answer = async (data: unknown, route = 'GET /repos/{owner}/{repo}/issues', parameters: object = web) =>
    (
      await request(
        limited(() => json(data)),
        route,
        parameters,
      )
    ).data;
  const issue = (name: string) => ({ number: 1, repository_url: `${API}/repos/${name}` });

  it('loses what belongs to other repositories, at any depth', async () => {
    expect(await answer([issue('acme/web'), issue('evil/x'), issue('Team/y')])).toEqual([
      issue('acme/web'),
      issue('Team/y'),
    ]);
    const event = { event: 'cross-referenced', source: { type: 'issue', issue: issue('evil/x') } };
    expect(await answer([event])).toEqual([{ event: 'cross-referenced', source: { type: 'issue', issue: null } }]);
    const pull = {
      number: 7,
      url: `${API}/repos/acme/web/pulls/7`,
      head: { sha: 'a', repo: { full_name: 'evil/web', private: true } },
      base: { repo: { full_name: 'acme/web', parent: { full_name: 'evil/web' } } },
    };
    expect(await answer(pull)).toEqual({
      ...pull,
      head: { sha: 'a', repo: null },
      base: { repo: { full_name: 'acme/web', parent: null } },
    });
    expect(await answer({ workflow_runs: [{ id: 1, head_repository: { full_name: 'evil/web' } }] })).toEqual({
      workflow_runs: [{ id: 1, head_repository: null }],
    });
  });

  it('about another repository is refused', async () => {
    for (const data of [issue('evil/x'), { full_name: 'evil/x' }, { url: `${API}/repos/evil/x/issues/1` }]) {
      expect(await rejection(answer(data))).toMatchObject(refused);
    }
  });

  it('of a search says of each hit where it belongs, and counts what is left', async () => {
    const items = [issue('acme/web'), issue('evil/x'), { number: 3 }, { repository: { full_name: 'evil/y' } }];
    const found = await answer({ total_count: 40, items }, 'GET /search/issues', { q: 'x' });
    expect(found).toEqual({ total_count: 37, items: [issue('acme/web')] });
  });

  it('keeps what names no repository', async () => {
    const data = { url: 'https://github.test/repos/x', user: { url: `${API}/users/evil` }, full_name: 'Mona Lisa' };
    expect(await answer(data)).toEqual(data);
  });
});

describe('GraphQL', () => {
  const QUERY = 'query($owner: String!, $repo: String!) { repository(owner: $owner, name: $repo) { issues { id } } }';
  const MUTATION = 'mutation($id: ID!) { change: resolveReviewThread(input: { threadId: $id }) { thread { id } } }';
  const INPUT =
    'mutation($input: AddPullRequestReviewThreadInput!) { addPullRequestReviewThread(input: $input) { thread { id } } }';
  const NODE = 'query($id: ID!) { node(id: $id) { ... on Issue { title } } }';
  const names: Readonly<Record<string, unknown>> = {
    IN: { repository: { nameWithOwner: 'acme/web' } },
    OUT: { repository: { nameWithOwner: 'evil/x' } },
    USER: {},
  };
  const graphql = (data: unknown = {}) =>
    limited(({ body }) => {
      const { query, variables } = body as { query: string; variables: { ids?: string[] } };
      if (query.includes('nodes(ids: $ids)'))
        return json({ data: { nodes: variables.ids?.map((id) => names[id] ?? null) } });
      return json({ data });
    });

  it('asks for a repository within, and does not follow its renames', async () => {
    const fake = graphql({ repository: { nameWithOwner: 'acme/web', issues: [] } });
    await fake.github.graphql(QUERY, web, any);
    expect(fake.asked.map(({ body }) => body)).toEqual([
      { query: QUERY.replace('name: $repo)', 'name: $repo, followRenames: false)'), variables: web },
    ]);
  });

  it.each([
    [QUERY, { owner: 'evil', repo: 'x' }],
    [QUERY, { owner: 'acme' }],
    [QUERY.replace('$owner,', '$other,'), web],
    ['query { viewer { login } }', web],
    ['query($owner: String!) { user(login: $owner) { login } }', web],
    [`${QUERY.slice(0, -1)} viewer { login } }`, web],
    [`${QUERY.slice(0, -1)} search(query: $q) { nodes { id } } }`, web],
    [`${QUERY} query Other { viewer { login } }`, web],
    [`fragment X on Issue { id } ${QUERY}`, web],
    ['{ viewer { login } }', web],
    ['mutation { createRepository(input: { name: x }) { id } }', web],
    ['mutation($input: I!) { createIssue(input: $input) { id } }', { input: { title: 'x' } }],
    ['', {}],
  ])('%s with %j is refused', async (query, variables) => {
    const fake = graphql();
    expect(await rejection(fake.github.graphql(query, variables, any))).toMatchObject(refused);
    expect(fake.asked).toHaveLength(0);
  });

  it.each([
    [MUTATION, (id: string) => ({ id })],
    [INPUT, (id: string) => ({ input: { pullRequestReviewId: id, body: 'OUT' } })],
    [INPUT, (id: string) => ({ input: { pullRequestReviewId: 'IN', deep: [{ userIds: ['IN', id] }] } })],
    [NODE, (id: string) => ({ id })],
  ])('looks up whose every node is first: %s', async (query, variablesOf) => {
    const inside = graphql();
    await inside.github.graphql(query, variablesOf('IN'), any);
    expect(inside.asked).toHaveLength(2);
    for (const id of ['OUT', 'USER', 'GONE']) {
      const outside = graphql();
      expect(await rejection(outside.github.graphql(query, variablesOf(id), any))).toMatchObject(refused);
      expect(outside.asked).toHaveLength(1);
    }
  });

  it('refuses where GitHub does not say whose a node is', async () => {
    for (const data of [{}, { nodes: [] }, null]) {
      const fake = limited(() => json({ data }));
      expect(await rejection(fake.github.graphql(MUTATION, { id: 'IN' }, any))).toMatchObject(refused);
      expect(fake.asked).toHaveLength(1);
    }
  });

  it('refuses an answer about another repository', async () => {
    const fake = graphql({ repository: { nameWithOwner: 'evil/x', issues: [] } });
    expect(await rejection(fake.github.graphql(QUERY, web, any))).toMatchObject(refused);
  });
});
