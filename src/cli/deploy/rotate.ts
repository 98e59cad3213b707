/** The next secret key of a deployment: a new one seals from now on, those before it still open. */
import { UserError } from '../errors.ts';
import { NoTable, TenantTable } from '../tenant/table.ts';
import { LIST_SECRETS, secretNames, secretStep } from './plan.ts';
import { assertSignedIn, type Desk } from './run.ts';

/** Keys a deployment keeps. Nobody can read one back, so each has a secret of its own. */
export const KEYS_KEPT = 3;

/** Which key to add and which to take away. In: the names of the Worker's secrets. Undefined where it has no key. */
export function rotation(
  names: readonly string[],
): { readonly add: string; readonly remove: readonly string[] } | undefined {
  const numbers = names
    .flatMap((name) => /^SECRET_KEY(?:_(\d{1,4}))?$/.exec(name)?.[1] ?? (name === 'SECRET_KEY' ? '1' : []))
    .map(Number)
    .sort((a, b) => b - a);
  const [newest] = numbers;
  if (newest === undefined) return undefined;
  return { add: nameOf(newest + 1), remove: numbers.slice(KEYS_KEPT - 1).map(nameOf) };
}

/**
 * Stores the next key and removes the oldest beyond KEYS_KEPT. Rejects with a UserError when there is no key yet or a
 * step fails, or where a tenant's secret needs a key that would go; nothing is removed before the new key is there.
 */
export async function rotateKeys(desk: Desk): Promise<void> {
  await assertSignedIn(desk);
  const listed = await desk.wrangler(LIST_SECRETS.args);
  if (listed.status !== 0) throw new UserError(`wrangler secret list failed:\n${listed.stderr.trim()}`);
  const plan = rotation(secretNames(listed.stdout));
  if (plan === undefined) throw new UserError('The Worker has no secret key yet: `npm run deploy` makes the first.');
  await assertNotNeeded(plan.remove, desk);
  const step = secretStep({ [plan.add]: desk.newKey() });
  desk.say(step.title);
  const stored = await desk.wrangler(step.args, JSON.stringify(step.secrets));
  // wrangler's words are left out: they could repeat what it was given.
  if (stored.status !== 0) throw new UserError(`wrangler secret bulk failed: ${plan.add} was not stored.`);
  for (const name of plan.remove) {
    desk.say(`Remove ${name}`);
    const removed = await desk.wrangler(['secret', 'delete', name]);
    if (removed.status !== 0)
      throw new UserError(`${plan.add} is stored, but ${name} could not be removed: ${removed.stderr.trim()}`);
  }
  desk.say(`${plan.add} seals from now on. What earlier keys sealed still opens: nobody is signed out.`);
}

/** A key that sealed a tenant's secret stays: the Worker seals such a secret anew within the hour. */
async function assertNotNeeded(names: readonly string[], { wrangler }: Desk): Promise<void> {
  if (names.length === 0) return;
  const ids = names.map((name) => `k${/\d+$/.exec(name)?.[0] ?? 1}`);
  const rows = await new TenantTable(wrangler, ['--remote']).all().catch((error: unknown) => {
    if (error instanceof NoTable) return [];
    throw error;
  });
  const needing = rows.filter(({ client_secret: sealed }) => ids.includes(sealed?.split('.')[0] ?? ''));
  if (needing.length === 0) return;
  const tenants = needing.map(({ id }) => id).join(', ');
  throw new UserError(
    `Nothing was rotated: ${names.join(', ')} would go, which still opens the client secret of ${tenants}. The Worker seals ` +
      'it anew every hour; if it does not, set it again: GITHUB_CLIENT_SECRET=… npm run tenant -- set NAME --remote',
  );
}

function nameOf(number: number): string {
  return number === 1 ? 'SECRET_KEY' : `SECRET_KEY_${number}`;
}
