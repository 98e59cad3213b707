/** The rules of the settings, as zod schemas over the text that an environment holds. Problems never repeat a value. */
import * as z from 'zod';
import type { Limit } from '../config.ts';
import { TOOL_NAMES } from '../core/tool-names.ts';
import type { Toolset } from '../core/toolsets.ts';
import { TOOLSETS } from '../core/toolsets.ts';

export const origin = z
  .string()
  .refine(
    isOrigin,
    'must be an origin such as https://gate.example.com: https (http only on this machine), no path, no trailing slash',
  );

export const baseUrl = z.string().refine((value) => {
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

export const names = list.refine(
  (items) => items.every((item) => /^[a-z\d][a-z\d-]{0,38}$/.test(item)),
  'must be GitHub logins separated by commas',
);

export const hosts = list.refine(
  (items) => items.every((item) => /^[a-z\d.-]+(:\d{1,5})?$/.test(item)),
  'must be host names, with a port where it is not the usual one, separated by commas',
);

export const toolNames = list.superRefine((items, ctx) => {
  const unknown = items.find((item) => item !== 'all' && !TOOL_NAMES.includes(item));
  if (unknown !== undefined)
    ctx.addIssue({ code: 'custom', message: noTool(unknown, 'tools separated by commas, or all') });
});

export const flag = z
  .string()
  .default('false')
  .refine((value) => /^(true|false)$/i.test(value), 'must be true or false')
  .transform((value) => value.toLowerCase() === 'true');

export const toolsets = list
  .refine(
    (items) => items.every((item) => item === 'all' || (TOOLSETS as readonly string[]).includes(item)),
    `must be all, or names of toolsets separated by commas: ${TOOLSETS.join(', ')}`,
  )
  .transform((items) => (items.length === 0 || items.includes('all') ? undefined : (items as Toolset[])));

/** A whole number in a range; `fallback` where nothing is said. */
export const whole = <Fallback extends number | undefined>(from: number, to: number, fallback: Fallback) =>
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

export const limit = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((value, ctx) => {
      const parsed = parseLimit(value);
      if (parsed !== undefined) return parsed;
      ctx.addIssue({ code: 'custom', message: LIMIT_RULE });
      return z.NEVER;
    });

export const optionalLimit = z
  .string()
  .optional()
  .transform((value, ctx) => {
    if (value === undefined) return undefined;
    const parsed = parseLimit(value);
    if (parsed !== undefined) return parsed;
    ctx.addIssue({ code: 'custom', message: LIMIT_RULE });
    return z.NEVER;
  });

export const toolLimits = z
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

export const required = z.string().min(1, 'is missing');

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
