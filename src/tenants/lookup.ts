/** From a tenant's name to its settings: `default` from the Worker's variables, the others from D1. */
import type { Config, ConfigProblem } from '../config.ts';
import { configOf } from '../config.ts';
import type { Result } from '../core/result.ts';
import { err } from '../core/result.ts';
import { DEFAULT_TENANT, isTenantName } from '../core/tenant.ts';
import { Directory } from './directory.ts';
import type { TenantRow } from './row.ts';
import { configFromRow } from './row.ts';

/** Why there are no settings to serve a tenant with. */
export type NoTenant =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'disabled' }
  /** The settings break rules; for `default`, those of the whole deployment. */
  | { readonly kind: 'not_set_up'; readonly problems: readonly ConfigProblem[] }
  /** D1 could not be asked for longer than the last known rows stand. */
  | { readonly kind: 'unavailable' };

/** What is read and where it is remembered. */
interface Bindings {
  readonly AUDIT_DB: D1Database;
}

const SELECT = 'SELECT id, settings, client_secret, disabled FROM mcp_tenants';

/** Of this isolate: the Worker and its Durable Objects share it. */
const directory = new Directory();
/** Settings as they were parsed, while the row is the same: much is kept by the identity of a Config. */
const parsed = new Map<string, { readonly text: string; readonly config: ParsedRow }>();
type ParsedRow = Awaited<ReturnType<typeof configFromRow>>;

/**
 * The settings of a tenant. A change to its row holds within 30 seconds (directory.ts). In: the Worker's environment, a
 * name or anything; who to tell of work that need not be waited for.
 */
export async function configFor(
  env: Bindings,
  tenant: string,
  later: (work: Promise<unknown>) => void = () => undefined,
): Promise<Result<Config, NoTenant>> {
  const deployment = configOf(env);
  if (!deployment.ok) return err({ kind: 'not_set_up', problems: deployment.error });
  if (tenant === DEFAULT_TENANT) return deployment;
  if (!isTenantName(tenant)) return err({ kind: 'unknown' });
  let row: TenantRow | undefined;
  try {
    row = (await rowsOf(env, later)).get(tenant);
  } catch (error) {
    console.error(JSON.stringify({ event: 'tenants_unreadable', error: String(error) }));
    return err({ kind: 'unavailable' });
  }
  if (row === undefined) return err({ kind: 'unknown' });
  if (row.disabled !== 0) return err({ kind: 'disabled' });
  const config = await parsedOnce(row, deployment.value);
  return config.ok ? config : err({ kind: 'not_set_up', problems: config.error });
}

/** `configFor`, for what runs where a tenant was found already. Throws where there is none any more. */
export async function configNamed(env: Bindings, tenant: string): Promise<Config> {
  const found = await configFor(env, tenant);
  if (found.ok) return found.value;
  throw new Error(`the tenant ${tenant} is ${found.error.kind}`);
}

/**
 * Every tenant's settings, `default` first; also of those that are disabled, whose rows are still kept. For scheduled
 * work. A row that breaks rules is left out and logged. Throws where D1 cannot be asked or `default` is not set up.
 */
export async function allConfigs(env: Bindings): Promise<Config[]> {
  const deployment = configOf(env);
  if (!deployment.ok) throw new Error('the Worker lacks its settings');
  const configs = [deployment.value];
  for (const row of await load(env)) {
    const config = await parsedOnce(row, deployment.value);
    if (config.ok) configs.push(config.value);
    else console.error(JSON.stringify({ event: 'tenant_invalid', tenant_id: row.id, problems: config.error }));
  }
  return configs;
}

async function rowsOf(env: Bindings, later: (work: Promise<unknown>) => void) {
  return await directory.rows(() => load(env), Date.now(), later);
}

async function load(env: Bindings): Promise<readonly TenantRow[]> {
  return (await env.AUDIT_DB.prepare(SELECT).all<TenantRow>()).results;
}

async function parsedOnce(row: TenantRow, deployment: Config): Promise<ParsedRow> {
  const text = JSON.stringify(row);
  const known = parsed.get(row.id);
  if (known?.text === text) return known.config;
  const config = await configFromRow(row, deployment);
  parsed.set(row.id, { text, config });
  return config;
}
