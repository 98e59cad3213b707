/** Answers as GitHub gives them, cut to what matters, with more fields than we use. */

export const someone = (login: string) => ({
  login,
  id: 583231,
  node_id: 'MDQ6',
  avatar_url: 'https://avatars.test/1',
  url: `https://api.github.test/users/${login}`,
  type: 'User',
  site_admin: false,
});

export const account = {
  ...someone('mona'),
  name: 'Mona Lisa',
  company: '@acme',
  blog: '',
  location: null,
  email: 'mona@acme.test',
  bio: 'Likes paint',
  html_url: 'https://github.test/mona',
  created_at: '2008-01-14T04:33:35Z',
  public_repos: 8,
  total_private_repos: 3,
  followers: 20,
  following: 0,
  plan: { name: 'pro', space: 1 },
};

export const issue = (number: number, more: object = {}) => ({
  id: 1000 + number,
  node_id: 'I_1',
  number,
  url: `https://api.github.test/repos/octo/hello/issues/${number}`,
  repository_url: 'https://api.github.test/repos/octo/hello',
  html_url: `https://github.test/octo/hello/issues/${number}`,
  title: `Issue ${number}`,
  user: someone('hubot'),
  labels: [{ id: 1, name: 'bug', description: 'Something is wrong', color: 'f00' }],
  state: 'open',
  state_reason: null,
  locked: false,
  assignee: someone('mona'),
  assignees: [someone('mona')],
  milestone: { number: 2, title: 'v2', description: null },
  comments: 3,
  reactions: { url: 'x', total_count: 4, '+1': 4 },
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-02T00:00:00Z',
  closed_at: null,
  closed_by: null,
  author_association: 'CONTRIBUTOR',
  type: { id: 1, name: 'Bug' },
  sub_issues_summary: { total: 2, completed: 1, percent_completed: 50 },
  parent_issue_url: 'https://api.github.test/repos/octo/hello/issues/9',
  issue_field_values: [
    { issue_field_id: 1, issue_field_name: 'Priority', node_id: 'x', data_type: 'text', value: 'high' },
  ],
  body: 'It crashes.',
  ...more,
});

export const comment = (id: number, body = `Comment ${id}`) => ({
  id,
  node_id: 'IC_1',
  url: `https://api.github.test/repos/octo/hello/issues/comments/${id}`,
  issue_url: 'https://api.github.test/repos/octo/hello/issues/1',
  html_url: `https://github.test/octo/hello/issues/1#issuecomment-${id}`,
  user: someone('hubot'),
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  author_association: 'NONE',
  body,
});

export const entry = (path: string, type = 'file', size = 5) => ({
  type,
  size,
  name: path.split('/').at(-1) ?? path,
  path,
  sha: '3d21ec53a331a6f037a91c368710b99387d012c1',
  url: `https://api.github.test/repos/octo/hello/contents/${path}?ref=main`,
  git_url: 'https://api.github.test/repos/octo/hello/git/blobs/3d21',
  html_url: `https://github.test/octo/hello/blob/main/${path}`,
  download_url: `https://raw.github.test/octo/hello/main/${path}?token=SECRETTOKEN`,
  _links: {},
});

export const file = (path: string, content: string | Uint8Array) => {
  const bytes = Buffer.from(content);
  const base64 = bytes.toString('base64').replace(/(.{60})/g, '$1\n');
  return { ...entry(path, 'file', bytes.length), encoding: 'base64', content: `${base64}\n` };
};

export const pull = (number: number, more: object = {}) => ({
  number,
  title: 'Round prices',
  body: 'Fixes rounding.',
  state: 'open',
  draft: false,
  user: someone('hubot'),
  author_association: 'MEMBER',
  base: { ref: 'main', sha: 'b'.repeat(40), label: 'octo:main' },
  head: { ref: 'fix', sha: 'c'.repeat(40), label: 'hubot:fix' },
  additions: 1,
  deletions: 1,
  changed_files: 1,
  ...more,
});

export const changed = (filename: string, patch: string | undefined = '@@ -1 +1 @@\n-a\n+b', more: object = {}) => ({
  sha: 'd'.repeat(40),
  filename,
  status: 'modified',
  additions: 1,
  deletions: 1,
  changes: 2,
  ...(patch !== undefined && { patch }),
  ...more,
});
