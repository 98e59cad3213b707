/**
 * What the Cron Trigger of wrangler.toml runs: every tenant's rows are looked at in turn, the old ones leave D1, as its settings
 * say, and tenants' secrets move to the Worker's current key.
 */

import { chainsOf } from '../audit/chain.ts';
import { patrolRun } from '../audit/patrol.ts';
import type { Config } from '../config.ts';
import { allConfigs } from '../tenants/lookup.ts';
import { resealSecrets } from '../tenants/reseal.ts';

const DAY_MS = 86_400_000;
/** A run ends well within the 15 minutes that the platform gives it; the next one goes on. */
const RUN_MS = 10 * 60_000;

/** In: when the run was due, in milliseconds since the epoch. Rejects where the tenants cannot be read. */
export async function keepRetention(env: Env, due: number, clock: () => number): Promise<void> {
  const end = clock() + RUN_MS;
  const configs = await allConfigs(env);
  const noBucket = (env as { ARCHIVE?: unknown }).ARCHIVE === undefined;
  for (const { tenant, audit } of configs)
    if (noBucket && audit.afterwards === 'archive')
      console.error(JSON.stringify({ event: 'audit_archive_missing', tenant_id: tenant }));
  // Chains side by side: each has a Writer of its own.
  await Promise.all(
    configs.flatMap((config) =>
      chainsOf(config.tenant).map((chain) => keepChain(env, config, chain, due, () => clock() < end)),
    ),
  );
}

async function keepChain(
  env: Env,
  { audit }: Config,
  chain: string,
  due: number,
  hasTime: () => boolean,
): Promise<void> {
  const { retentionDays, afterwards } = audit;
  const retention =
    retentionDays === undefined || afterwards === 'keep'
      ? undefined
      : { before: due - retentionDays * DAY_MS, afterwards };
  try {
    // One segment a call: each has the processor time of a request to itself.
    await patrolRun(() => env.WRITER.getByName(chain).check(chain), hasTime);
    while ((await env.WRITER.getByName(chain).retain(chain, retention)) && hasTime());
  } catch (error) {
    console.error(JSON.stringify({ event: 'audit_retention_failed', chain_id: chain, error: String(error) }));
  }
}

async function reseal(env: Env): Promise<void> {
  try {
    const [deployment] = await allConfigs(env);
    if (deployment !== undefined) await resealSecrets(env.AUDIT_DB, deployment.secretKeys);
  } catch (error) {
    console.error(JSON.stringify({ event: 'tenants_not_resealed', error: String(error) }));
  }
}

/** The handler of the platform. */
export function scheduled(controller: ScheduledController, env: Env, ctx: ExecutionContext): void {
  ctx.waitUntil(keepRetention(env, controller.scheduledTime, Date.now));
  ctx.waitUntil(reseal(env));
}
