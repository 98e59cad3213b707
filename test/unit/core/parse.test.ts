/** What our reading of a schema says has to be what zod says, for whatever comes. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { safeParse } from '../../../src/core/parse.ts';

const text = z.string().transform((value) => value.trim());
const place = z.object({ owner: text, number: z.int() });
const ruled = z.string().superRefine((value, context) => {
  if (value === '') context.addIssue({ code: 'custom', message: 'must not be empty' });
});

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  string: z.string(),
  'a string of a form': z.url(),
  'a string with a rule': ruled,
  'a string that is converted': text,
  'a string that is converted where it can be': z.string().transform((value, context) => {
    if (value === 'x') context.addIssue({ code: 'custom', message: 'must not be x' });
    return value.length;
  }),
  'a string from anything': z.coerce.string(),
  boolean: z.boolean(),
  number: z.number(),
  'a number within bounds': z.number().min(1),
  int: z.int(),
  'an int within bounds': z.int().min(1),
  'a small int': z.int32(),
  'a codec': z.object({ owner: z.codec(z.string(), z.number(), { decode: Number, encode: String }) }),
  'a word for yes or no': z.stringbool(),
  'what may lack but not be undefined': z.object({ title: z.exactOptional(z.string()) }),
  optional: z.string().optional(),
  nullable: z.number().nullable(),
  nullish: text.nullish(),
  default: z.string().default('none'),
  'an optional default': z.string().default('none').optional(),
  enum: z.enum(['a', 'x']),
  unknown: z.unknown(),
  union: z.union([text, z.number(), place]),
  'one of two and not both': z.xor([z.object({ owner: z.string() }), place]),
  array: z.array(z.union([text, z.number()])),
  record: z.record(z.string(), z.number()),
  object: z.object({ title: text, place: place.nullish(), names: z.array(ruled).optional() }),
  'an object that takes no others': z.strictObject({ title: z.string(), number: z.int().optional() }),
  'an object that keeps others': z.looseObject({ title: text }),
  'an object with a rule': z.object({ title: z.string(), number: z.int().optional() }).refine((it) => it.title !== 'x'),
  'an object that is converted': z.object({ title: z.string() }).transform(({ title }) => title),
  'an object with what fills itself in': z.object({
    title: z.string().default('none'),
    names: z
      .array(z.string())
      .nullish()
      .transform((names) => names ?? []),
    any: z.unknown(),
  }),
};

const PLAIN = [undefined, null, true, 0, -0, 1.5, 2 ** 53, Number.NaN, Infinity, '', ' x ', 'x', 'https://x.example/'];
const VALUES: readonly unknown[] = [
  ...PLAIN,
  [],
  PLAIN,
  ['x', 1],
  {},
  { owner: ' mona ', number: 1 },
  { owner: 'mona', number: 1.5 },
  { owner: 'mona' },
  { title: ' x ' },
  { title: 'x', number: undefined },
  { title: undefined, number: 1 },
  { title: 't', number: 1, names: null, any: 1 },
  { title: 't', place: { owner: 1, number: 1 }, names: ['a', ''] },
  { title: 't', place: { owner: ' o', number: 1, more: 1 }, names: ['a'], more: { x: 1 } },
  JSON.parse('{"title":"t","__proto__":{"number":1}}'),
  Object.create({ title: 'inherited' }),
  new Date(0),
  Symbol.iterator,
  () => 1,
];

describe('safeParse', () => {
  it.each(Object.entries(SCHEMAS))('says of %s what zod says', (_, schema) => {
    for (const value of VALUES) {
      const said = safeParse(schema, value);
      const meant = schema.safeParse(value, { reportInput: true });
      expect(said.success).toBe(meant.success);
      expect(said.data).toStrictEqual(meant.data);
      expect(Object.keys(Object(said.data))).toEqual(Object.keys(Object(meant.data)));
      expect(said.error?.issues).toEqual(meant.error?.issues);
    }
  });

  it('reads a schema that holds itself', () => {
    const tree = z.object({
      name: z.string(),
      get children() {
        return z.array(tree).optional();
      },
    });
    const value = { name: 'a', children: [{ name: 'b', more: 1 }] };
    expect(safeParse(tree, value).data).toEqual({ name: 'a', children: [{ name: 'b' }] });
    expect(safeParse(tree, { name: 'a', children: [{}] }).error?.issues[0]?.path).toEqual(['children', 0, 'name']);
  });
});
