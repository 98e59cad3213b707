/** Runs the official suite, `@modelcontextprotocol/conformance`, and reads what it found from the files it leaves. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runNode } from '../../src/cli/project.ts';
import type { Check, Outcome } from './verdict.ts';

const packageJson = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
/** The suite's command. */
export const SUITE = join(dirname(packageJson), 'dist/index.js');
/** The suite's own reader of its requirement sets. */
const yaml = createRequire(packageJson)('yaml') as { parse(text: string): unknown };

export type Revision = '2025-11-25' | '2026-07-28';

interface Requirements {
  readonly server: readonly string[];
  readonly not_scored: readonly { readonly scenario: string; readonly leg: string; readonly reason: string }[];
}

/** All that a revision requires of a server, and what the suite runs beside it without scoring it. */
export async function runRequirements(url: string, revision: Revision): Promise<Outcome[]> {
  const file = join(dirname(packageJson), 'requirements', `${revision}.yaml`);
  const { server, not_scored } = yaml.parse(await readFile(file, 'utf8')) as Requirements;
  const unscored = not_scored.filter((entry) => entry.leg === 'server');
  const found = await run(url, ['--requirements', revision]);
  return [
    ...server.map((scenario) => outcome(scenario, undefined, found)),
    ...unscored.map(({ scenario, reason }) => outcome(scenario, reason, found)),
  ];
}

/** Single scenarios at a revision's wire. */
export async function runScenarios(url: string, revision: Revision, scenarios: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    const found = await run(url, ['--scenario', scenario, '--spec-version', revision, '--force']);
    outcomes.push(outcome(scenario, undefined, found));
  }
  return outcomes;
}

/** In: options of the suite. Out: the checks it wrote, by scenario. */
async function run(url: string, options: readonly string[]): Promise<ReadonlyMap<string, readonly Check[]>> {
  return await withResults(async (dir) => {
    await runNode(SUITE, ['server', '--url', url, ...options, '--output-dir', dir]);
  });
}

/** In: what runs the suite with a directory for its results. Out: the checks that are in there then, by scenario. */
export async function withResults(
  work: (dir: string) => Promise<void>,
): Promise<ReadonlyMap<string, readonly Check[]>> {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-conformance-'));
  try {
    await work(dir);
    const found = new Map<string, readonly Check[]>();
    for (const folder of await readdir(dir)) {
      // {kind}-{scenario}-{time, in which colons and dots became dashes}
      const scenario = /^(?:authorization-server|server)-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(folder)?.[1] ?? folder;
      const checks = await readFile(join(dir, folder, 'checks.json'), 'utf8').catch(() => '[]');
      found.set(scenario, JSON.parse(checks) as Check[]);
    }
    return found;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A scenario that left no checks did not run to its end, which is a failure however the suite ended. */
export function outcome(
  scenario: string,
  unscored: string | undefined,
  found: ReadonlyMap<string, readonly Check[]>,
): Outcome {
  const checks = found.get(scenario) ?? [];
  const ended = checks.length > 0 || unscored !== undefined;
  return {
    scenario,
    unscored,
    checks: ended ? checks : [{ id: 'ran', status: 'FAILURE', errorMessage: 'The suite left no result.' }],
  };
}
