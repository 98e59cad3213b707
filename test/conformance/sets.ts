/** What is run, against which Worker. */
import { runAuthorization } from './authorization.ts';
import type { Revision } from './suite.ts';
import { runRequirements, runScenarios } from './suite.ts';
import type { Check, Outcome } from './verdict.ts';

export interface ConformanceSet {
  /** As in baseline.json. */
  readonly name: string;
  readonly worker: 'fixture' | 'production';
  /** What its scenarios are, for the heading. */
  readonly title: string;
  run(mcpUrl: string): Promise<Outcome[]>;
}

const required = (revision: Revision): ConformanceSet => ({
  name: revision,
  worker: 'fixture',
  title: `requirement set ${revision}, fixture server`,
  run: (mcpUrl) => runRequirements(mcpUrl, revision),
});

/** Checks that call a tool of the fixture server in scenarios that otherwise need none. */
const NEED_FIXTURES: ReadonlySet<string> = new Set([
  'sep-2575-server-rejects-undeclared-capability',
  'sep-2575-missing-capability-http-400',
  'sep-2575-http-server-no-independent-requests-on-stream',
  'sep-2575-server-no-log-without-loglevel',
]);

/** Scenarios that call nothing by a name of the suite's: they hold for the Worker that is deployed. */
const withoutFixtures = (revision: Revision, scenarios: readonly string[]): ConformanceSet => ({
  name: `${revision} production`,
  worker: 'production',
  title: `scenarios of ${revision} that need no fixtures, production build`,
  run: async (mcpUrl) =>
    (await runScenarios(mcpUrl, revision, scenarios)).map((outcome) => ({
      ...outcome,
      checks: outcome.checks.map(notApplicable),
    })),
});

/** The suite itself has to say that it could not test it. */
function notApplicable(check: Check): Check {
  const untestable = NEED_FIXTURES.has(check.id) && check.errorMessage?.startsWith('Not testable') === true;
  return untestable ? { ...check, status: 'SKIPPED' } : check;
}

export const SETS: readonly ConformanceSet[] = [
  required('2025-11-25'),
  required('2026-07-28'),
  withoutFixtures('2025-11-25', [
    'server-initialize',
    'ping',
    'tools-list',
    'resources-list',
    'prompts-list',
    'server-sse-multiple-streams',
    'server-session-lifecycle',
    'dns-rebinding-protection',
  ]),
  withoutFixtures('2026-07-28', [
    'server-stateless',
    'tools-list',
    'resources-list',
    'prompts-list',
    'server-sse-multiple-streams',
    'sep-2164-resource-not-found',
    'caching',
    'input-required-result-unsupported-methods',
    'http-header-validation',
    'dns-rebinding-protection',
  ]),
  {
    name: 'authorization',
    worker: 'production',
    title: 'authorization server, production build',
    run: runAuthorization,
  },
];
