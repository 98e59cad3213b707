/**
 * What may stand in the path of an upstream URL. Names and paths come from models and from people; none of them may
 * lead a request, and the token it carries, to another part of the API than the tool meant.
 */
import { AppError } from '../core/errors.ts';

/** Longest file path accepted, in characters; git itself stops near there on most systems. */
export const MAX_PATH = 4096;
/** Longest ref accepted, in characters. */
export const MAX_REF = 255;

/** A slash or backslash, also percent-encoded any number of times, because something upstream may decode it. */
const SEPARATOR = /\/|\\|%(?:25)*(?:2f|5c)/i;
/** `.` or `..` with any dot percent-encoded any number of times: the URL standard (section 4.4) treats `%2e` as a dot. */
const DOTS = /^(?:\.|%(?:25)*2e){1,2}$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]|%(?:25)*00/i;

/**
 * In: one path segment, such as an owner, a repository name or a label. Out: the rule it breaks, worded to follow the
 * field's name ("must not …"), or undefined.
 */
export function segmentProblem(value: string): string | undefined {
  if (value === '') return 'must not be empty';
  if (value.includes('/')) return 'must not contain a slash';
  return pathProblem(value);
}

/**
 * In: a path of one or more segments inside a repository. Out: the rule it breaks, or undefined. Refused are absolute
 * paths, empty, `.` and `..` segments in any encoding, backslashes, control characters and broken Unicode.
 */
export function pathProblem(value: string): string | undefined {
  if (value.length > MAX_PATH) return `must have at most ${MAX_PATH} characters`;
  if (!value.isWellFormed()) return 'must be well-formed Unicode';
  if (CONTROL.test(value)) return 'must not contain control characters';
  if (value.includes('\\')) return 'must not contain a backslash';
  if (value.startsWith('/')) return 'must be relative to the root of the repository, without a slash in front';
  if (value !== '' && value.split('/').includes('')) return 'must not contain empty segments';
  if (value.split(SEPARATOR).some((segment) => DOTS.test(segment))) return 'must not contain "." or ".." segments';
  return undefined;
}

/**
 * In: a branch, tag, full ref or commit. Out: the rule it breaks, or undefined. Besides what a path may not hold, git's
 * own rules for names (git-check-ref-format) as far as they keep a ref from being read as something else.
 */
export function refProblem(value: string): string | undefined {
  if (value === '') return 'must not be empty';
  if (value.length > MAX_REF) return `must have at most ${MAX_REF} characters`;
  if (/[\s~^:?*[]|\.\.|@\{/.test(value)) return 'must be a branch, tag or commit, not a range or an expression';
  return pathProblem(value);
}

/** Variables of a route that may hold several segments. All others are one segment. */
const PATHS: ReadonlyMap<string, (value: string) => string | undefined> = new Map([
  ['path', pathProblem],
  ['ref', refProblem],
  ['branch', refProblem],
  ['tag', refProblem],
]);

/** One segment whose own slashes are encoded: `kind/bug` is the name of one label. */
const ENCODED = 'name';

/** Most names: they break no rule, and are encoded as they are. */
const PLAIN = /^[\w-]{1,100}$/;

/**
 * In: a variable of a route and its value. Out: the value, percent-encoded segment by segment. Throws `invalid_arguments`
 * naming the variable that is missing or unfit.
 */
export function encodeVariable(name: string, value: unknown): string {
  const text = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : value;
  if (typeof text !== 'string') throw unfit(name, 'is missing');
  if (PLAIN.test(text)) return text;
  const whole = name === ENCODED && text !== '';
  const problem = (whole ? pathProblem : (PATHS.get(name) ?? segmentProblem))(text);
  if (problem !== undefined) throw unfit(name, problem);
  return whole ? encodeURIComponent(text) : text.split('/').map(encodeURIComponent).join('/');
}

/** Whether `url` lies inside the API: same origin and below its path. */
export function isInside(api: URL, url: URL): boolean {
  const same = url.origin === api.origin && url.username === '' && url.password === '';
  return same && url.pathname.startsWith(`${api.pathname.replace(/\/$/, '')}/`);
}

/** The refusal of one argument: its name and the rule, never its value. */
export function unfit(field: string, rule: string): AppError {
  return new AppError('invalid_arguments', `${field} ${rule}.`, { details: { fields: [{ field, rule }] } });
}
