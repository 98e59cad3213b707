import { describe, expect, it } from 'vitest';
import { lists, promptByName, prompts, resources, scopeOf, toolByName, tools } from '../../../src/catalogue/index.ts';
import { TOOLSETS } from '../../../src/core/toolsets.ts';

interface Schema {
  readonly type?: unknown;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: unknown;
}

function* walk(schema: Schema, at: string): Generator<readonly [string, Schema]> {
  yield [at, schema];
  for (const [name, inner] of Object.entries(schema.properties ?? {})) yield* walk(inner, `${at}.${name}`);
  if (schema.items) yield* walk(schema.items, `${at}[]`);
  for (const inner of schema.anyOf ?? []) yield* walk(inner, `${at}|`);
}

describe.each(lists.tools.tools.map((tool) => [tool.name, tool] as const))('the listed tool %s', (name, tool) => {
  it('has precise schemas', () => {
    const { inputSchema, outputSchema } = tool;
    // Without an output schema are only the two that answer what another tool does.
    expect(outputSchema === undefined).toBe(toolByName(name)?.wraps === true);
    const output = outputSchema === undefined ? [] : walk(outputSchema, 'out');
    for (const [at, schema] of [...walk(inputSchema, 'in'), ...output]) {
      expect(schema.type ?? schema.anyOf, at).toBeDefined();
      if (schema.type === 'object') {
        // Either its members are named, or what each of them is.
        expect(schema.properties ?? schema.additionalProperties, at).toBeInstanceOf(Object);
      }
      if (schema.type === 'array') expect(schema.items, at).toBeDefined();
    }
    expect(JSON.stringify(tool)).not.toMatch(/\$schema|~standard|9007199254740991/);
  });

  it('says all four hints, a title and what it is for', () => {
    const { title, ...hints } = tool.annotations;
    expect(title).toBe(tool.title);
    expect(Object.keys(hints).sort()).toEqual(['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint']);
    expect(Object.values(hints).every((hint) => typeof hint === 'boolean')).toBe(true);
    expect(hints.readOnlyHint).toBe(toolByName(name)?.access === 'read');
    expect(tool.description.length).toBeGreaterThan(30);
    expect(tool.description).toMatch(/^[\x20-\x7e]+$/);
  });
});

it('lists are plain JSON', () => {
  expect(JSON.parse(JSON.stringify(lists))).toEqual(lists);
});

it('names are found again, and scopes follow toolset and access', () => {
  for (const tool of tools) {
    expect(toolByName(tool.name)).toBe(tool);
    expect(TOOLSETS).toContain(tool.toolset);
    const own = tool.scope ?? `tools:execute:${tool.toolset}:${tool.access}`;
    expect(scopeOf(tool)).toBe(tool.wraps ? undefined : own);
  }
  expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
  expect(toolByName('constructor')).toBeUndefined();
  expect(toolByName('issue_write')?.window).toBe('write');
  expect(toolByName('search_issues')?.window).toBe('search');
  expect(prompts.map(({ name }) => promptByName(name))).toEqual(prompts);
});

it('resources/list has something concrete, templates the rest', () => {
  expect(lists.resources.resources.map(({ uri }) => uri)).toEqual(['github://me']);
  expect(lists.resourceTemplates.resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain(
    'github://{owner}/{repo}/{ref}/contents/{+path}{?lines}',
  );
  expect(resources).toHaveLength(lists.resources.resources.length + lists.resourceTemplates.resourceTemplates.length);
});

it('prompt arguments are named, described and required', () => {
  expect(lists.prompts.prompts.find(({ name }) => name === 'code_review')).toMatchObject({
    arguments: [
      { name: 'owner', required: true },
      { name: 'repo', required: true },
      { name: 'pullNumber', required: true, description: 'Number of the pull request' },
    ],
  });
  for (const { name, arguments: args } of lists.prompts.prompts) {
    for (const argument of args ?? []) {
      expect(argument.description, `${name} ${argument.name}`).toBeTruthy();
      expect(argument.required, `${name} ${argument.name}`).toBeTypeOf('boolean');
    }
  }
});
