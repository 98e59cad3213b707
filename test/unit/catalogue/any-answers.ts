/** A GitHub that answers anything in a shape that most tools accept, and names repositories inside and outside the limit. */
import { type Answer, API, json } from '../github/answering.ts';

/** Repositories by id, as redirects name them. */
export const NAMES: Readonly<Record<string, string>> = { 7: 'acme/web', 8: 'evil/x', 9: 'team/moved' };
const SHA = 'b'.repeat(40);
const TIME = '2026-11-23T00:00:00Z';

/** Lists by the last word of their path; answers with a list inside, by the name of the list. */
const LISTS =
  /\/(issues|comments|files|commits|branches|tags|releases|labels|reviews|alerts|collaborators|notifications|sub_issues|pulls|members|starred|gists|issue-types|annotations)$/;

export function anyAnswer(draw: () => number): Answer {
  const oneOf = <T>(items: readonly T[]): T => items[Math.floor(draw() * items.length)] as T;
  const thing = (): Record<string, unknown> => {
    const home = oneOf(['acme/web', 'acme/web', 'Acme/Web', 'evil/x']);
    const user = { login: 'mona', id: 1 };
    const side = { ref: 'main', sha: SHA, label: 'mona:main', repo: { full_name: oneOf(['acme/web', 'evil/x']) } };
    const texts = [
      'name',
      'title',
      'body',
      'message',
      'path',
      'filename',
      'event',
      'ref',
      'tag_name',
      'tag',
      'context',
    ];
    return {
      ...Object.fromEntries(texts.map((name) => [name, name])),
      ...{ id: 1, number: 1, node_id: oneOf(['IN', 'OUT']), state: 'open', status: 'completed', conclusion: 'success' },
      ...{
        login: 'mona',
        sha: SHA,
        type: 'commit',
        size: 1,
        encoding: 'base64',
        content: '',
        additions: 1,
        deletions: 1,
      },
      ...{
        private: false,
        visibility: 'public',
        default_branch: 'main',
        created_at: TIME,
        updated_at: TIME,
        changes: 2,
      },
      ...{
        user,
        author: user,
        labels: [],
        assignees: [],
        head: side,
        base: side,
        merged: true,
        color: 'fff',
        submitted_at: TIME,
      },
      ...{
        object: { type: 'commit', sha: SHA },
        tree: [{ path: 'a', type: 'blob', mode: '100644', sha: SHA }],
        truncated: false,
      },
      ...{
        commit: { sha: SHA, message: 'm', tree: { sha: SHA }, author: { name: 'n', date: TIME } },
        parents: [{ sha: SHA }],
      },
      ...{ total_count: 1, statuses: [], check_runs: [], workflows: [], artifacts: [], files: [], permissions: {} },
      ...{
        repository_url: `${API}/repos/${home}`,
        url: `${API}/repos/${home}/x`,
        html_url: `https://github.test/${home}`,
      },
      ...{ subject: { title: 't', type: 'Issue' }, reason: 'mention', unread: true, rule: {}, tool: {} },
    };
  };
  return ({ method, url, body }) => {
    const path = url.pathname;
    const id = /^\/repositories\/(\d+)$/.exec(path)?.[1];
    if (id !== undefined) return json({ full_name: NAMES[id] });
    if (path === '/graphql') return json({ data: graphqlAnswer(body as { variables: { ids?: string[] } }) });
    if (draw() < 0.06) {
      const location = oneOf([
        '/repositories/7/x',
        '/repositories/8/x',
        '/repositories/9/x',
        '/repos/evil/x',
        '/user/repos',
      ]);
      return new Response(null, { status: oneOf([301, 302, 307, 308]), headers: { location: API + location } });
    }
    if (draw() < 0.06) return json({ message: 'Not Found' }, oneOf([404, 403, 422, 409]));
    if (method === 'PUT' || method === 'DELETE')
      return oneOf([() => new Response(null, { status: 204 }), () => json(thing())])();
    const link = {
      link: `<${API}${oneOf(['/repositories/8/x', '/repos/evil/x', '/search/issues'])}?q=all&page=2>; rel="next"`,
    };
    const headers = draw() < 0.3 ? link : {};
    if (path.startsWith('/search/')) return json({ total_count: 2, items: [thing(), thing()] }, 200, headers);
    if (LISTS.test(path) && method === 'GET') return json([thing(), thing()], 200, headers);
    const inside = { workflow_runs: [thing()], jobs: [thing()], items: [thing()] };
    return json({ ...thing(), ...inside }, method === 'POST' ? 201 : 200);
  };
}

function graphqlAnswer({ variables }: { variables: { ids?: readonly string[] } }): object {
  if (variables.ids !== undefined) {
    const name = (id: string) => ({ repository: { nameWithOwner: id === 'IN' ? 'acme/web' : 'evil/x' } });
    return { nodes: variables.ids.map(name) };
  }
  const list = { totalCount: 0, pageInfo: { hasNextPage: false }, edges: [] };
  return {
    repository: { issues: list, pullRequest: { reviewThreads: list } },
    node: { pullRequest: { number: 1 }, repository: { nameWithOwner: 'acme/web' } },
    change: { thread: { id: 'IN', isResolved: true }, pullRequest: { isDraft: true } },
    addPullRequestReviewThread: { thread: { id: 'IN', path: 'a', line: 1 } },
  };
}
