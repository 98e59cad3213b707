/** What a deployment does, decided from what is there and what was given. Pure: nothing is run here. */
import { SETTINGS } from '../../config.ts';
import { isObject } from '../../core/json.ts';
import { DATABASE_NAME } from '../project.ts';
import type { Settings } from '../settings.ts';

/** Settings that are kept as encrypted secrets; the others are plain variables that the dashboard shows. */
export const SECRETS: readonly string[] = ['SECRET_KEY', 'GITHUB_CLIENT_SECRET', 'METRICS_TOKEN', 'AUDIT_TOKEN'];

/** What Cloudflare knows of the Worker before a deployment. */
export interface Remote {
  readonly exists: boolean;
  /** Names only: nobody can read a secret back. */
  readonly secrets: readonly string[];
  readonly vars: Settings;
}

export const NOTHING: Remote = { exists: false, secrets: [], vars: {} };

/** One run of wrangler. */
export interface Step {
  readonly title: string;
  readonly args: readonly string[];
  /** Secrets by name, written to its standard input as JSON: never an argument, never a file. */
  readonly secrets?: Settings;
}

export interface Wanted {
  /** Variables that differ from what is there. */
  readonly vars: Settings;
  /** Secrets to write: the key if there is none yet, others only if given. */
  readonly secrets: Settings;
  /** Settings without which the gate cannot work, and nobody gave. */
  readonly missing: readonly string[];
}

/**
 * In: what is there; the settings that were given; the gate's address, if it is known already; how to make a key.
 * An address that was stored once is kept, because clients and GitHub know it.
 */
export function wanted(remote: Remote, given: Settings, address: string | undefined, newKey: () => string): Wanted {
  const publicUrl = given.PUBLIC_URL ?? remote.vars.PUBLIC_URL ?? address;
  const all: Settings = { ...given, ...(publicUrl !== undefined && { PUBLIC_URL: publicUrl }) };
  const named = SETTINGS.filter((name) => all[name] !== undefined);
  // What somebody stored as a secret by hand stays one: Cloudflare refuses a variable of the same name.
  const isSecret = (name: string) => SECRETS.includes(name) || remote.secrets.includes(name);
  const vars = named.filter((name) => !isSecret(name) && all[name] !== remote.vars[name]);
  const secrets: Record<string, string> = {};
  for (const name of named) if (isSecret(name)) secrets[name] = all[name] ?? '';
  if (!remote.secrets.some((name) => /^SECRET_KEY(_\d+)?$/.test(name))) secrets.SECRET_KEY ??= newKey();
  // A key that is replaced would end every sign-in: the one that is there stays.
  else delete secrets.SECRET_KEY;
  const has = (name: string) =>
    named.some((it) => it === name) || remote.secrets.includes(name) || remote.vars[name] !== undefined;
  const missing = ['PUBLIC_URL', 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'].filter((name) => !has(name));
  if (!has('ALLOWED_USERS') && !has('ALLOWED_ORGS')) missing.push('ALLOWED_USERS');
  return { vars: Object.fromEntries(vars.map((name) => [name, all[name] ?? ''])), secrets, missing };
}

export const WHO_AM_I: Step = { title: 'Ask wrangler who is signed in', args: ['whoami', '--json'] };
export const LIST_SECRETS: Step = {
  title: 'Look whether the Worker and its secrets are there',
  args: ['secret', 'list', '--format', 'json'],
};
export const SHOW_DEPLOYMENT: Step = { title: 'Find the version that runs', args: ['deployments', 'status', '--json'] };

export function showVersion(id: string): Step {
  return { title: 'Read its variables', args: ['versions', 'view', id, '--json'] };
}

export const MIGRATE: Step = {
  title: 'Apply the migrations of the audit log',
  args: ['d1', 'migrations', 'apply', DATABASE_NAME, '--remote'],
};

/** Where the Worker that is deployed was built, from the project's directory. */
export const BUILT = 'dist/worker';

/**
 * Uploads what `buildWorker` left in BUILT. `--keep-vars`: what the dashboard or an earlier deployment set stays unless
 * named here.
 */
export function deployStep(title: string, vars: Settings): Step {
  const named = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
  return { title, args: ['deploy', `${BUILT}/index.js`, '--no-bundle', '--keep-vars', ...named] };
}

export function secretStep(secrets: Settings): Step {
  return { title: `Store ${Object.keys(secrets).join(' and ')}`, args: ['secret', 'bulk'], secrets };
}

/** In: what `secret list` printed. */
export function secretNames(stdout: string): string[] {
  const value: unknown = JSON.parse(stdout);
  return Array.isArray(value) ? value.filter(isObject).map((secret) => String(secret.name)) : [];
}

/** In: what `deployments status` printed. Out: the version that gets the most traffic. */
export function activeVersion(stdout: string): string | undefined {
  const value: unknown = JSON.parse(stdout);
  if (!isObject(value) || !Array.isArray(value.versions)) return undefined;
  const versions = value.versions.filter(isObject);
  const [busiest] = versions.sort((a, b) => Number(b.percentage) - Number(a.percentage));
  return typeof busiest?.version_id === 'string' ? busiest.version_id : undefined;
}

/** In: what `versions view` printed. Out: the plain variables of that version. */
export function plainVars(stdout: string): Settings {
  const value: unknown = JSON.parse(stdout);
  const resources = isObject(value) ? value.resources : undefined;
  const bindings = isObject(resources) && Array.isArray(resources.bindings) ? resources.bindings.filter(isObject) : [];
  return Object.fromEntries(
    bindings.flatMap(({ type, name, text }) =>
      type === 'plain_text' && typeof name === 'string' && typeof text === 'string' ? [[name, text]] : [],
    ),
  );
}

/**
 * The origin under which a deployment is reached. In: the file that wrangler wrote for WRANGLER_OUTPUT_FILE_PATH.
 * A custom domain comes before the workers.dev address; routes with wildcards name no origin.
 */
export function addressOf(output: string): string | undefined {
  const entries = output.split('\n').filter((line) => line.trim() !== '');
  const parsed = entries.map((line): unknown => JSON.parse(line)).filter(isObject);
  const deploy = parsed.findLast((entry) => entry.type === 'deploy');
  const targets = Array.isArray(deploy?.targets) ? deploy.targets.map(String) : [];
  const hosts = targets.flatMap((target) => {
    const host = /^(?:https:\/\/)?([a-z\d-]+(?:\.[a-z\d-]+)+)\/?(?: \(.*\))?$/i.exec(target)?.[1];
    return host === undefined ? [] : [host];
  });
  const host = hosts.find((it) => !it.endsWith('.workers.dev')) ?? hosts[0];
  return host === undefined ? undefined : `https://${host}`;
}
