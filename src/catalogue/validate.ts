/** Arguments checked against a schema, and what is wrong with them in one sentence that repeats no value. */

import type * as z from 'zod';
import { AppError } from '../core/errors.ts';
import { safeParse } from '../core/parse.ts';
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
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, schema));
  const named = problems.slice(0, MAX_PROBLEMS);
  const rest = problems.length - named.length;
  const sentence = named.map(({ field, rule }) => `${field} ${rule}`).join('; ');
  throw new AppError('invalid_arguments', `${sentence}${rest > 0 ? `; and ${rest} more problems` : ''}.`, {
    details: { fields: named.map(({ field, rule }) => ({ field, rule })) },
  });
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType): Problem[] {
  const field = fieldName(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ field: field || 'arguments', rule: ruleOf(issue) }];
  const at = field === '' ? '' : `${field}.`;
  const taken = `: ${field || 'it'} takes ${namesAt(schema, issue.path).join(', ') || 'none'}`;
  return issue.keys.map((key, index) => ({
    field: at + shortName(key),
    rule: `is not an argument of this call${index === 0 ? taken : ''}`,
  }));
}

/**
 * The names that an object of a schema has. Said with the error, because the listed schemas do not say that there are no
 * others: `additionalProperties: false` would cost a client 29 bytes for each tool.
 */
function namesAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  let shape = shapeOf(schema);
  for (const name of path) if (typeof name === 'string') shape = shapeOf(shape[name]);
  return Object.keys(shape);
}

/** The members of an object, of the items of a list, or of what may be left out. */
function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  const { shape, unwrap } = (schema ?? {}) as { shape?: Record<string, unknown>; unwrap?: () => unknown };
  return shape ?? (unwrap === undefined ? {} : shapeOf(unwrap.call(schema)));
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
  // No argument takes a fraction; what may be a number among other things is a union.
  number: 'a whole number',
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
