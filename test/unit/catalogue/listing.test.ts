import { describe, expect, it } from 'vitest';
import { TOOLSETS } from '../../../src/catalogue/define.ts';
import { lists, promptByName, prompts, resources, scopeOf, toolByName, tools } from '../../../src/catalogue/index.ts';

/** Names and arguments of GitHub's own server, commit 64a49f34 (2026-08-03), for the tools that both have. */
const PARITY: Record<string, readonly string[]> = {
  get_me: [],
  search_issues: ['fields', 'order', 'owner', 'page', 'perPage', 'query', 'repo', 'sort'],
  get_file_contents: ['fields', 'owner', 'path', 'ref', 'repo', 'sha'],
  issue_read: ['issue_number', 'method', 'owner', 'page', 'perPage', 'repo'],
  issue_write: [
    'assignees',
    'body',
    'duplicate_of',
    'issue_fields',
    'issue_number',
    'labels',
    'method',
    'milestone',
    'owner',
    'repo',
    'state',
    'state_reason',
    'title',
    'type',
  ],
};
const OURS: Record<string, readonly string[]> = { get_file_contents: ['start_line', 'end_line'] };

interface Schema {
  readonly type?: unknown;
  readonly description?: string;
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
  it('takes the arguments of GitHub’s own server, and ours', () => {
    const properties = (tool.inputSchema as Schema).properties ?? {};
    expect(Object.keys(properties).sort()).toEqual([...(PARITY[name] ?? []), ...(OURS[name] ?? [])].sort());
    expect(tool.inputSchema.additionalProperties).toBe(false);
    for (const [argument, schema] of Object.entries(properties)) expect(schema.description, argument).toBeTruthy();
  });

  it('has precise schemas', () => {
    for (const [at, schema] of [...walk(tool.inputSchema, 'in'), ...walk(tool.outputSchema, 'out')]) {
      expect(schema.type ?? schema.anyOf, at).toBeDefined();
      if (schema.type === 'object') {
        expect(schema.properties, at).toBeDefined();
        expect(schema.additionalProperties, at).toBe(false);
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

it('lists are plain JSON and small enough for a model to carry', () => {
  expect(JSON.parse(JSON.stringify(lists))).toEqual(lists);
  expect(JSON.stringify(lists.tools).length).toBeLessThan(24_000);
});

it('names are found again, and scopes follow toolset and access', () => {
  for (const tool of tools) {
    expect(toolByName(tool.name)).toBe(tool);
    expect(TOOLSETS).toContain(tool.toolset);
    expect(scopeOf(tool)).toBe(`tools:execute:${tool.toolset}:${tool.access}`);
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
    'github://{owner}/{repo}/{ref}/contents/{+path}',
  );
  expect(resources).toHaveLength(lists.resources.resources.length + lists.resourceTemplates.resourceTemplates.length);
});

it('prompt arguments are named, described and required', () => {
  expect(lists.prompts.prompts).toMatchObject([
    {
      name: 'code_review',
      arguments: [
        { name: 'owner', required: true },
        { name: 'repo', required: true },
        { name: 'pullNumber', required: true, description: 'Number of the pull request' },
      ],
    },
  ]);
});
