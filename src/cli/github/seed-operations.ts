/** Invented operations of `acme/web`: what ran, what it wrote to its logs, who was notified, what the scanners found. */

export interface Job {
  readonly id: number;
  readonly name: string;
  readonly steps: readonly string[];
  readonly conclusion: 'success' | 'failure';
}

export interface Run {
  readonly id: number;
  readonly workflow: number;
  readonly title: string;
  readonly event: string;
  readonly branch: string;
  readonly jobs: readonly Job[];
  attempt: number;
  /** How often it may be looked at before it is finished; each look finishes one job. */
  left: number;
  cancelled: boolean;
  logs: boolean;
}

export const WORKFLOWS = [
  { id: 101, name: 'CI', path: '.github/workflows/ci.yml', state: 'active' },
  { id: 102, name: 'Deploy', path: '.github/workflows/deploy.yml', state: 'active' },
];

const STEPS = ['Set up job', 'Run actions/checkout@v5', 'Run npm ci'];
const done = { attempt: 1, left: 0, cancelled: false, logs: true };

/** New ones for every embedded GitHub: calls change them. */
export const runs = (): Run[] => [
  {
    id: 2001,
    workflow: 101,
    title: 'Open the shop',
    event: 'push',
    branch: 'main',
    jobs: [
      { id: 3001, name: 'lint', steps: [...STEPS, 'Run npm run lint'], conclusion: 'success' },
      { id: 3002, name: 'test', steps: [...STEPS, 'Run npm test'], conclusion: 'success' },
    ],
    ...done,
  },
  {
    id: 2002,
    workflow: 101,
    title: 'Round prices half up',
    event: 'pull_request',
    branch: 'round-half-up',
    jobs: [
      { id: 3003, name: 'lint', steps: [...STEPS, 'Run npm run lint'], conclusion: 'success' },
      { id: 3004, name: 'test', steps: [...STEPS, 'Run npm test'], conclusion: 'failure' },
    ],
    ...done,
  },
  {
    id: 2003,
    workflow: 102,
    title: 'Deploy to production',
    event: 'workflow_dispatch',
    branch: 'main',
    jobs: deployJobs(3005),
    ...done,
    left: 2,
  },
];

/** The jobs of a deployment, with ids from `first`. */
export function deployJobs(first: number): Job[] {
  return [
    { id: first, name: 'build', steps: [...STEPS, 'Run npm run build'], conclusion: 'success' },
    { id: first + 1, name: 'deploy', steps: ['Set up job', 'Run ./deploy.sh'], conclusion: 'success' },
  ];
}

/** Lines that the test suite writes, more than one answer may hold. */
const TESTS = 3000;

/** The log of a job as Actions writes it: a byte order mark, a time before every line, colours, groups. */
export function logOf(job: Job): string {
  const lines = job.steps.flatMap((step) => [`##[group]${step}`, `shell: /usr/bin/bash -e {0}`, '##[endgroup]']);
  if (job.name === 'test') {
    for (let i = 1; i <= TESTS; i++) lines.push(`\u001b[32m✔\u001b[39m price ${i} is rounded (0.${i % 10}ms)`);
  }
  if (job.conclusion === 'failure') {
    lines.push('\u001b[31m✖ half a cent is rounded up\u001b[39m', '  AssertionError: 100 !== 101');
    lines.push('##[error]Process completed with exit code 1.');
  } else {
    lines.push(`${job.name} is done`);
  }
  const start = Date.UTC(2026, 10, 20, 9);
  const times = lines.map((line, i) => `${new Date(start + i * 10).toISOString().slice(0, -1)}0000Z ${line}`);
  return `\ufeff${times.join('\n')}\n`;
}

export interface Thread {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly path: string;
  readonly reason: string;
  unread: boolean;
}

export const threads = (): Thread[] => [
  {
    id: '501',
    title: 'Cart total is one cent too low',
    type: 'Issue',
    path: 'issues/1',
    reason: 'assign',
    unread: true,
  },
  { id: '502', title: 'Round prices half up', type: 'PullRequest', path: 'pulls/7', reason: 'author', unread: true },
  { id: '503', title: 'CI failed', type: 'CheckSuite', path: '', reason: 'ci_activity', unread: false },
];

const created = '2026-11-20T10:00:00Z';

export const CODE_ALERTS = [
  {
    number: 1,
    created_at: created,
    state: 'open',
    rule: {
      id: 'js/missing-rate-limiting',
      severity: 'warning',
      security_severity_level: 'high',
      description: 'Missing rate limiting',
      full_description: 'A handler that does expensive work without a limit lets anyone exhaust the server.',
      tags: ['security', 'external/cwe/cwe-770'],
      help: '# Missing rate limiting\n\nLimit how often one address may call the handler.',
    },
    tool: { name: 'CodeQL', version: '2.24.0' },
    most_recent_instance: {
      ref: 'refs/heads/main',
      commit_sha: 'c0ffee0000000000000000000000000000000000',
      message: { text: 'This handler changes the cart, but is not rate-limited.' },
      location: { path: 'src/server.ts', start_line: 7, end_line: 15, start_column: 1, end_column: 3 },
    },
  },
];

export const SECRET_ALERTS = [
  {
    number: 1,
    created_at: created,
    state: 'open',
    secret_type: 'acme_api_key',
    secret_type_display_name: 'Acme API key',
    secret: 'acme-key-that-must-not-come-out',
    validity: 'unknown',
    publicly_leaked: false,
    first_location_detected: {
      path: 'src/server.ts',
      start_line: 3,
      commit_sha: 'c0ffee0000000000000000000000000000000000',
    },
    has_more_locations: false,
  },
];

export const DEPENDABOT_ALERTS = ['high', 'low'].map((severity, i) => ({
  number: i + 1,
  created_at: created,
  state: 'open',
  dependency: {
    package: { ecosystem: 'npm', name: i === 0 ? 'anvil-parser' : 'magnetize' },
    manifest_path: 'package.json',
    scope: 'runtime',
    relationship: 'direct',
  },
  security_advisory: {
    ghsa_id: `GHSA-acme-000${i}-test`,
    cve_id: null,
    summary: i === 0 ? 'Anvils fall without a bound' : 'Magnets attract too much',
    description: '## Impact\n\nWhoever stands below.',
    severity,
    cvss: { score: i === 0 ? 7.5 : 3.1, vector_string: null },
    cwes: [{ cwe_id: 'CWE-770', name: 'Allocation of Resources Without Limits' }],
  },
  security_vulnerability: {
    vulnerable_version_range: '< 2.0.1',
    first_patched_version: i === 0 ? { identifier: '2.0.1' } : null,
  },
}));
