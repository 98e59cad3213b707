/** Runs, jobs, notifications and alerts as GitHub gives them, cut to what matters, with more fields than we use. */
import { someone } from './upstream-samples.ts';

export const ACTIONS = '/repos/octo/hello/actions';
export const SHA = 'c'.repeat(40);

export const workflow = (id: number) => ({
  id,
  node_id: 'W_1',
  name: 'CI',
  path: '.github/workflows/ci.yml',
  state: 'active',
  created_at: '2026-01-01T00:00:00Z',
  badge_url: 'https://github.test/badge.svg',
});

export const run = (id: number, more: object = {}) => ({
  id,
  node_id: 'WR_1',
  name: 'CI',
  display_title: 'Round prices',
  path: '.github/workflows/ci.yml',
  workflow_id: 7,
  run_number: 42,
  run_attempt: 1,
  event: 'pull_request',
  status: 'completed',
  conclusion: 'failure',
  head_branch: 'fix',
  head_sha: SHA,
  actor: someone('mona'),
  triggering_actor: someone('mona'),
  pull_requests: [{ id: 1, number: 12, url: 'https://api.github.test/x' }],
  created_at: '2026-01-01T00:00:00Z',
  run_started_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:05:00Z',
  head_commit: { id: SHA, message: 'Round' },
  repository: { id: 1, full_name: 'octo/hello' },
  ...more,
});

export const job = (id: number, more: object = {}) => ({
  id,
  run_id: 99,
  name: `job ${id}`,
  status: 'completed',
  conclusion: 'success',
  started_at: '2026-01-01T00:00:10Z',
  completed_at: '2026-01-01T00:01:00Z',
  labels: ['ubuntu-latest'],
  runner_name: 'GitHub Actions 3',
  steps: [
    { number: 1, name: 'Set up', status: 'completed', conclusion: 'success' },
    {
      number: 2,
      name: 'npm test',
      status: 'completed',
      conclusion: (more as { conclusion?: string }).conclusion ?? 'success',
    },
  ],
  check_run_url: 'https://api.github.test/x',
  ...more,
});

export const artifact = {
  id: 5,
  name: 'coverage',
  size_in_bytes: 100,
  expired: false,
  created_at: '2026-01-01T00:00:00Z',
  expires_at: '2026-04-01T00:00:00Z',
  archive_download_url: 'https://api.github.test/x/zip',
};

export const thread = (id: string, more: object = {}) => ({
  id,
  repository: { id: 1, full_name: 'octo/hello', description: 'x' },
  subject: {
    title: 'It crashes',
    url: 'https://api.github.test/repos/octo/hello/issues/12',
    latest_comment_url: 'https://api.github.test/x',
    type: 'Issue',
  },
  reason: 'mention',
  unread: true,
  updated_at: '2026-01-01T00:00:00Z',
  last_read_at: null,
  url: 'https://api.github.test/notifications/threads/1',
  ...more,
});

export const codeAlert = (number: number, more: object = {}) => ({
  number,
  created_at: '2026-01-01T00:00:00Z',
  state: 'open',
  dismissed_by: null,
  dismissed_reason: null,
  rule: {
    id: 'js/xss',
    severity: 'error',
    security_severity_level: 'high',
    description: 'Cross-site scripting',
    full_description: 'Writing what a person sent into a page lets them run scripts.',
    tags: ['security'],
    help: '# XSS\n\nEscape it.',
  },
  tool: { name: 'CodeQL', guid: null, version: '2' },
  most_recent_instance: {
    ref: 'refs/heads/main',
    commit_sha: SHA,
    message: { text: 'Written unescaped.' },
    location: { path: 'src/a.ts', start_line: 3, end_line: 3, start_column: 1 },
    classifications: [],
  },
  ...more,
});

export const LEAKED = 'the-secret-that-leaked';
export const secretAlert = (number: number, more: object = {}) => ({
  number,
  created_at: '2026-01-01T00:00:00Z',
  state: 'open',
  secret_type: 'some_key',
  secret_type_display_name: 'Some key',
  secret: LEAKED,
  validity: 'active',
  publicly_leaked: true,
  multi_repo: false,
  push_protection_bypassed_by: someone('mona'),
  first_location_detected: { path: '.env', start_line: 2, end_line: 2, start_column: 1, commit_sha: SHA },
  has_more_locations: true,
  resolution: null,
  ...more,
});

export const dependabotAlert = (number: number, more: object = {}) => ({
  number,
  state: 'open',
  created_at: '2026-01-01T00:00:00Z',
  fixed_at: null,
  dependency: {
    package: { ecosystem: 'npm', name: 'left-pad' },
    manifest_path: 'package.json',
    scope: 'runtime',
    relationship: 'direct',
  },
  security_advisory: {
    ghsa_id: 'GHSA-aaaa-bbbb-cccc',
    cve_id: 'CVE-2026-1',
    summary: 'Pads too far',
    description: '### Impact\n\nMemory.',
    severity: 'high',
    cvss: { score: 7.5, vector_string: 'CVSS:3.1/AV:N' },
    cwes: [{ cwe_id: 'CWE-400', name: 'Uncontrolled Resource Consumption' }],
    identifiers: [],
    references: [{ url: 'https://example.test' }],
  },
  security_vulnerability: {
    vulnerable_version_range: '< 1.3.0',
    first_patched_version: { identifier: '1.3.0' },
    severity: 'high',
  },
  ...more,
});

/** A log as Actions writes it. */
export const logOf = (lines: readonly string[]) =>
  `\ufeff${lines.map((line) => `2026-01-01T00:00:00.1234567Z ${line}`).join('\n')}\n`;
