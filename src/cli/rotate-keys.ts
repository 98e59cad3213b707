/** `npm run rotate-keys`: the next secret key for a deployment. */
import { randomBytes } from 'node:crypto';
import { runCommand } from './command.ts';
import { KEYS_KEPT, rotateKeys } from './deploy/rotate.ts';
import { wranglerAt } from './deploy/run.ts';

await runCommand({
  usage: 'npm run rotate-keys',
  summary:
    'Makes the next secret key of your deployment. The Worker seals with the newest and opens with all it has, so nobody\n' +
    `is signed out. The newest ${KEYS_KEPT} are kept: rotate no more often than every 30 days, or people who were away\n` +
    'between two rotations have to sign in again.',
  flags: {},
  environment: { CLOUDFLARE_API_TOKEN: 'instead of `npx wrangler login`' },
  run: async (_, signal) => {
    const newKey = () => randomBytes(32).toString('base64url');
    await rotateKeys({ wrangler: wranglerAt(undefined, signal), given: {}, ask: undefined, newKey, say: console.log });
    return 0;
  },
});
