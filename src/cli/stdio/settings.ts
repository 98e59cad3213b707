/** What a local server takes from its environment and flags, under the rules of the Worker's settings. */
import { randomBytes } from 'node:crypto';
import { ADMIN_TOOLS, toolNames } from '../../catalogue/selected.ts';
import type { Selection } from '../../catalogue/selection.ts';
import { readSelection } from '../../catalogue/selection.ts';
import type { Config } from '../../config.ts';
import { parseConfig } from '../../config.ts';
import { UserError } from '../errors.ts';
import { settingsFrom } from '../settings.ts';

/** Settings that mean here what they mean in a deployment. The others are about signing in, or about many people. */
export const HONOURED = [
  'GITHUB_URL',
  'GITHUB_API_URL',
  'READ_ONLY',
  'TOOLSETS',
  'LOCKDOWN',
  'CONFIRM_OFF',
  'AUDIT_TEXTS',
] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** Out: the person's GitHub token. Throws a UserError, without the token in it, where it is missing or can be none. */
export function tokenFrom(env: Environment): string {
  const token = env.GITHUB_TOKEN?.trim() ?? '';
  if (token === '')
    throw new UserError("GITHUB_TOKEN is missing: put a GitHub token into the client's settings, as env.");
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UserError('GITHUB_TOKEN must be a token: no spaces, ASCII only.');
  return token;
}

/**
 * Out: the settings. The key is made anew for each process: cursors and questions are good for as long as it runs.
 * Throws a UserError that names what is wrong and the rule it breaks.
 */
export function localConfig(env: Environment, readOnly: boolean): Config {
  const given = settingsFrom(env);
  const parsed = parseConfig({
    ...Object.fromEntries(HONOURED.map((name) => [name, given[name]])),
    ...(readOnly && { READ_ONLY: 'true' }),
    PUBLIC_URL: 'http://localhost',
    SECRET_KEY: randomBytes(32).toString('base64url'),
    // Nobody signs in here: the token is the person's own.
    GITHUB_CLIENT_ID: 'none',
    GITHUB_CLIENT_SECRET: 'none',
  });
  if (parsed.ok) return parsed.value;
  throw new UserError(parsed.error.map(({ variable, rule }) => `${variable} ${rule}.`).join('\n'));
}

/** What is listed and may be called. `toolsets` has the words of `X-MCP-Toolsets`; an unknown one is a UserError. */
export function localSelection({ readOnly, toolsets: allowed }: Config, toolsets: string | undefined): Selection {
  const policy = { exclude: ADMIN_TOOLS, readonly: readOnly, ...(allowed !== undefined && { toolsets: allowed }) };
  const headers = new Headers();
  try {
    if (toolsets !== undefined) headers.set('X-MCP-Toolsets', toolsets);
  } catch {
    throw new UserError('--toolsets takes names of toolsets, separated by commas.');
  }
  const selection = readSelection(headers, toolNames, policy);
  const unknown = selection.unknown.map((name) => name.replace(/^.*?: /, ''));
  if (unknown.length > 0) throw new UserError(`--toolsets: there is no toolset ${unknown.join(', ')}.`);
  return selection;
}
