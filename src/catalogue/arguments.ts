/** Arguments that several tools, resources and prompts take, with the rule of each in its description. */
import * as z from 'zod';
import { MAX_PATH, MAX_REF, pathProblem, refProblem, segmentProblem } from '../github/guard.ts';

/** A string that breaks no rule of `problem`; the rule becomes the message. */
const ruled = (text: z.ZodString, problem: (value: string) => string | undefined) =>
  text.superRefine((value, context) => {
    const message = problem(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/**
 * A GitHub login. No flags on patterns here: JSON Schema has none, and clients would get a stricter one. Enterprise-managed
 * users have an underscore in theirs.
 */
export const owner = z
  .string()
  .regex(/^[A-Za-z\d][\w-]{0,99}$/, 'must be a GitHub user or organization name')
  .describe('User or organization that owns the repository');

export const repo = ruled(
  z.string().regex(/^[\w.-]{1,100}$/, 'must be a repository name without its owner'),
  segmentProblem,
).describe('Name of the repository, without its owner');

/** `/` and the empty string mean the root, as in GitHub's own server; one slash at the end is taken off. */
export const path = ruled(z.string().max(MAX_PATH), (value) =>
  value === '/' ? undefined : pathProblem(trimmed(value)),
).transform((value) => (value === '/' ? '' : trimmed(value)));

export const ref = ruled(z.string().max(MAX_REF), refProblem);

export const sha = z
  .string()
  .regex(/^[\dA-Fa-f]{4,64}$/, 'must be a commit SHA, in full or at least 4 hexadecimal digits');

/** Numbers of issues, pull requests and milestones. */
export const number = z.int().min(1).max(2_147_483_647);
export const issueNumber = number.describe('Number of the issue');

export const page = z.int().min(1).max(10_000).describe('Page to return, from 1');
export const perPage = z.int().min(1).max(100).describe('Items per page, 1 to 100');

export const line = z.int().min(1).max(100_000_000);

/** A number that arrives as a string, as all arguments of prompts do. */
export const numberText = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1, in digits')
  .transform(Number);

/** Where to read on, in results that were cut or have further pages. */
export const nextPage = z
  .object({ page: z.int(), perPage: z.int() })
  .describe('Pass these arguments, and otherwise the same, to read on');

function trimmed(value: string): string {
  return value.endsWith('/') ? value.slice(0, -1) : value;
}
