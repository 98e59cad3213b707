/** `npm run deploy`: to your own Cloudflare account, as often as you like. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { askAtTerminal } from './deploy/ask.ts';
import { BUILT } from './deploy/plan.ts';
import { deploy, wranglerAt } from './deploy/run.ts';
import { hasArchive, ROOT } from './project.ts';
import { Report } from './report.ts';
import { SETTINGS_HELP, settingsFrom } from './settings.ts';

await runCommand({
  usage: 'npm run deploy',
  summary:
    'Builds the Worker, deploys it to your Cloudflare account, applies the migrations, and stores its settings.\n' +
    'Run it again after an update or to change a setting; what is not named stays as it is.',
  flags: { 'dry-run': { type: 'boolean', help: 'check everything that needs no account, and print the plan' } },
  environment: {
    CLOUDFLARE_API_TOKEN: 'instead of `npx wrangler login`; CLOUDFLARE_ACCOUNT_ID if it has several accounts',
    ...SETTINGS_HELP,
  },
  run: async (flags, signal) => {
    const wrangler = wranglerAt(undefined, signal);
    const given = settingsFrom(process.env);
    if (flags['dry-run'] === true) {
      const report = new Report();
      // Not before it is needed: it takes a second to load, which a mistyped flag need not wait for.
      const { dryRun } = await import('./deploy/dry-run.ts');
      await dryRun(wrangler, given, report, signal).catch((error: unknown) => {
        if (report.failed === 0) throw error;
      });
      return report.failed === 0 ? 0 : 1;
    }
    const newKey = () => randomBytes(32).toString('base64url');
    const present = process.stdin.isTTY === true && process.stdout.isTTY === true;
    const build = async () => (await import('./bundle.ts')).buildWorker(join(ROOT, BUILT), undefined, signal);
    return deploy({
      wrangler,
      build,
      archive: hasArchive(),
      given,
      ask: present ? askAtTerminal : undefined,
      newKey,
      say: console.log,
    });
  },
});
