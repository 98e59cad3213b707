/**
 * The settings of a deployment, read from the Worker's variables and secrets and checked once per isolate.
 * Nothing has a default that opens the gate: who may sign in is empty unless said.
 */
import * as z from 'zod';
import type { Result } from './core/result.ts';
import { err, ok } from './core/result.ts';
import { DEFAULT_TENANT } from './core/tenant.ts';
import { TOOL_NAMES } from './core/tool-names.ts';
import type { Toolset } from './core/toolsets.ts';
import { TOOLSETS } from './core/toolsets.ts';

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
  /** Origin under which people reach this gate: the issuer; the resource is this plus `/mcp`. No trailing slash. */
  readonly publicUrl: string;
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

const origin = z
  .string()
  .refine(isOrigin, 'must be an origin such as https://gate.example.com, without a path or a trailing slash');

const baseUrl = z.string().refine((value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return (
    url !== undefined &&
    isSecure(url) &&
    !value.endsWith('/') &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === ''
  );
}, 'must be an https URL (http only on this machine) without a trailing slash, query or fragment');

const list = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(/[\s,]+/)
      .filter((item) => item !== '')
      .map((item) => item.toLowerCase()),
  );

const names = list.refine(
  (items) => items.every((item) => /^[a-z\d][a-z\d-]{0,38}$/.test(item)),
  'must be GitHub logins separated by commas',
);

const hosts = list.refine(
  (items) => items.every((item) => /^[a-z\d.-]+(:\d{1,5})?$/.test(item)),
  'must be host names, with a port where it is not the usual one, separated by commas',
);

const toolNames = list.superRefine((items, ctx) => {
  const unknown = items.find((item) => item !== 'all' && !TOOL_NAMES.includes(item));
  if (unknown !== undefined)
    ctx.addIssue({ code: 'custom', message: noTool(unknown, 'tools separated by commas, or all') });
});

const flag = z
  .string()
  .default('false')
  .refine((value) => /^(true|false)$/i.test(value), 'must be true or false')
  .transform((value) => value.toLowerCase() === 'true');

const toolsets = list
  .refine(
    (items) => items.every((item) => item === 'all' || (TOOLSETS as readonly string[]).includes(item)),
    `must be all, or names of toolsets separated by commas: ${TOOLSETS.join(', ')}`,
  )
  .transform((items) => (items.length === 0 || items.includes('all') ? undefined : (items as Toolset[])));

/** A whole number in a range; `fallback` where nothing is said. */
const whole = <Fallback extends number | undefined>(from: number, to: number, fallback: Fallback) =>
  z
    .string()
    .optional()
    .transform((value, ctx): number | Fallback => {
      if (value === undefined) return fallback;
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= from && number <= to) return number;
      ctx.addIssue({ code: 'custom', message: `must be a whole number from ${from} to ${to}` });
      return z.NEVER;
    });

const LIMIT_RULE = 'must be COUNT/SECONDS, such as 100/60: a count of 1 to 10000 in 1 to 3600 seconds';

const limit = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((value, ctx) => {
      const parsed = parseLimit(value);
      if (parsed !== undefined) return parsed;
      ctx.addIssue({ code: 'custom', message: LIMIT_RULE });
      return z.NEVER;
    });

const optionalLimit = z
  .string()
  .optional()
  .transform((value, ctx) => {
    if (value === undefined) return undefined;
    const parsed = parseLimit(value);
    if (parsed !== undefined) return parsed;
    ctx.addIssue({ code: 'custom', message: LIMIT_RULE });
    return z.NEVER;
  });

const toolLimits = z
  .string()
  .default('')
  .transform((value, ctx) => {
    const limits: Record<string, Limit> = {};
    for (const item of value.split(/[\s,]+/).filter((part) => part !== '')) {
      const [name = '', text = ''] = item.split('=');
      const parsed = parseLimit(text);
      const rule = 'TOOL=COUNT/SECONDS separated by commas, such as issue_write=10/60';
      if (!TOOL_NAMES.includes(name) || parsed === undefined) {
        ctx.addIssue({ code: 'custom', message: parsed === undefined ? `must be ${rule}` : noTool(name, rule) });
        return z.NEVER;
      }
      limits[name] = parsed;
    }
    return limits;
  });

const required = z.string().min(1, 'is missing');

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
  const given = Object.fromEntries(SETTINGS.map((name) => [name, env[name] === '' ? undefined : env[name]]));
  const parsed = schema.safeParse(given);
  const keys = keysIn(env);
  if (!parsed.success || keys.problems.length > 0) {
    const issues = parsed.success ? [] : parsed.error.issues;
    return err([
      ...issues.map((issue) => ({
        variable: String(issue.path[0]),
        rule: given[String(issue.path[0])] === undefined ? 'is missing' : issue.message,
      })),
      ...keys.problems,
    ]);
  }
  const value = parsed.data;
  return ok({
    tenant: DEFAULT_TENANT,
    publicUrl: value.PUBLIC_URL,
    trustedHosts: value.TRUSTED_HOSTS,
    secretKeys: keys.ring as KeyRing,
    github: {
      url: value.GITHUB_URL,
      apiUrl: value.GITHUB_API_URL,
      clientId: value.GITHUB_CLIENT_ID,
      clientSecret: value.GITHUB_CLIENT_SECRET,
    },
    allowed: { users: value.ALLOWED_USERS, orgs: value.ALLOWED_ORGS },
    admins: value.ADMINS,
    readOnly: value.READ_ONLY,
    toolsets: value.TOOLSETS,
    lockdown: value.LOCKDOWN,
    dpop: value.DPOP,
    confirmOff: value.CONFIRM_OFF,
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

/** The keys among the secrets: `npm run rotate-keys` adds the next one and takes away the oldest. */
function keysIn(env: Readonly<Record<string, unknown>>): { ring: readonly SecretKey[]; problems: ConfigProblem[] } {
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

/** A name of a tool is no secret; what is not shaped like one may be anything, and is not repeated. */
function noTool(name: string, rule: string): string {
  return `must be ${rule}${/^[a-z_]{1,60}$/.test(name) ? `: there is no tool ${name}` : ''}`;
}

function parseLimit(text: string): Limit | undefined {
  const match = /^(\d{1,5})\/(\d{1,4})$/.exec(text);
  if (match === null) return undefined;
  const [count, seconds] = [Number(match[1]), Number(match[2])];
  return count >= 1 && count <= 10_000 && seconds >= 1 && seconds <= 3600 ? { count, seconds } : undefined;
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return url.origin === value && isSecure(url);
}

/** https, or http on a loopback host (RFC 8252 section 7.3). */
function isSecure(url: URL): boolean {
  const loopback = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\./.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
}
