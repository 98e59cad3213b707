/** Arguments checked against a schema, and what is wrong with them in one sentence that repeats no value. */

import type * as z from 'zod';
import { AppError } from '../core/errors.ts';
import { redactText } from '../core/redaction.ts';
import { sanitiseText } from '../output/sanitise.ts';

/** Most problems named at once, and most characters of an unknown argument's name. */
const MAX_PROBLEMS = 8;
const MAX_NAME = 60;

interface Problem {
  readonly field: string;
  readonly rule: string;
}

/**
 * In: a tool or prompt, and the arguments as they came. Out: the arguments, checked and converted. Throws
 * `invalid_arguments` that names each field and the rule it breaks, unknown fields too.
 */
export function validateArguments<Input extends z.ZodObject>(
  definition: { readonly input: Input },
  args: unknown,
): z.output<Input> {
  return parseOrThrow(definition.input, args ?? {});
}

/** The same for any schema. */
export function parseOrThrow<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap(problemsOf);
  const named = problems.slice(0, MAX_PROBLEMS);
  const rest = problems.length - named.length;
  const sentence = named.map(({ field, rule }) => `${field} ${rule}`).join('; ');
  throw new AppError('invalid_arguments', `${sentence}${rest > 0 ? `; and ${rest} more problems` : ''}.`, {
    details: { fields: named.map(({ field, rule }) => ({ field, rule })) },
  });
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const field = fieldName(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ field: field || 'arguments', rule: ruleOf(issue) }];
  const at = field === '' ? '' : `${field}.`;
  return issue.keys.map((key) => ({ field: at + shortName(key), rule: 'is not an argument of this call' }));
}

/** `issue_fields[0].value`. */
function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? shortName(String(part)) : `${name}.${shortName(String(part))}`;
  }, '');
}

/** Zod's finding as a rule that follows the field's name. Our own rules are worded so already. */
function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      if (issue.input === undefined) return 'is missing';
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_union':
      return 'has the wrong type';
    case 'custom':
    case 'invalid_format':
      return issue.message;
    default:
      return 'is not valid';
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${relation} ${limit} ${Number(limit) === 1 ? 'character' : 'characters'}`;
  if (origin === 'array') return `have ${relation} ${limit} ${Number(limit) === 1 ? 'item' : 'items'}`;
  return `be ${relation} ${limit}`;
}

/** The name of an argument comes from the caller too. */
function shortName(name: string): string {
  // Before it is clipped: half a secret would no longer be recognised.
  const clean = redactText(sanitiseText(name).replace(/\s+/g, ' '));
  return clean.length > MAX_NAME ? `${clean.slice(0, MAX_NAME).toWellFormed()}…` : clean;
}
