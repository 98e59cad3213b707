/**
 * The settings of a deployment, read from the Worker's variables and secrets and checked once per isolate.
 * Nothing has a default that opens the gate: who may sign in is empty unless said.
 */
import * as z from 'zod';
import {
  baseUrl,
  flag,
  hosts,
  limit,
  names,
  optionalLimit,
  origin,
  required,
  toolLimits,
  toolNames,
  toolsets,
  whole,
} from './config/rules.ts';
import type { Result } from './core/result.ts';
import { err, ok } from './core/result.ts';
import { baseOf, DEFAULT_TENANT } from './core/tenant.ts';
import type { Toolset } from './core/toolsets.ts';

/** One key and its number: 1 for `SECRET_KEY`, 2 for `SECRET_KEY_2`, and so on. */
export interface SecretKey {
  readonly id: string;
  readonly secret: string;
}

/** The current key, then its predecessors, newest first. */
export type KeyRing = readonly [SecretKey, ...SecretKey[]];

/** Most calls in any window of that many seconds. */
export interface Limit {
  readonly count: number;
  readonly seconds: number;
}

export interface Config {
  /** Whose part of the gate this is. */
  readonly tenant: string;
  /** Origin under which people reach this gate, all tenants of it. No trailing slash. */
  readonly publicUrl: string;
  /** Path under which this tenant's part is: empty for `default`, `/t/{tenant}` for others. */
  readonly base: string;
  /** `publicUrl` and `base`: the issuer (RFC 8414 section 2); the resource is this plus `/mcp`. No trailing slash. */
  readonly issuer: string;
  /** Hosts (with port, if any) besides that of `publicUrl` under which the gate may be reached, such as a tunnel's. */
  readonly trustedHosts: readonly string[];
  /**
   * Keys of at least 32 characters from which the gate's own are derived: the current one first, then its predecessors,
   * which still open what they sealed.
   */
  readonly secretKeys: KeyRing;
  readonly github: {
    /** Where people sign in, `https://github.com` or a GitHub Enterprise Server. No trailing slash. */
    readonly url: string;
    /** REST API, `https://api.github.com` or `https://HOST/api/v3`. No trailing slash. */
    readonly apiUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  /** Lower case. Nobody may sign in while both are empty. */
  readonly allowed: { readonly users: readonly string[]; readonly orgs: readonly string[] };
  /** Bearer secret of `/metrics`, which is there only with it. */
  readonly metricsToken: string | undefined;
  /** Logins, lower case, of those who may be granted `audit:read` and open the console. Each must be allowed to sign in too. */
  readonly admins: readonly string[];
  /** Whether tools that write are refused to everybody. */
  readonly readOnly: boolean;
  /** The only toolsets that may be used; all where undefined. */
  readonly toolsets: readonly Toolset[] | undefined;
  /** Whether, of public repositories, only content of people with push access is shown. */
  readonly lockdown: boolean;
  /** Whether a token must be bound to a key (DPoP, RFC 9449): never, for what writes, or always. Bound ones always count. */
  readonly dpop: 'accepted' | 'required_for_writes' | 'required';
  /** Tools that run without asking the person first, by name; `all` for every one. */
  readonly confirmOff: readonly string[];
  /** What `npm run audit` shows to ask for the ends of the chains; undefined where nobody may. */
  readonly auditToken: string | undefined;
  readonly audit: {
    /** Days that a row stays in D1 at least; undefined for ever. */
    readonly retentionDays: number | undefined;
    /** What becomes of rows older than that: they stay, go to R2, or are dropped with the chain's end kept. */
    readonly afterwards: 'keep' | 'archive' | 'drop';
    /** Whether bodies and file contents in arguments are kept as length and hash, or as they are (secrets never). */
    readonly texts: 'hash' | 'keep';
  };
  readonly limits: {
    readonly client: Limit;
    readonly user: Limit;
    readonly write: Limit;
    readonly search: Limit;
    /** Requests that are not calls: lists, discovery, pings. */
    readonly other: Limit;
    /** Calls of all people of the tenant together; undefined for no such limit. */
    readonly tenant: Limit | undefined;
    /** Calls of one person that may run at the same time, over all clients. */
    readonly concurrent: number;
    /** Sign-ins begun and clients registered from one address. */
    readonly signIn: Limit;
    /** By tool name; takes the place of the tool's `write` or `search` window. */
    readonly tools: Readonly<Record<string, Limit>>;
  };
}

/** One setting that is missing or wrong. */
export interface ConfigProblem {
  readonly variable: string;
  readonly rule: string;
}

// What can be sent as a bearer token (RFC 6750 section 2.1), and cannot be guessed.
const TOKEN_RULE = 'must have at least 16 characters, of letters, digits and -._~+/ only';

const schema = z.object({
  PUBLIC_URL: required.pipe(origin),
  TRUSTED_HOSTS: hosts,
  SECRET_KEY: z.string().optional(),
  GITHUB_URL: baseUrl.default('https://github.com'),
  GITHUB_API_URL: baseUrl.default('https://api.github.com'),
  GITHUB_CLIENT_ID: required,
  GITHUB_CLIENT_SECRET: required,
  ALLOWED_USERS: names,
  ALLOWED_ORGS: names,
  METRICS_TOKEN: z
    .string()
    .regex(/^[\w.~+/-]{16,}={0,2}$/, TOKEN_RULE)
    .optional(),
  ADMINS: names,
  READ_ONLY: flag,
  TOOLSETS: toolsets,
  LOCKDOWN: flag,
  DPOP: z
    .enum(['accepted', 'required_for_writes', 'required'], {
      error: 'must be accepted, required_for_writes or required',
    })
    .default('accepted'),
  CONFIRM_OFF: toolNames,
  AUDIT_RETENTION_DAYS: whole(1, 36_500, undefined),
  AUDIT_AFTER_RETENTION: z
    .enum(['keep', 'archive', 'drop'], { error: 'must be keep, archive or drop' })
    .default('keep'),
  AUDIT_TOKEN: z.string().min(32, 'must have at least 32 characters').optional(),
  AUDIT_TEXTS: z.enum(['hash', 'keep'], { error: 'must be hash or keep' }).default('hash'),
  LIMIT_CLIENT: limit('100/60'),
  LIMIT_USER: limit('200/60'),
  LIMIT_WRITE: limit('30/60'),
  LIMIT_SEARCH: limit('30/60'),
  LIMIT_OTHER: limit('300/60'),
  LIMIT_TENANT: optionalLimit,
  LIMIT_CONCURRENT: whole(1, 1000, 100),
  LIMIT_SIGN_IN: limit('30/60'),
  LIMIT_TOOLS: toolLimits,
});

/** The names of all settings, for the command line and the documentation. */
export const SETTINGS = Object.keys(schema.shape) as readonly (keyof typeof schema.shape)[];

/**
 * In: the Worker's environment. Out: the settings, or every variable that is missing or wrong with the rule it breaks.
 * A value is never repeated in a problem, because it may be a secret.
 */
export function parseConfig(env: Readonly<Record<string, unknown>>): Result<Config, readonly ConfigProblem[]> {
  const { ring, problems } = keysIn(env);
  const parsed = parseFor(DEFAULT_TENANT, env, ring as KeyRing);
  if (problems.length === 0) return parsed;
  return err([...(parsed.ok ? [] : parsed.error), ...problems]);
}

/** `parseConfig` for any tenant, with keys that were read already. */
export function parseFor(
  tenant: string,
  env: Readonly<Record<string, unknown>>,
  secretKeys: KeyRing,
): Result<Config, readonly ConfigProblem[]> {
  const given = Object.fromEntries(SETTINGS.map((name) => [name, env[name] === '' ? undefined : env[name]]));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    return err(
      parsed.error.issues.map((issue) => ({
        variable: String(issue.path[0]),
        rule: given[String(issue.path[0])] === undefined ? 'is missing' : issue.message,
      })),
    );
  }
  const value = parsed.data;
  const base = baseOf(tenant);
  return ok({
    tenant,
    publicUrl: value.PUBLIC_URL,
    base,
    issuer: `${value.PUBLIC_URL}${base}`,
    trustedHosts: value.TRUSTED_HOSTS,
    secretKeys,
    github: {
      url: value.GITHUB_URL,
      apiUrl: value.GITHUB_API_URL,
      clientId: value.GITHUB_CLIENT_ID,
      clientSecret: value.GITHUB_CLIENT_SECRET,
    },
    allowed: { users: value.ALLOWED_USERS, orgs: value.ALLOWED_ORGS },
    metricsToken: value.METRICS_TOKEN,
    admins: value.ADMINS,
    readOnly: value.READ_ONLY,
    toolsets: value.TOOLSETS,
    lockdown: value.LOCKDOWN,
    dpop: value.DPOP,
    confirmOff: value.CONFIRM_OFF,
    auditToken: value.AUDIT_TOKEN,
    audit: {
      retentionDays: value.AUDIT_RETENTION_DAYS,
      afterwards: value.AUDIT_AFTER_RETENTION,
      texts: value.AUDIT_TEXTS,
    },
    limits: {
      client: value.LIMIT_CLIENT,
      user: value.LIMIT_USER,
      write: value.LIMIT_WRITE,
      search: value.LIMIT_SEARCH,
      other: value.LIMIT_OTHER,
      tenant: value.LIMIT_TENANT,
      concurrent: value.LIMIT_CONCURRENT,
      signIn: value.LIMIT_SIGN_IN,
      tools: value.LIMIT_TOOLS,
    },
  });
}

const parsedByEnv = new WeakMap<object, ReturnType<typeof parseConfig>>();

/** `parseConfig`, once per environment object: an isolate keeps its own for as long as it lives. */
export function configOf(env: object): ReturnType<typeof parseConfig> {
  const known = parsedByEnv.get(env);
  if (known !== undefined) return known;
  const parsed = parseConfig(env as Record<string, unknown>);
  parsedByEnv.set(env, parsed);
  return parsed;
}

/** The keys among the secrets, the newest first: `npm run rotate-keys` adds the next one and takes away the oldest. */
export function keysIn(env: Readonly<Record<string, unknown>>): {
  ring: readonly SecretKey[];
  problems: ConfigProblem[];
} {
  const found = Object.entries(env).flatMap(([variable, secret]) => {
    const [, number = '1'] = /^SECRET_KEY(?:_(\d{1,4}))?$/.exec(variable) ?? ['', ''];
    return number === '' || secret === undefined || secret === '' ? [] : [{ variable, number: Number(number), secret }];
  });
  const problems = found
    .filter(({ secret }) => typeof secret !== 'string' || secret.length < 32)
    .map(({ variable }) => ({ variable, rule: 'must have at least 32 characters' }));
  if (found.length === 0) problems.push({ variable: 'SECRET_KEY', rule: 'is missing' });
  const ring = found
    .sort((a, b) => b.number - a.number)
    .map(({ number, secret }) => ({ id: `k${number}`, secret: String(secret) }));
  return { ring, problems };
}
