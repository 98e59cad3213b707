/** A tenant as it stands in D1, and the settings it comes to. */
import * as z from 'zod';
import type { Config, ConfigProblem } from '../config.ts';
import { parseFor, SETTINGS } from '../config.ts';
import type { Result } from '../core/result.ts';
import { err } from '../core/result.ts';
import { DEFAULT_TENANT, isTenantName } from '../core/tenant.ts';
import { openSecret } from './secrets.ts';

/** A row of `mcp_tenants`. */
export interface TenantRow {
  readonly id: string;
  /** JSON: settings by name, each as the text that an environment would hold. */
  readonly settings: string;
  /** The client secret of its own GitHub application, sealed (secrets.ts); null where it uses the deployment's. */
  readonly client_secret: string | null;
  /** 1 where everything of it is refused. */
  readonly disabled: number;
}

/** What belongs to the deployment as a whole and is no tenant's own. */
const SHARED: ReadonlySet<string> = new Set([
  'PUBLIC_URL',
  'TRUSTED_HOSTS',
  'SECRET_KEY',
  'METRICS_TOKEN',
  'AUDIT_TOKEN',
  'GITHUB_CLIENT_SECRET',
]);
const GITHUB = ['GITHUB_URL', 'GITHUB_API_URL', 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'] as const;

/** Settings that a row may hold. The client secret has a column of its own. */
export const TENANT_SETTINGS: readonly string[] = SETTINGS.filter((name) => !SHARED.has(name));

const settingsShape = z.record(z.string(), z.string());

/** In: the text of a row's settings. Out: them, or undefined where it is no JSON object of texts. */
export function settingsIn(text: string): Readonly<Record<string, string>> | undefined {
  try {
    return settingsShape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A tenant before its settings were read: of its secret it is known what it is, or at least that there is one. */
export interface TenantDraft {
  readonly id: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Client secret of its own GitHub application; undefined where it has none. */
  readonly clientSecret: string | undefined;
}

/** Whether settings name a GitHub of their own, be it by half. */
export function hasOwnGitHub(settings: Readonly<Record<string, unknown>>): boolean {
  return GITHUB.some((name) => settings[name] !== undefined);
}

/**
 * In: a tenant, and the settings of the deployment. Out: the tenant's settings, checked by the same rules as the
 * deployment's, or what is wrong with them. Policy is its own from the first to the last: nothing of `default` is taken
 * over, so who may sign in is nobody unless said. A tenant that names no GitHub uses the deployment's application; one
 * that names any of it has to bring its own client id and secret, so that no secret is sent to another's server.
 */
export function configFromDraft(draft: TenantDraft, deployment: Config): Result<Config, readonly ConfigProblem[]> {
  const { id, settings, clientSecret } = draft;
  if (id === DEFAULT_TENANT || !isTenantName(id)) {
    return err([{ variable: 'tenant', rule: 'must be 1 to 32 of a-z, 0-9 and hyphens, and not default' }]);
  }
  const unknown = Object.keys(settings).filter((name) => !TENANT_SETTINGS.includes(name));
  if (unknown.length > 0) return err(unknown.map((variable) => ({ variable, rule: 'is no setting of a tenant' })));
  const { github, publicUrl, trustedHosts, secretKeys } = deployment;
  const own = { ...settings, ...(clientSecret !== undefined && { GITHUB_CLIENT_SECRET: clientSecret }) };
  const shared = {
    GITHUB_URL: github.url,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_CLIENT_ID: github.clientId,
    GITHUB_CLIENT_SECRET: github.clientSecret,
  };
  const env = { ...(!hasOwnGitHub(own) && shared), ...own, PUBLIC_URL: publicUrl, TRUSTED_HOSTS: trustedHosts.join() };
  return parseFor(id, env, secretKeys);
}

/** `configFromDraft` for a row, whose secret is opened first. */
export async function configFromRow(
  row: TenantRow,
  deployment: Config,
): Promise<Result<Config, readonly ConfigProblem[]>> {
  const settings = settingsIn(row.settings);
  if (settings === undefined) return err([{ variable: 'settings', rule: 'must be a JSON object of texts' }]);
  if (row.client_secret === null) return configFromDraft({ id: row.id, settings, clientSecret: undefined }, deployment);
  const clientSecret = await openSecret(deployment.secretKeys, row.id, row.client_secret);
  if (clientSecret !== undefined) return configFromDraft({ id: row.id, settings, clientSecret }, deployment);
  const rule = 'was sealed with a key that this Worker does not have: set it again';
  return err([{ variable: 'GITHUB_CLIENT_SECRET', rule }]);
}
