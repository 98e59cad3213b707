/** Answers of GitHub about issues, labels, pull requests and reviews, cut to what matters, with more than we use. */
import { comment, issue, pull, someone } from './upstream-samples.ts';

export const HEAD = 'c'.repeat(40);

export const fullPull = (number: number, more: object = {}) => ({
  ...pull(number),
  id: 5000 + number,
  node_id: `PR_${number}`,
  url: `https://api.github.test/repos/octo/hello/pulls/${number}`,
  html_url: `https://github.test/octo/hello/pull/${number}`,
  base: { ref: 'main', sha: 'b'.repeat(40), label: 'octo:main', repo: { full_name: 'octo/hello', id: 1 } },
  head: { ref: 'fix', sha: HEAD, label: 'hubot:fix', repo: { full_name: 'hubot/hello', id: 2 } },
  labels: [{ id: 1, name: 'bug', color: 'f00' }],
  assignees: [someone('mona')],
  requested_reviewers: [someone('mona')],
  requested_teams: [{ slug: 'core', id: 3 }],
  milestone: null,
  merged: false,
  merged_at: null,
  merged_by: null,
  merge_commit_sha: 'e'.repeat(40),
  mergeable: true,
  mergeable_state: 'clean',
  commits: 2,
  comments: 3,
  review_comments: 1,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-02T00:00:00Z',
  closed_at: null,
  ...more,
});

export const review = (id: number, state = 'COMMENTED', login = 'hubot') => ({
  id,
  node_id: `PRR_${id}`,
  user: someone(login),
  author_association: 'MEMBER',
  state,
  body: `Review ${id}`,
  commit_id: HEAD,
  submitted_at: state === 'PENDING' ? null : '2026-01-02T00:00:00Z',
  html_url: `https://github.test/octo/hello/pull/7#pullrequestreview-${id}`,
});

export const label = { id: 1, node_id: 'L', name: 'kind/bug', color: 'd73a4a', description: 'Wrong', default: true };

export const commit = {
  sha: HEAD,
  author: someone('hubot'),
  commit: { message: 'Round', author: { name: 'Hubot', email: 'h@x.test', date: '2026-01-01T00:00:00Z' } },
};

export const checkRun = (id: number) => ({
  id,
  name: `build ${id}`,
  status: 'completed',
  conclusion: 'failure',
  started_at: '2026-01-01T00:00:00Z',
  completed_at: '2026-01-01T00:01:00Z',
  details_url: `https://github.test/octo/hello/actions/runs/1/job/${id}`,
  app: { slug: 'github-actions', name: 'Actions' },
  output: { title: null, summary: null },
});

export const status = {
  context: 'ci/deploy',
  state: 'failure',
  description: 'No space left',
  target_url: 'https://ci.test/1',
  updated_at: '2026-01-01T00:00:00Z',
};

export const issueNode = (number: number, body = 'It crashes.') => ({
  number,
  title: `Issue ${number}`,
  body,
  state: 'OPEN',
  stateReason: null,
  url: `https://github.test/octo/hello/issues/${number}`,
  author: { login: 'hubot' },
  authorAssociation: 'CONTRIBUTOR',
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-02T00:00:00Z',
  closedAt: null,
  labels: { nodes: [{ name: 'bug' }] },
  assignees: { nodes: [] },
  milestone: null,
  comments: { totalCount: 3 },
  reactions: { totalCount: 0 },
});

export const issuesOf = (nodes: readonly object[], hasNextPage = false) => ({
  data: {
    repository: {
      issues: {
        totalCount: 40,
        pageInfo: { hasNextPage },
        edges: nodes.map((node, index) => ({ cursor: `cursor${index + 1}`, node })),
      },
    },
  },
});

export const thread = (id: string, bodies: readonly string[]) => ({
  id,
  path: 'src/price.ts',
  line: 12,
  startLine: null,
  diffSide: 'RIGHT',
  subjectType: 'LINE',
  isResolved: false,
  isOutdated: true,
  comments: {
    totalCount: bodies.length,
    nodes: bodies.map((body, index) => ({
      fullDatabaseId: String(index + 1),
      author: { login: 'mona' },
      authorAssociation: 'OWNER',
      body,
      createdAt: '2026-01-01T00:00:00Z',
    })),
  },
});

export const threadsOf = (nodes: readonly object[], hasNextPage = false) => ({
  data: {
    repository: {
      pullRequest: {
        reviewThreads: {
          totalCount: nodes.length,
          pageInfo: { hasNextPage },
          edges: nodes.map((node, index) => ({ cursor: `thread${index + 1}`, node })),
        },
      },
    },
  },
});

export const threadPlace = (number = 7, nameWithOwner = 'Octo/hello') => ({
  data: {
    repository: { nameWithOwner: 'Octo/hello' },
    node: { pullRequest: { number }, repository: { nameWithOwner } },
  },
});

export const reaction = { id: 9, content: 'heart', user: someone('mona') };
export const created = { ...comment(77), html_url: 'https://github.test/octo/hello/issues/1#issuecomment-77' };
export const issueType = { id: 4, node_id: 'IT', name: 'Bug', description: 'Wrong', color: 'red', is_enabled: true };
export { issue };
