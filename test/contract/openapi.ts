/** GitHub's own description of its REST API, as far as requests and example answers are compared with it. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { ROOT } from '../../src/cli/project.ts';
import type { Asked } from '../unit/github/answering.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: object;
}
interface Media {
  readonly schema?: object;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown; readonly $ref?: string }>>;
}
interface Operation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, Media>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

/** One documented operation. */
export interface Documented {
  /** `GET /repos/{owner}/{repo}`. */
  readonly name: string;
  readonly pattern: RegExp;
  readonly operation: Operation;
}

/** By path, not by import: the package's index loads every version of the description. */
const file = createRequire(import.meta.url)
  .resolve('@octokit/openapi/package.json')
  .replace('package.json', '');
const description = JSON.parse(readFileSync(join(file, 'generated/api.github.com.json'), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, unknown>>;
};
/** Several segments, whatever the description says of slashes. */
const LONG = /^(path|ref|basehead|branch|name|tag)$/;

const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false, coerceTypes: true });
ajv.addSchema({ $id: 'github', components: absolute(description.components) });
const validators = new Map<object, ValidateFunction>();

/** Every operation, the ones with the fewest variables first: `/notifications/threads` before `/notifications/{x}`. */
export const OPERATIONS: readonly Documented[] = Object.entries(description.paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      pattern: new RegExp(
        `^${path.replace('/{path}', '(?:/(.+))?').replace(/\{(\w+)\}/g, (_, name: string) => (LONG.test(name) ? '(.+)' : '([^/]+)'))}$`,
      ),
      operation,
    })),
  )
  .sort((a, b) => count(a.name) - count(b.name));

/** In: a request that was sent. Out: the operation that it is, or undefined. */
export function operationOf({ method, url }: Pick<Asked, 'method' | 'url'>): Documented | undefined {
  return OPERATIONS.find(({ name, pattern }) => name.startsWith(`${method} `) && pattern.test(url.pathname));
}

/** In: a request and the operation that it is. Out: what of it is not documented, in words; empty where all is. */
export function problemsOf({ url, body }: Asked, { name, pattern, operation }: Documented): string[] {
  const parameters = (operation.parameters ?? []).map((one) => resolved(one) as Parameter);
  const names = [...name.matchAll(/\{(\w+)\}/g)].map(([, variable]) => variable as string);
  const values = (pattern.exec(url.pathname) ?? []).slice(1).map((value) => decodeURIComponent(value ?? ''));
  const inPath = names.map((variable, i) => ['path', variable, values[i] ?? ''] as const);
  const inQuery = [...url.searchParams].map(([variable, value]) => ['query', variable, value] as const);
  const wrong = [...inPath, ...inQuery].flatMap(([where, variable, value]) => {
    const parameter = parameters.find((one) => one.in === where && one.name === variable);
    if (parameter === undefined) return [`${where} ${variable} is not documented`];
    return explain(parameter.schema, value, `${where} ${variable}`);
  });
  const missing = parameters
    .filter((one) => one.in === 'query' && one.required === true && !url.searchParams.has(one.name))
    .map((one) => `query ${one.name} is missing`);
  return [...wrong, ...missing, ...bodyProblems(body, operation)];
}

function bodyProblems(body: unknown, { requestBody }: Operation): string[] {
  if (body === undefined) return [];
  const schema = requestBody?.content?.['application/json']?.schema;
  if (schema === undefined) return ['a body is not documented'];
  const known = propertiesOf(schema);
  const unknown = Object.keys(body as object).filter((name) => known !== undefined && !known.has(name));
  return [
    ...unknown.map((name) => `body ${name} is not documented`),
    ...explain(schema, structuredClone(body), 'body'),
  ];
}

/** Names of the members of a body; undefined where any may stand. */
function propertiesOf(schema: object): ReadonlySet<string> | undefined {
  const { properties, oneOf, anyOf } = resolved(schema) as {
    properties?: object;
    oneOf?: readonly object[];
    anyOf?: readonly object[];
  };
  const inner = [...(oneOf ?? []), ...(anyOf ?? [])].map(propertiesOf);
  const names = [...Object.keys(properties ?? {}), ...inner.flatMap((one) => [...(one ?? [])])];
  return names.length === 0 ? undefined : new Set(names);
}

function explain(schema: object, value: unknown, where: string): string[] {
  const check = validators.get(schema) ?? ajv.compile(absolute(schema) as object);
  validators.set(schema, check);
  return check(value) ? [] : [`${where} ${check.errors?.[0]?.message ?? 'is not valid'}`];
}

/** The documented example answers of an operation, each with its status; those without a body are `undefined`. */
export function examplesOf({ operation }: Documented): { readonly status: number; readonly body: unknown }[] {
  return Object.entries(operation.responses ?? {}).flatMap(([code, response]) => {
    const status = Number(code);
    if (!(status >= 200 && status < 300)) return [];
    const { content } = resolved(response) as { content?: Readonly<Record<string, Media>> };
    const examples = Object.values(content?.['application/json']?.examples ?? {});
    if (examples.length === 0) return [{ status, body: undefined }];
    return examples.map((example) => ({ status, body: givenBy(example) }));
  });
}

/** Of some examples the value is a reference to another example. */
function givenBy(example: object): unknown {
  const { value } = resolved(example) as { value?: unknown };
  return typeof value === 'object' && value !== null && '$ref' in value ? givenBy(resolved(value) as object) : value;
}

/** Answers of the real GitHub, recorded by Octokit, by the name of their operation. */
export function recordedAnswers(): ReadonlyMap<string, unknown[]> {
  const folder = createRequire(import.meta.url)
    .resolve('@octokit/fixtures/package.json')
    .replace('package.json', 'scenarios');
  const host = join(folder, 'api.github.com');
  const found = new Map<string, unknown[]>();
  for (const scenario of readdirSync(host)) {
    const exchanges = JSON.parse(readFileSync(join(host, scenario, 'normalized-fixture.json'), 'utf8')) as {
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly response: unknown;
    }[];
    for (const { method, path, status, response } of exchanges) {
      if (!(status >= 200 && status < 300) || typeof response !== 'object') continue;
      const url = new URL(path, 'https://api.github.com');
      const operation = operationOf({ method: method.toUpperCase(), url });
      if (operation !== undefined) found.set(operation.name, [...(found.get(operation.name) ?? []), response]);
    }
  }
  return found;
}

/** Every route that the sources of the catalogue name, constants put in. */
export function routesInSources(): string[] {
  const folder = join(ROOT, 'src/catalogue');
  const files = readdirSync(folder, { recursive: true }).map(String);
  const routes = files
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const source = readFileSync(join(folder, name), 'utf8');
      const constants = new Map(
        [...source.matchAll(/const (\w+) =\s+(['`])((?:\/|\$\{)[^'`]*)\2/g)].map(([, constant, , path]) => [
          constant,
          path,
        ]),
      );
      const put = (text: string): string =>
        text.replace(/\$\{(\w+)\}/g, (whole, constant: string) =>
          put(constants.get(constant) ?? whole.replace('$', '?')),
        );
      return [...source.matchAll(/['`]((?:GET|POST|PUT|PATCH|DELETE) (?:\/|\$\{)[^'`]*)['`]/g)].map(([, found]) =>
        put(found as string),
      );
    });
  return [...new Set(routes)].sort();
}

function resolved(node: object): unknown {
  if (!('$ref' in node) || typeof node.$ref !== 'string') return node;
  const path = node.$ref.slice(2).split('/');
  return resolved(path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], description) as object);
}

/** A schema that is taken out of the description: its references lead back there, and `nullable` is written as a type. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = value as { nullable?: unknown };
  const members = Object.entries(rest).map(([name, member]) => [
    // What comes as text fits more than one of a number and a text.
    name === 'oneOf' ? 'anyOf' : name,
    name === '$ref' && typeof member === 'string' ? member.replace('#/', 'github#/') : absolute(member),
  ]);
  const schema = Object.fromEntries(members) as object;
  return nullable === true ? { anyOf: [{ type: 'null' }, schema] } : schema;
}

function count(name: string): number {
  return (name.match(/\{/g) ?? []).length * 1000 - name.length;
}
