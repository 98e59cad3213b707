/**
 * Every way out is covered: invisible characters, hidden comments and a token are planted into every string of every answer of
 * GitHub, and must not come out of any tool, resource or prompt. A new one that is not listed here fails the first test.
 */
import { describe, expect, it } from 'vitest';
import { prompts, resources, tools } from '../../../src/catalogue/index.ts';
import { INVISIBLE, SECRET, TOKEN_SHAPE } from './planting.ts';
import { ways } from './ways.ts';

it('every tool, resource and prompt is covered', () => {
  const covered = Object.keys(ways);
  const all = [
    ...tools.map(({ name }) => `tool ${name}`),
    ...resources.map(({ name }) => `resource ${name}`),
    ...prompts.map(({ name }) => `prompt ${name}`),
  ];
  for (const name of all)
    expect(
      covered.some((way) => way === name || way.startsWith(`${name} `)),
      name,
    ).toBe(true);
});

describe.each(Object.entries(ways))('%s', (_, run) => {
  it('lets nothing hidden out', async () => {
    const wire = await run();
    const strings = [...stringsOf(wire)];
    expect(strings.length).toBeGreaterThan(0);
    const planted = new RegExp(`[${INVISIBLE}]`, 'u');
    // The text of a tool result is JSON, where a control character would be written as an escape.
    const escaped = /\\u(?:200b|202e|2066|feff|00ad|0007|db40)/i;
    for (const text of strings) {
      expect(text).not.toMatch(planted);
      expect(text).not.toMatch(escaped);
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(TOKEN_SHAPE);
    }
  });
});

function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      // Leaves sealed (mcp/cursor.ts), and is never shown.
      if (name === 'next') continue;
      yield name;
      yield* stringsOf(member);
    }
  }
}
