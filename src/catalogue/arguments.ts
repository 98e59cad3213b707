/**
 * Arguments that several tools, resources and prompts take. Their rules are checked without becoming JSON Schema keywords:
 * every model pays for those in every list, and a broken rule is answered in a sentence that names it.
 */
import * as z from 'zod';
import { pathProblem, refProblem, segmentProblem } from '../github/guard.ts';

/** A string that breaks no rule of `problem`; the rule becomes the message. */
const ruled = (text: z.ZodString, problem: (value: string) => string | undefined) =>
  text.superRefine((value, context) => {
    const message = problem(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** A string that fits a pattern, without the pattern in the schema. */
const shaped = (pattern: RegExp, message: string) =>
  ruled(z.string(), (value) => (pattern.test(value) ? undefined : message));

/** A GitHub login. Enterprise-managed users have an underscore in theirs. */
export const owner = shaped(/^[A-Za-z\d][\w-]{0,99}$/, 'must be a GitHub user or organization name');

export const repo = ruled(z.string(), (value) =>
  /^[\w.-]{1,100}$/.test(value) ? segmentProblem(value) : 'must be a repository name without its owner',
);

/** `/` and the empty string mean the root, as in GitHub's own server; one slash at the end is taken off. */
export const path = ruled(z.string(), (value) => (value === '/' ? undefined : pathProblem(trimmed(value)))).transform(
  (value) => (value === '/' ? '' : trimmed(value)),
);

export const ref = ruled(z.string(), refProblem);

/** A branch, also where it is written as a full ref. */
export const branch = ref.transform((name) => name.replace(/^refs\/heads\//, ''));

/** A file that can be written: not the root, and nothing of git's own (git-check-ref-format, verify_path). */
export const filePath = ruled(z.string(), (value) => {
  if (value === '') return 'must not be empty';
  const ownOfGit = value.split('/').some((segment) => segment.toLowerCase() === '.git');
  return ownOfGit ? 'must not lead into .git' : pathProblem(value);
});

export const sha = shaped(/^[\dA-Fa-f]{4,64}$/, 'must be a commit SHA, in full or at least 4 hexadecimal digits');

/** A string of `least` to `most` characters. */
export const text = (most: number, least = 0) =>
  ruled(z.string(), (value) => {
    const count = (limit: number) => `${limit} ${limit === 1 ? 'character' : 'characters'}`;
    if (value.length < least) return `must have at least ${count(least)}`;
    return value.length > most ? `must have at most ${count(most)}` : undefined;
  });

/** A date or a moment, such as 2026-11-23 or 2026-11-23T10:00:00Z. */
export const moment = ruled(z.string(), (value) =>
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(value) && !Number.isNaN(Date.parse(value))
    ? undefined
    : 'must be a date in ISO 8601, such as 2026-11-23 or 2026-11-23T10:00:00Z',
);

/** A whole number from `least` to `most`. */
export const whole = (least: number, most: number) =>
  z.int().superRefine((value, context) => {
    const message = value < least ? `must be at least ${least}` : value > most ? `must be at most ${most}` : undefined;
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** One of several words, which are named only where another one comes: a list of them is long, and rarely needed. */
export const oneOf = (words: readonly string[]) =>
  ruled(z.string(), (value) => (words.includes(value) ? undefined : `must be one of ${words.join(', ')}`));

/** Numbers of issues, pull requests and milestones. */
export const number = whole(1, 2_147_483_647);
export const issueNumber = number.describe('Number of the issue');

/** Ids that GitHub counts across all repositories: runs, jobs. */
export const id = whole(1, Number.MAX_SAFE_INTEGER);
/** An id in digits, or a name that stands for it, in a path of the API. */
export const idText = ruled(z.string(), segmentProblem);

export const page = whole(1, 10_000);
export const perPage = whole(1, 100);

export const line = whole(1, 100_000_000);

/** A `next_cursor`, which is replaced by the arguments it stands for before the tool runs. */
export const after = text(4000).optional();

/** The arguments that name a repository, and those that name a page. */
export const place = { owner, repo };
export const paging = { page: page.optional(), perPage: perPage.optional(), after };

/** A number that arrives as a string, as all arguments of prompts do. */
export const numberText = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1, in digits')
  .transform(Number);

/** What results say that may have more behind them. */
export const paged = { truncated: z.boolean().optional(), next_cursor: z.string().optional() };
/** The same of lists whose end may be known although it is not shown. */
export const pagedList = { total: z.int().optional(), ...paged };

function trimmed(value: string): string {
  return value.endsWith('/') ? value.slice(0, -1) : value;
}
