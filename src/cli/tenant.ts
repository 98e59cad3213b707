/** `npm run tenant`: tenants besides `default`, here or in your deployment. */
import { TENANT_SETTINGS } from '../tenants/row.ts';
import { runCommand } from './command.ts';
import { hasLog, readRunning } from './data-dir.ts';
import { askAtTerminal } from './deploy/ask.ts';
import { wranglerAt } from './deploy/run.ts';
import { DATA_DIR, hasArchive } from './project.ts';
import { carryOut } from './tenant/carry-out.ts';
import { orderFrom } from './tenant/edit.ts';
import { localPlace, remotePlace } from './tenant/place.ts';
import { noTable } from './tenant/table.ts';

await runCommand({
  usage: 'npm run tenant -- add|set NAME [SETTING=VALUE …] | disable|enable NAME | list  [--remote]',
  summary:
    'Tenants at /t/NAME, each with its own issuer, policy, limits and rows. A gate that runs goes by a change within 30\n' +
    'seconds, without a restart. `set` keeps what is not named; an empty value takes a setting away. A tenant that names\n' +
    'no GitHub uses the application of the deployment; nothing else is taken over from it. The tenant default has its\n' +
    'settings in the Worker.\n\n' +
    `Settings: ${TENANT_SETTINGS.join(', ')}.`,
  flags: { remote: { type: 'boolean', help: 'in your deployment, not in the data of npm start' } },
  takesWords: true,
  environment: {
    GITHUB_CLIENT_SECRET: 'secret of an application of its own; sealed before it is stored, never printed',
    PUBLIC_URL: 'address of the gate, if it is not the one that is known',
    CLOUDFLARE_API_TOKEN: 'with --remote, instead of `npx wrangler login`',
  },
  run: async ({ remote }, signal, words) => {
    const order = orderFrom(words);
    const wrangler = wranglerAt(undefined, signal);
    const desk = { wrangler, given: {}, ask: undefined, newKey: () => '', say: () => undefined };
    // Before wrangler, which would make a directory that looks like one.
    if (remote !== true && !(await hasLog(DATA_DIR))) throw noTable('npm start');
    // Where the gate runs now, it may have got another port than the usual one.
    const running = remote === true ? undefined : await readRunning(DATA_DIR);
    const env = { ...(running !== undefined && { PUBLIC_URL: running.publicUrl }), ...process.env };
    const place = remote === true ? await remotePlace(desk, env) : localPlace(wrangler, DATA_DIR, env);
    const present = process.stdin.isTTY === true && process.stdout.isTTY === true;
    await carryOut(order, {
      ...place,
      clientSecret: process.env.GITHUB_CLIENT_SECRET?.trim() || undefined,
      ask: present ? askAtTerminal : undefined,
      // `npm start` has a bucket on this machine.
      archive: remote !== true || hasArchive(),
      now: Date.now,
      say: console.log,
    });
    return 0;
  },
});
