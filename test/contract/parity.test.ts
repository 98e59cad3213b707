/** The catalogue beside that of GitHub's own server: the same names and arguments, in fewer bytes. */
import { describe, expect, it } from 'vitest';
import { lists, toolByName } from '../../src/catalogue/index.ts';
import parity from './github-tools.json' with { type: 'json' };

interface Theirs {
  readonly name: string;
  readonly readOnly: boolean;
  /** `string`, `string[]`, `a|b|c`, …; a question mark at the end where it may be left out. */
  readonly arguments: Readonly<Record<string, string>>;
}
const theirs = parity.tools as unknown as readonly Theirs[];

/** Ours says more about some: an exact list of words where theirs takes any string, or one more kind of value. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const listed = lists.tools.tools;
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
const core = ({ name, description, inputSchema }: (typeof listed)[number]) => ({ name, description, inputSchema });
const total = (tools: typeof listed, view: (tool: (typeof listed)[number]) => unknown) =>
  tools.reduce((sum, tool) => sum + bytes(view(tool)), 0);

describe.each(theirs.map((tool) => [tool.name, tool] as const))('%s of GitHub’s own server', (name, tool) => {
  const ours = listed.find((one) => one.name === name);
  const schema = ours?.inputSchema as Schema | undefined;

  it('is in the catalogue, and reads or writes like theirs', () => {
    expect(ours).toBeDefined();
    expect(toolByName(name)?.access).toBe(tool.readOnly ? 'read' : 'write');
    expect(ours?.annotations.readOnlyHint).toBe(tool.readOnly);
  });

  it('takes the same arguments, of the same kinds', () => {
    for (const [argument, wanted] of Object.entries(tool.arguments)) {
      const property = schema?.properties?.[argument];
      expect(property, argument).toBeDefined();
      expect(kindsOf(property ?? {}), argument).toContain(kindOf(wanted));
      const words = wordsOf(wanted);
      if (words !== undefined && property?.enum !== undefined)
        expect(property.enum, argument).toEqual(expect.arrayContaining(words));
    }
    const refused = toolByName(name)?.input.safeParse({ no_such_argument: 1 }).error?.issues ?? [];
    expect(refused.map(({ code }) => code)).toContain('unrecognized_keys');
  });

  it('demands nothing that theirs does not', () => {
    const required = Object.entries(tool.arguments).flatMap(([argument, kind]) =>
      kind.endsWith('?') ? [] : [argument],
    );
    expect([...(schema?.required ?? [])].sort()).toEqual(required.sort());
  });
});

describe('bytes of tools/list', () => {
  /** What a client gets that asks for nothing else (issue 5): these toolsets, and of actions what reads. */
  const DEFAULT = new Set(['context', 'repos', 'issues', 'labels', 'pull_requests']);
  const isDefault = ({ name }: { name: string }) => {
    const tool = toolByName(name);
    return DEFAULT.has(tool?.toolset ?? '') || (tool?.toolset === 'actions' && tool.access === 'read');
  };

  it('are at most 24,000 for the default set and 40,000 for everything, by name, description and input', () => {
    expect(total(listed.filter(isDefault), core)).toBeLessThanOrEqual(24_000);
    expect(total(listed, core)).toBeLessThanOrEqual(40_000);
  });

  it('are at most 73,000 with output schemas, none of which is a bare object', () => {
    expect(total(listed, (tool) => ({ ...core(tool), outputSchema: tool.outputSchema }))).toBeLessThanOrEqual(73_000);
    for (const tool of listed) expect(bareObjects((tool.outputSchema ?? {}) as Schema), tool.name).toEqual([]);
  });
});

function kindOf(wanted: string): string {
  const kind = wanted.replace(/\?$/, '');
  if (kind.endsWith('[]')) return 'array';
  if (kind === 'number') return 'integer';
  return ['string', 'boolean', 'object', 'integer', 'any'].includes(kind) ? kind : 'string';
}

function wordsOf(wanted: string): string[] | undefined {
  return wanted.includes('|') ? wanted.replace(/\?$/, '').split('|') : undefined;
}

function kindsOf(schema: Schema): readonly string[] {
  const kinds = [...(schema.type === undefined ? [] : [schema.type]), ...(schema.anyOf ?? []).flatMap(kindsOf)];
  const words = schema.enum?.every((word) => typeof word === 'string') ? ['string'] : [];
  return ['any', ...kinds, ...words, ...(kinds.includes('number') ? ['integer'] : [])];
}

/** Where a schema has an object of which it says nothing. */
function bareObjects(schema: Schema, at = 'output'): string[] {
  const bare = schema.type === 'object' && schema.properties === undefined ? [at] : [];
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => bareObjects(one, `${at}.${name}`));
  const items = schema.items === undefined ? [] : bareObjects(schema.items, `${at}[]`);
  return [...bare, ...inner, ...items, ...(schema.anyOf ?? []).flatMap((one) => bareObjects(one, `${at}|`))];
}
