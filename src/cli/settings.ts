/** Which settings the local stack passes to the Worker, and whose GitHub they point at. */
import { SETTINGS } from '../config.ts';
import { UserError } from './errors.ts';

export type Settings = Readonly<Record<string, string>>;

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

/** Who may sign in on the embedded GitHub unless the environment says otherwise. `mallory` is there and not on the list. */
export const EMBEDDED_ALLOWED: Settings = { ALLOWED_USERS: 'octocat,hubot', ALLOWED_ORGS: 'acme' };
