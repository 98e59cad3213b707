/**
 * The scopes of this gate and their hierarchy. Pure.
 *
 * `tools:execute` contains `tools:execute:read_only`, which contains every `tools:execute:{area}:read`;
 * `tools:execute` contains every `tools:execute:{area}:write`, which contains that area's `read`;
 * `resources:read` contains `resources:read:public`. What tools may do says nothing about `audit:read`.
 */
import type { Toolset } from '../core/toolsets.ts';
import { TOOLSETS } from '../core/toolsets.ts';

/** What a person reads beside a checkbox, grouped by what a scope can do. */
export interface ScopeInfo {
  readonly name: string;
  readonly group: 'see' | 'read' | 'write';
  /** One line that says what the client could do with it. */
  readonly title: string;
  /** Whether it lets the client change things at GitHub. */
  readonly dangerous: boolean;
}

/** The audit log is no part of GitHub: what tools may do there says nothing about it. */
type Area = Exclude<Toolset, 'audit'>;
const AREAS = TOOLSETS.filter((toolset): toolset is Area => toolset !== 'audit');

const AREA_NAMES: Readonly<Record<Area, string>> = {
  context: 'your profile and teams',
  repos: 'repositories: files, branches, commits, releases',
  git: 'Git trees',
  issues: 'issues and comments',
  labels: 'labels',
  pull_requests: 'pull requests and reviews',
  users: 'the directory of users',
  orgs: 'the directory of organisations',
  actions: 'workflow runs and their logs',
  notifications: 'your notifications',
  code_security: 'code scanning alerts',
  secret_protection: 'secret scanning alerts',
  dependabot: 'Dependabot alerts',
  gists: 'gists',
  stargazers: 'stars',
};

/** What can be changed there, where that is not what can be read. */
const CHANGES: Readonly<Partial<Record<Area, string>>> = {
  repos: 'repositories: files, branches, commits; create and fork repositories',
  actions: 'workflow runs: start, rerun and cancel them',
};

/** Areas in which something can be changed. */
const WRITABLE: readonly Area[] = [
  'repos',
  'issues',
  'labels',
  'pull_requests',
  'actions',
  'notifications',
  'gists',
  'stargazers',
];

/** Of administrators only; no other scope contains it. */
export const AUDIT_READ = 'audit:read';

/** Every scope this gate knows, narrow to broad within a group. */
export const SCOPES: readonly ScopeInfo[] = [
  { name: 'tools:list', group: 'see', title: 'See which tools there are', dangerous: false },
  { name: 'resources:list', group: 'see', title: 'See which resources there are', dangerous: false },
  { name: 'prompts:list', group: 'see', title: 'See which prompts there are', dangerous: false },
  { name: 'prompts:use', group: 'read', title: 'Use prompts, which may embed what you can read', dangerous: false },
  { name: 'resources:read:public', group: 'read', title: 'Read files of public repositories', dangerous: false },
  { name: 'resources:read', group: 'read', title: 'Read files of every repository you can read', dangerous: false },
  ...AREAS.map((area) => ({
    name: `tools:execute:${area}:read`,
    group: 'read' as const,
    title: `Read ${AREA_NAMES[area]}`,
    dangerous: false,
  })),
  { name: 'tools:execute:read_only', group: 'read', title: 'Use every tool that only reads', dangerous: false },
  {
    name: AUDIT_READ,
    group: 'read',
    title: 'Read the audit log of this server: what everybody did (administrators only)',
    dangerous: false,
  },
  ...WRITABLE.map((area) => ({
    name: `tools:execute:${area}:write`,
    group: 'write' as const,
    title: `Change ${CHANGES[area] ?? AREA_NAMES[area]}`,
    dangerous: true,
  })),
  { name: 'tools:execute', group: 'write', title: 'Use every tool, also those that change things', dangerous: true },
];

export const SCOPE_NAMES: readonly string[] = SCOPES.map((scope) => scope.name);

/** What a client is told to ask for first: all that only reads. */
export const BASELINE: readonly string[] = [
  'tools:list',
  'tools:execute:read_only',
  'resources:list',
  'resources:read',
  'prompts:list',
  'prompts:use',
];

/** In: one known scope. Out: the scopes that contain it, itself first, then broader and broader. */
export function containersOf(scope: string): readonly string[] {
  const tool = /^tools:execute:([a-z_]+):(read|write)$/.exec(scope);
  if (tool !== null) {
    const write = `tools:execute:${tool[1]}:write`;
    return tool[2] === 'write' ? [write, 'tools:execute'] : [scope, write, 'tools:execute:read_only', 'tools:execute'];
  }
  if (scope === 'tools:execute:read_only') return [scope, 'tools:execute'];
  if (scope === 'resources:read:public') return [scope, 'resources:read'];
  return [scope];
}

/**
 * Whether granted scopes allow what needs `required`. Fails closed: a scope this gate does not know, on either side,
 * allows nothing.
 */
export function allows(granted: readonly string[], required: string): boolean {
  if (!SCOPE_NAMES.includes(required)) return false;
  return containersOf(required).some((scope) => granted.includes(scope));
}

/** In: scopes in any order, with repeats and unknown ones. Out: the known ones, once each, in the order of SCOPES. */
export function knownScopes(scopes: readonly string[]): string[] {
  return SCOPE_NAMES.filter((name) => scopes.includes(name));
}
