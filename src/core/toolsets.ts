/**
 * Toolsets, as GitHub's own server groups its tools. Each is also the area of a scope,
 * but for `audit`, which is ours and has a scope of its own.
 */
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
  'audit',
] as const;
export type Toolset = (typeof TOOLSETS)[number];
