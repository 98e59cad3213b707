/** Answers of GitHub about repositories, people and gists, cut to what matters, with more fields than we use. */
import { someone } from './upstream-samples.ts';

export const SHA = 'a'.repeat(40);
const links = { url: 'https://api.github.test/x', node_id: 'C_1', comments_url: 'https://api.github.test/x/comments' };

export const commit = (number: number, more: object = {}) => ({
  ...links,
  sha: number.toString(16).padStart(40, '0'),
  html_url: `https://github.test/octo/hello/commit/${number}`,
  commit: {
    author: { name: 'Mona Lisa', email: 'mona@acme.test', date: '2026-01-01T00:00:00Z' },
    committer: { name: 'GitHub', email: 'noreply@github.test', date: '2026-01-02T00:00:00Z' },
    message: `Change ${number}`,
    tree: { sha: SHA, url: 'x' },
    verification: { verified: true, reason: 'valid', signature: '-----BEGIN PGP SIGNATURE-----', payload: 'tree' },
  },
  author: someone('mona'),
  committer: someone('web-flow'),
  parents: [{ sha: 'b'.repeat(40), url: 'x', html_url: 'x' }],
  ...more,
});

export const repository = (name: string, more: object = {}) => ({
  ...links,
  id: 1,
  name,
  full_name: `octo/${name}`,
  owner: someone('octo'),
  private: false,
  visibility: 'public',
  html_url: `https://github.test/octo/${name}`,
  description: 'Says hello',
  homepage: '',
  language: 'TypeScript',
  default_branch: 'main',
  fork: false,
  archived: false,
  stargazers_count: 7,
  forks_count: 0,
  open_issues_count: 2,
  license: { key: 'mit', name: 'MIT License', spdx_id: 'MIT' },
  topics: ['greeting'],
  size: 42,
  created_at: '2020-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  pushed_at: '2026-01-01T00:00:00Z',
  permissions: { admin: false },
  ...more,
});

export const release = (number: number, more: object = {}) => ({
  ...links,
  id: number,
  tag_name: `v${number}`,
  target_commitish: 'main',
  name: `Version ${number}`,
  body: 'Faster.',
  html_url: `https://github.test/octo/hello/releases/v${number}`,
  draft: false,
  prerelease: false,
  created_at: '2026-01-01T00:00:00Z',
  published_at: '2026-01-02T00:00:00Z',
  author: someone('mona'),
  assets: [{ id: 1, name: 'app.zip', size: 10, download_count: 3, browser_download_url: 'x', uploader: someone('m') }],
  ...more,
});

export const gist = (id: string, files: Readonly<Record<string, string>>, more: object = {}) => ({
  ...links,
  id,
  html_url: `https://gist.github.test/${id}`,
  description: 'Notes',
  public: false,
  comments: 0,
  owner: someone('mona'),
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-02T00:00:00Z',
  files: Object.fromEntries(
    Object.entries(files).map(([filename, content]) => [
      filename,
      {
        filename,
        content,
        size: content.length,
        type: 'text/plain',
        language: 'Text',
        raw_url: 'x',
        truncated: false,
        encoding: 'utf-8',
      },
    ]),
  ),
  ...more,
});

export const treeEntry = (path: string, mode = '100644', more: object = {}) => ({
  path,
  mode,
  type: mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob',
  sha: Buffer.from(path).toString('hex').padEnd(40, '0').slice(0, 40),
  url: 'https://api.github.test/x',
  ...(mode.startsWith('1') && mode !== '160000' && { size: 5 }),
  ...more,
});

export const search = (items: readonly object[], total_count = items.length) => ({
  total_count,
  incomplete_results: false,
  items: items.map((item) => ({ ...item, score: 1 })),
});

export const codeHit = {
  ...links,
  name: 'a.ts',
  path: 'src/a.ts',
  sha: SHA,
  html_url: 'https://github.test/octo/hello/blob/x/src/a.ts',
  repository: repository('hello'),
  text_matches: [
    { object_type: 'FileContent', property: 'content', fragment: 'const a = 1;', matches: [] },
    { object_type: 'FileContent', property: 'path', fragment: 'src/a.ts', matches: [] },
  ],
};

export const teams = {
  data: {
    user: {
      organizations: {
        pageInfo: { hasNextPage: false },
        nodes: [
          {
            login: 'acme',
            teams: {
              pageInfo: { hasNextPage: false },
              nodes: [{ name: 'The Core', slug: 'core', description: 'Decides' }, null],
            },
          },
          null,
        ],
      },
    },
  },
};
