/** Toolsets, as GitHub's own server groups its tools. Each is also the area of a scope. */
export const TOOLSETS = [
  'context',
  'repos',
  'git',
  'issues',
  'labels',
  'pull_requests',
  'users',
  'orgs',
  'actions',
  'notifications',
  'code_security',
  'secret_protection',
  'dependabot',
  'gists',
  'stargazers',
] as const;
export type Toolset = (typeof TOOLSETS)[number];
