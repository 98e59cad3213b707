/** Arguments for any tool, drawn from its schema: some harmless, some that name other repositories in every way there is. */
import * as z from 'zod';

type Draw = () => number;
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly const?: unknown;
}

const OWNERS = ['acme', 'ACME', 'team', 'evil', 'acme/web', '..', 'acme%2fweb', 'acme/../evil', 'аcme', '.', ''];
const REPOS = ['web', 'Web', 'anything', 'secrets', 'x', '..', 'web/../secrets', 'web?x', 'web%2f..', 'web#', '.', ''];
const REFS = ['main', 'evil:main', 'acme:main', 'evil:x:main', 'main...evil:main', 'refs/heads/main', 'HEAD', 'evil/x'];
const QUERIES = [
  'crash',
  'is:open repo:acme/web',
  'repo:evil/x',
  'user:evil crash',
  'a OR b',
  'a) OR (repo:evil/x',
  '"a" OR user:evil',
  'org:team label:"x y"',
  'crash" OR "x',
  'ｒepo:evil/x',
  '-repo:evil/x',
];
const SHA = 'a'.repeat(40);

/** By the name of an argument, because that is what tells a place from a text. */
const BY_NAME: readonly [RegExp, readonly unknown[]][] = [
  [/^(owner|org|organization|user|username|login)$/, OWNERS],
  [/^repo(sitory)?$/, REPOS],
  [/^(query|q)$/, QUERIES],
  [/^(head|base|ref|branch|from_branch|target|tag)$/, REFS],
  [/sha$|ID$/i, [SHA, 'IN', 'OUT', 'evil/x']],
  [/^(threadId|node_id|id)$/, ['IN', 'OUT']],
  [/path$/i, ['src/a.ts', '', '../../../user', 'a/../b', '.github/x.yml']],
  [/since|before|_at$|date/i, ['2026-11-23']],
];

/** In: a tool's input. Out: arguments, most of them of the right types; whether they are valid is for the tool to say. */
export function hostileArguments(input: z.ZodType, draw: Draw): Record<string, unknown> {
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Schema;
  return valueFor('', schema, draw) as Record<string, unknown>;
}

function valueFor(name: string, schema: Schema, draw: Draw): unknown {
  const oneOf = <T>(items: readonly T[]): T => items[Math.floor(draw() * items.length)] as T;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return oneOf(schema.enum);
  if (schema.anyOf !== undefined) return valueFor(name, oneOf(schema.anyOf), draw);
  switch (schema.type) {
    case 'integer':
    case 'number':
      return oneOf([1, 2, 7, 30]);
    case 'boolean':
      return draw() < 0.5;
    case 'array':
      return Array.from({ length: 1 + Math.floor(draw() * 2) }, () => valueFor(name, schema.items ?? {}, draw));
    case 'object': {
      const wanted = Object.entries(schema.properties ?? {}).filter(
        ([key]) => schema.required?.includes(key) === true || draw() < 0.3,
      );
      return Object.fromEntries(wanted.map(([key, member]) => [key, valueFor(key, member, draw)]));
    }
    default: {
      const known = BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? ['x', 'evil/x', 'repo:evil/x'];
      // Half of the time the first, so that calls come far enough to ask for more.
      return draw() < 0.5 ? known[0] : oneOf(known);
    }
  }
}
