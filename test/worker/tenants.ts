/** Rows of tenants, for tests that run in workerd. An isolate reads them at most every 10 seconds: add them first. */
import { env } from 'cloudflare:workers';
import type { Config } from '../../src/config.ts';
import { configNamed } from '../../src/tenants/lookup.ts';

export interface AddedTenant {
  readonly settings?: Readonly<Record<string, string>>;
  readonly clientSecret?: string | null;
  readonly disabled?: boolean;
}

/** Adds a tenant or replaces it. With nothing said it uses the deployment's GitHub, and lets `octocat` in. */
export async function addTenant(id: string, tenant: AddedTenant = {}): Promise<void> {
  const { settings = { ALLOWED_USERS: 'octocat' }, clientSecret = null, disabled = false } = tenant;
  await env.AUDIT_DB.prepare('INSERT OR REPLACE INTO mcp_tenants VALUES (?, ?, ?, ?, ?)')
    .bind(id, JSON.stringify(settings), clientSecret, disabled ? 1 : 0, new Date().toISOString())
    .run();
}

/** The settings of tenants, once their rows are there. */
export async function configsOf(...tenants: readonly string[]): Promise<Config[]> {
  return await Promise.all(tenants.map((tenant) => configNamed(env, tenant)));
}
