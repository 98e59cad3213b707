/** `npm run audit`: whether the log is what was written, and a month of the archive back. */

import { auditLog } from '../audit/audit-log.ts';
import { chainsOf, tenantOf } from '../audit/chain.ts';
import { restoreSegment } from './audit/gate.ts';
import type { AuditPlace } from './audit/places.ts';
import { isWhole, lineOf } from './audit/report.ts';
import { runCommand } from './command.ts';
import { UserError } from './errors.ts';
import { DATA_DIR } from './project.ts';

const WHERE = {
  remote: { type: 'boolean', help: 'Your deployment, through wrangler, instead of the gate of `npm start`' },
  'data-dir': { type: 'string', help: `Another data directory than ${DATA_DIR.split('/').at(-1)}` },
} as const;

const ENVIRONMENT = {
  PUBLIC_URL: 'with --remote: the address of your deployment',
  AUDIT_TOKEN: 'with --remote: the secret of that name that your deployment has',
};

async function at<T>(
  flags: { readonly remote?: boolean; readonly 'data-dir'?: string },
  signal: AbortSignal,
  work: (place: AuditPlace) => Promise<T>,
): Promise<T> {
  const options = { env: process.env, dataDir: flags['data-dir'] ?? DATA_DIR, signal };
  // Not before it is needed: wrangler takes a second to load, which a mistyped flag need not wait for.
  const { deployedPlace, localPlace } = await import('./audit/places.ts');
  const place = flags.remote === true ? deployedPlace(options) : await localPlace(options);
  try {
    return await work(place);
  } finally {
    await place.stop();
  }
}

const verify = () =>
  runCommand({
    usage: 'npm run audit -- verify',
    summary:
      'Walks the hash chains of the log, from what their Writers keep outside D1, and names the first row of each that was\n' +
      'changed, removed, inserted, swapped or cut off. Ends with status 1 where there is one.',
    flags: WHERE,
    environment: ENVIRONMENT,
    run: async (flags, signal) =>
      await at(flags, signal, async ({ sources, what }) => {
        console.error(what);
        const reports = await auditLog(sources);
        for (const report of reports) console.log(lineOf(report));
        return reports.every(isWhole) ? 0 : 1;
      }),
  });

const restore = () =>
  runCommand({
    usage: 'npm run audit -- restore',
    summary:
      'Brings a month of the archive back into the table mcp_audit_restored, after checking it against its chain.',
    flags: {
      ...WHERE,
      month: { type: 'string', help: 'The month, such as 2026-10' },
      tenant: { type: 'string', help: 'Only this tenant; all unless said' },
    },
    environment: ENVIRONMENT,
    run: async ({ month = '', tenant, ...flags }, signal) => {
      if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)) throw new UserError('--month takes a month, such as 2026-10.');
      return await at(flags, signal, async ({ gate, sources }) => {
        const known = (await sources.chains()).map(({ chain_id }) => chain_id);
        const chains = known.filter((chain) => tenant === undefined || tenantOf(chain) === tenant);
        if (chains.length === 0) throw new UserError(`The gate has no tenant ${tenant}.`);
        let rows = 0;
        for (const chain of chains.filter((id) => chainsOf(tenantOf(id)).includes(id))) {
          let dropped = 0;
          for (let after: number | null = 0; after !== null; ) {
            signal.throwIfAborted();
            const restored = await restoreSegment(gate, chain, month, after);
            rows += restored.rows;
            dropped += restored.dropped;
            after = restored.next;
          }
          if (dropped > 0) console.log(`${chain}: ${dropped} rows of about that time were dropped by the policy.`);
        }
        if (rows === 0) throw new UserError(`No archive of ${month} was found: nothing was restored.`);
        console.log(`${rows} rows of ${month} are in mcp_audit_restored. Delete them from there when you are done.`);
        return 0;
      });
    },
  });

const [, , verb = ''] = process.argv;
const run = { verify, restore }[verb];
if (run === undefined) {
  const asked = verb === '--help' || verb === '-h';
  const usage = 'Usage: npm run audit -- verify|restore [flags]\n\n`npm run audit -- verify --help` tells more.';
  (asked ? console.log : console.error)(usage);
  process.exit(asked ? 0 : 1);
}
process.argv.splice(2, 1);
await run();
