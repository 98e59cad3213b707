/** Which settings the local stack passes to the Worker, and whose GitHub they point at. */
import { SETTINGS } from '../config.ts';
import { UserError } from './errors.ts';

export type Settings = Readonly<Record<string, string>>;

/** What each setting means, in a line of `--help`: one for every setting there is. */
export const SETTINGS_HELP: Readonly<Record<(typeof SETTINGS)[number], string>> = {
  PUBLIC_URL: 'address under which clients reach the gate',
  TRUSTED_HOSTS: 'further hosts under which the gate is reached, such as a tunnel’s',
  SECRET_KEY: 'a key of your own, 32 characters or more, instead of one that is made; never printed',
  GITHUB_URL: 'https://github.com, or your GitHub Enterprise Server',
  GITHUB_API_URL: 'https://api.github.com, or https://HOST/api/v3',
  GITHUB_CLIENT_ID: 'client id of your OAuth App or GitHub App',
  GITHUB_CLIENT_SECRET: 'its secret; never printed',
  ALLOWED_USERS: 'logins that may sign in, separated by commas',
  ALLOWED_ORGS: 'organisations whose members may sign in',
  ADMINS: 'logins that may open the console and read the log',
  READ_ONLY: 'true: nothing that writes',
  TOOLSETS: 'the only toolsets that may be used',
  LOCKDOWN: 'true: of public repositories, only content of people with push access',
  DPOP: 'accepted, required_for_writes or required: whether tokens must be bound to a key',
  CONFIRM_OFF: 'tools that run without asking the person first, separated by commas, or all',
  METRICS_TOKEN: 'the secret of /metrics',
  AUDIT_TOKEN: 'the secret of `npm run audit -- verify --remote`',
  AUDIT_RETENTION_DAYS: 'days that rows stay in D1 at least',
  AUDIT_AFTER_RETENTION: 'keep, archive or drop',
  AUDIT_TEXTS: 'hash or keep: bodies and file contents in the log',
  LIMIT_CLIENT: 'calls of a person and client, as COUNT/SECONDS',
  LIMIT_USER: 'calls of a person',
  LIMIT_TENANT: 'calls of all people',
  LIMIT_WRITE: 'calls of each writing tool',
  LIMIT_SEARCH: 'calls of each searching tool',
  LIMIT_OTHER: 'lists, pings and discovery',
  LIMIT_SIGN_IN: 'sign-ins and registrations from one address',
  LIMIT_CONCURRENT: 'calls of a person at the same time',
  LIMIT_TOOLS: 'single tools: TOOL=COUNT/SECONDS, separated by commas',
};

/** Out: the Worker's settings that the environment has, empty ones left out. */
export function settingsFrom(env: Readonly<Record<string, string | undefined>>): Settings {
  return Object.fromEntries(
    SETTINGS.map((name) => [name, env[name]?.trim() ?? '']).filter(([, value]) => value !== ''),
  ) as Settings;
}

/**
 * Whether these settings name a GitHub of their own, so that none is embedded.
 * Throws a UserError when they do by half, or when nobody could sign in.
 */
export function hasOwnGitHub(settings: Settings): boolean {
  const wanted = ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET', 'GITHUB_URL', 'GITHUB_API_URL'];
  if (!wanted.some((name) => settings[name] !== undefined)) return false;
  const missing = ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'].filter((name) => settings[name] === undefined);
  if (missing.length > 0) throw new UserError(`To use your own GitHub set ${missing.join(' and ')} too.`);
  if (settings.ALLOWED_USERS === undefined && settings.ALLOWED_ORGS === undefined) {
    throw new UserError('Set ALLOWED_USERS or ALLOWED_ORGS: until then nobody may sign in.');
  }
  return true;
}

/** The logins or organisations of a setting, in lower case. */
export function namesIn(text = ''): string[] {
  return text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => name !== '');
}

export interface Surroundings {
  /** Whether the Worker has a bucket for the archive. */
  readonly archive: boolean;
  /** Settings that are there and whose value nobody can read. */
  readonly unread?: readonly string[];
}

/**
 * Settings that break no rule and yet cannot do what whoever set them wants. In: all of them by name. Out: a sentence for
 * each, only where it is certain: of an organisation's members nothing is known here.
 */
export function doubtsIn(settings: Settings, { archive, unread = [] }: Surroundings): string[] {
  const { ADMINS, ALLOWED_USERS, ALLOWED_ORGS, AUDIT_RETENTION_DAYS, AUDIT_AFTER_RETENTION } = settings;
  const known = (...all: string[]) => !all.some((name) => unread.includes(name));
  const doubts: string[] = [];
  const users = namesIn(ALLOWED_USERS);
  const shutOut = namesIn(ADMINS).filter((name) => !users.includes(name));
  if (shutOut.length > 0 && namesIn(ALLOWED_ORGS).length === 0 && known('ADMINS', 'ALLOWED_USERS', 'ALLOWED_ORGS')) {
    doubts.push(`ADMINS names ${shutOut.join(', ')}, who may not sign in: name them in ALLOWED_USERS too.`);
  }
  if (!known('AUDIT_RETENTION_DAYS', 'AUDIT_AFTER_RETENTION')) return doubts;
  const [after = 'keep', days] = [AUDIT_AFTER_RETENTION, AUDIT_RETENTION_DAYS];
  if (after === 'keep' && days !== undefined)
    doubts.push('AUDIT_RETENTION_DAYS does nothing while AUDIT_AFTER_RETENTION is keep: rows stay.');
  if (after !== 'keep' && days === undefined)
    doubts.push(`AUDIT_AFTER_RETENTION=${after} does nothing until AUDIT_RETENTION_DAYS is set: rows stay.`);
  if (after === 'archive' && !archive)
    doubts.push(
      'AUDIT_AFTER_RETENTION=archive needs a bucket, and the Worker has none: rows stay in D1. Take the comment marks from ' +
        '[[r2_buckets]] in wrangler.toml, run npm run types, then npm run deploy.',
    );
  return doubts;
}

/** Who may sign in on the embedded GitHub unless the environment says otherwise. `mallory` is there and not on the list. */
export const EMBEDDED_ALLOWED: Settings = { ALLOWED_USERS: 'octocat,hubot', ALLOWED_ORGS: 'acme' };
