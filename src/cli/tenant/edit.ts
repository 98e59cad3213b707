/** What `npm run tenant` is told, and what becomes of a tenant by it. Pure: the rules are those of the Worker. */
import type { Config } from '../../config.ts';
import { parseConfig } from '../../config.ts';
import { DEFAULT_TENANT } from '../../core/tenant.ts';
import { configFromDraft, hasOwnGitHub, TENANT_SETTINGS } from '../../tenants/row.ts';
import { UserError } from '../errors.ts';
import type { Settings } from '../settings.ts';

export const ACTIONS = ['add', 'set', 'list', 'disable', 'enable'] as const;
export type Action = (typeof ACTIONS)[number];

export interface Order {
  readonly action: Action;
  /** Empty for `list`. */
  readonly tenant: string;
  /** As they were typed; an empty value takes a setting away. */
  readonly settings: Settings;
}

const SECRET = 'GITHUB_CLIENT_SECRET';

/** In: the words after the command. Throws a UserError that names what is wrong. */
export function orderFrom(words: readonly string[]): Order {
  const [action, tenant = '', ...rest] = words;
  if (!isAction(action)) throw new UserError(`Say what to do: ${ACTIONS.join(', ')}.`);
  if (action === 'list') {
    if (words.length > 1) throw new UserError('list takes nothing more.');
    return { action, tenant: '', settings: {} };
  }
  if (tenant === '' || tenant.includes('=')) throw new UserError(`Say which tenant: npm run tenant -- ${action} NAME`);
  if (tenant === DEFAULT_TENANT) {
    throw new UserError(
      'The tenant default has its settings in the Worker: name them in the environment and run npm run deploy.',
    );
  }
  const settings = Object.fromEntries(rest.map(pairIn));
  if (rest.length > 0 && action !== 'add' && action !== 'set') throw new UserError(`${action} takes no settings.`);
  return { action, tenant, settings };
}

function pairIn(word: string): [string, string] {
  const at = word.indexOf('=');
  const name = at < 0 ? word : word.slice(0, at);
  if (name === SECRET) {
    throw new UserError(
      `${SECRET} does not belong on the command line, where others can read it: put it in the environment.`,
    );
  }
  if (at < 0) throw new UserError(`${name} has no value: write ${name}=VALUE.`);
  if (!TENANT_SETTINGS.includes(name)) {
    throw new UserError(
      `${name} is no setting of a tenant. There are ${TENANT_SETTINGS.join(', ')}, and ${SECRET} in the environment.`,
    );
  }
  return [name, word.slice(at + 1).trim()];
}

/** In: what a tenant had, what was typed. Out: what it has from now on. */
export function merged(before: Settings, typed: Settings): Settings {
  return Object.fromEntries(Object.entries({ ...before, ...typed }).filter(([, value]) => value !== ''));
}

/** Whether it needs a client secret of its own. */
export function needsSecret(settings: Settings): boolean {
  return hasOwnGitHub(settings);
}

/** Throws a UserError that names each setting that breaks a rule. What the secret is does not matter, only whether there is one. */
export function assertValid(id: string, settings: Settings, hasSecret: boolean): void {
  const checked = configFromDraft({ id, settings, clientSecret: hasSecret ? 'sealed' : undefined }, ANY_DEPLOYMENT);
  if (!checked.ok) throw new UserError(checked.error.map(({ variable, rule }) => `${variable} ${rule}.`).join('\n'));
  const { users, orgs } = checked.value.allowed;
  if (users.length + orgs.length === 0) {
    throw new UserError('Nobody could sign in: set ALLOWED_USERS or ALLOWED_ORGS.');
  }
}

/** A tenant's rules are the same whichever deployment it is of. */
const ANY_DEPLOYMENT = deployment();

function deployment(): Config {
  const app = { GITHUB_CLIENT_ID: 'x', GITHUB_CLIENT_SECRET: 'x' };
  const parsed = parseConfig({ PUBLIC_URL: 'https://gate.example', SECRET_KEY: 'x'.repeat(32), ...app });
  if (!parsed.ok) throw new Error('the stand-in for a deployment breaks the rules');
  return parsed.value;
}

function isAction(word: string | undefined): word is Action {
  return ACTIONS.some((action) => action === word);
}
