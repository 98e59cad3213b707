/** `npm run deploy -- --dry-run`: everything that can be checked without an account, and the plan of the real run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWorker } from '../bundle.ts';
import { migrationFiles } from '../migrate.ts';
import { DATABASE_NAME, hasArchive } from '../project.ts';
import type { Report } from '../report.ts';
import { expect } from '../report.ts';
import type { Settings } from '../settings.ts';
import { doubtsIn } from '../settings.ts';
import type { Step } from './plan.ts';
import {
  deployStep,
  LIST_SECRETS,
  MIGRATE,
  NOTHING,
  SHOW_DEPLOYMENT,
  secretStep,
  showVersion,
  WHO_AM_I,
  wanted,
} from './plan.ts';
import { assertValid, type Wrangler } from './run.ts';

/**
 * Largest bundle that is let through, minified and gzipped (bytes). Cloudflare takes ten times as much; this is about
 * the time a Worker needs to start.
 */
export const LARGEST_BUNDLE = 252 * 1024;

/**
 * Rejects at the first check that does not hold, with a UserError where a given setting is not valid. In: wrangler, for
 * the local database.
 */
export async function dryRun(wrangler: Wrangler, given: Settings, report: Report, signal?: AbortSignal): Promise<void> {
  assertValid(given);
  const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-dry-run-'));
  try {
    report.heading('Checked here, without an account');
    const size = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
    await report.step(
      `wrangler.toml is valid and the Worker builds, at most ${size(LARGEST_BUNDLE)} gzipped`,
      async () => {
        const bundle = await buildWorker(join(scratch, 'bundle'), undefined, signal);
        expect(bundle.gzipBytes <= LARGEST_BUNDLE, `at most ${size(LARGEST_BUNDLE)}, got ${size(bundle.gzipBytes)}`);
        return bundle;
      },
      (bundle) => `${size(bundle.bytes)} minified, ${size(bundle.gzipBytes)} gzipped`,
    );
    await report.step(
      'The migrations apply to an empty local database, and then change nothing more',
      () => migrateLocally(wrangler, scratch),
      (files) => files.join(' '),
    );
    report.heading('What a real deployment would do');
    for (const { title, args } of outline(given)) {
      report.line(`  ${title}`);
      report.line(`      wrangler ${args.join(' ')}`);
    }
    const { missing } = wanted(NOTHING, given, 'https://gatehouse.SUBDOMAIN.workers.dev', () => '');
    report.line();
    if (missing.length > 0)
      report.line(`Not in the environment: ${missing.join(', ')}. A real run asks for them, or takes what is stored.`);
    // What is stored at Cloudflare and not named here, nobody knows: only where who may sign in is named with it.
    const unread = given.ALLOWED_USERS === undefined ? ['ALLOWED_USERS'] : [];
    for (const doubt of doubtsIn(given, { archive: hasArchive(), unread })) report.line(`Note: ${doubt}`);
    report.line('Nothing was sent to Cloudflare.');
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function migrateLocally(wrangler: Wrangler, scratch: string): Promise<string[]> {
  const local = ['--local', '--persist-to', join(scratch, 'd1')];
  const files = await migrationFiles();
  const first = await wrangler(['d1', 'migrations', 'apply', DATABASE_NAME, ...local]);
  expect(first.status === 0, `the migrations to apply: ${first.stdout}${first.stderr}`);
  const again = await wrangler(['d1', 'migrations', 'apply', DATABASE_NAME, ...local]);
  expect(again.status === 0 && /no migrations to apply/i.test(again.stdout + again.stderr), 'nothing left to apply');
  const sql = "SELECT count(*) AS n FROM sqlite_master WHERE name = 'mcp_audit_log'";
  const asked = await wrangler(['d1', 'execute', DATABASE_NAME, ...local, '--json', '--command', sql]);
  expect(/"n":\s*1/.test(asked.stdout), 'the table mcp_audit_log');
  return files;
}

/** The steps in order, with stand-ins where a value is known only during the run. */
function outline(given: Settings): Step[] {
  const first = wanted(NOTHING, given, undefined, () => '');
  const secrets = wanted(NOTHING, { GITHUB_CLIENT_SECRET: '…' }, undefined, () => '').secrets;
  return [
    WHO_AM_I,
    LIST_SECRETS,
    { ...SHOW_DEPLOYMENT, title: `${SHOW_DEPLOYMENT.title}, if the Worker is there` },
    showVersion('VERSION'),
    { ...deployStep('Deploy what was built, which provisions D1', first.vars) },
    { ...MIGRATE, title: `${MIGRATE.title}; before the deployment when the Worker is there` },
    { ...secretStep(secrets), title: 'Store SECRET_KEY, made once, and GITHUB_CLIENT_SECRET, over standard input' },
    deployStep('Store the variables that were not known before', { PUBLIC_URL: 'https://…' }),
  ];
}
