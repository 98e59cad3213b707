/**
 * Checking with zod's schemas in half the time that zod takes where no function can be made of a string, as in Workers.
 * Pure. What a schema accepts is read here; what it refuses, and what is rare, is left to zod.
 */
import type * as z from 'zod';
import { isObject } from './json.ts';

/** In: a value. Out: what a schema makes of it, or WRONG. */
type Reader = (value: unknown) => unknown;

/** Nothing that a schema gives. */
const WRONG = Symbol();

/** Made once for each schema, with the first value that it is to read. */
const readers = new WeakMap<z.core.$ZodType, Reader>();

/** In: a schema without anything asynchronous, any value. Out: what `schema.safeParse` says, issues with their input. */
export function safeParse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.ZodSafeParseResult<z.output<Schema>> {
  const data = readerOf(schema)(value);
  if (data === WRONG) return schema.safeParse(value, { reportInput: true });
  return { success: true, data: data as z.output<Schema> };
}

function readerOf(schema: z.core.$ZodType): Reader {
  const known = readers.get(schema);
  if (known !== undefined) return known;
  const reader = readerFor(schema as z.core.$ZodTypes);
  readers.set(schema, reader);
  return reader;
}

function readerFor(schema: z.core.$ZodTypes): Reader {
  const { def, optin } = schema._zod;
  const { checks = [] } = def;
  // Forms, bounds and what converts or fills in.
  const isRare = 'check' in def ? !isInt(def) : 'coerce' in def || optin === 'defaulted';
  if (isRare || checks.some((check) => check._zod.def.when)) return byZod(schema);
  const reader = bareReaderFor(schema);
  if (reader === undefined) return byZod(schema);
  if (checks.length === 0) return reader;
  return (value) => {
    const read = reader(value);
    if (read === WRONG) return WRONG;
    const payload: z.core.ParsePayload = { value: read, issues: [] };
    // One that has to be waited for is refused, as zod does where nobody waits.
    if (checks.some((check) => check._zod.check(payload as z.core.ParsePayload<never>) instanceof Promise))
      return WRONG;
    return payload.issues.length === 0 ? payload.value : WRONG;
  };
}

function isInt(def: z.core.$ZodTypeDef): boolean {
  return 'format' in def && def.format === 'safeint';
}

/** The same without its checks; undefined for what is left to zod. */
function bareReaderFor(schema: z.core.$ZodTypes): Reader | undefined {
  const { def } = schema._zod;
  switch (def.type) {
    case 'string':
      return (value) => (typeof value === 'string' ? value : WRONG);
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : WRONG);
    case 'number':
      if (isInt(def)) return (value) => (Number.isSafeInteger(value) ? value : WRONG);
      return (value) => (Number.isFinite(value) ? value : WRONG);
    case 'enum': {
      const { values } = schema._zod;
      return (value) => (values?.has(value as string) ? value : WRONG);
    }
    case 'optional':
    case 'nullable': {
      if (schema._zod.traits.has('$ZodExactOptional')) return undefined;
      const none = def.type === 'optional' ? undefined : null;
      const reader = readerOf(def.innerType);
      return (value) => (value === none ? value : reader(value));
    }
    case 'pipe': {
      // A codec.
      if ('transform' in def) return undefined;
      const first = readerOf(def.in);
      const second = readerOf(def.out);
      return (value) => {
        const read = first(value);
        return read === WRONG ? WRONG : second(read);
      };
    }
    case 'transform':
      // One that takes more than the value may refuse it.
      return def.transform.length === 1 ? (def.transform as Reader) : undefined;
    case 'union': {
      const options = def.options.map(readerOf);
      return 'inclusive' in def ? undefined : (value) => firstOf(options, value);
    }
    case 'array': {
      const reader = readerOf(def.element);
      return (value) => (Array.isArray(value) ? listOf(reader, value) : WRONG);
    }
    case 'object':
      return def.catchall === undefined || def.catchall._zod.def.type === 'never' ? objectOf(def) : undefined;
    default:
      return undefined;
  }
}

/** Zod's own way; it tells by its issues whether it gives something. */
function byZod(schema: z.core.$ZodType): Reader {
  return (value) => {
    const read = schema._zod.run({ value, issues: [] }, { async: false }) as z.core.ParsePayload;
    return read.issues.length === 0 ? read.value : WRONG;
  };
}

function firstOf(options: readonly Reader[], value: unknown): unknown {
  for (const option of options) {
    const read = option(value);
    if (read !== WRONG) return read;
  }
  return WRONG;
}

function listOf(reader: Reader, values: readonly unknown[]): unknown {
  const list: unknown[] = [];
  for (const value of values) {
    const read = reader(value);
    if (read === WRONG) return WRONG;
    list.push(read);
  }
  return list;
}

function objectOf({ shape, catchall }: z.core.$ZodObjectDef): Reader {
  // Looked at only when one comes: an object may hold others of its own schema.
  let members: readonly Member[] | undefined;
  return (value) => {
    if (!isObject(value)) return WRONG;
    members ??= Object.entries(shape).map(memberOf);
    const object: Record<string, unknown> = {};
    for (const { name, reader, mayLack } of members) {
      const member = value[name];
      if (member === undefined && !(name in value)) {
        if (mayLack) continue;
        return WRONG;
      }
      const read = reader(member);
      if (read === WRONG) return WRONG;
      object[name] = read;
    }
    if (catchall !== undefined) for (const name in value) if (!Object.hasOwn(shape, name)) return WRONG;
    return object;
  };
}

interface Member {
  readonly name: string;
  readonly reader: Reader;
  readonly mayLack: boolean;
}

function memberOf([name, schema]: [string, z.core.$ZodType]): Member {
  const { optin, optout } = schema._zod;
  return { name, reader: readerOf(schema), mayLack: optin === 'optional' && optout === 'optional' };
}
