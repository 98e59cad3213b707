/** search_tools, call_read_tool and call_write_tool as tools of their own. */
import { describe, expect, it } from 'vitest';
import type { ToolDefinition } from '../../../src/catalogue/define.ts';
import { scopeOf, toolByName, tools } from '../../../src/catalogue/index.ts';
import { listTool } from '../../../src/catalogue/listing.ts';
import { DEFAULT_SELECTION, type Selection } from '../../../src/catalogue/selection.ts';
import { RESULT_BUDGET, utf8Bytes } from '../../../src/output/budget.ts';
import { answering, json } from '../github/answering.ts';
import { call } from './calling.ts';

const github = answering(() => json({})).github;

interface Found {
  readonly total: number;
  readonly tools: readonly { readonly name: string; readonly access: string; readonly input_schema: unknown }[];
  readonly hint?: string;
}

async function search(args: object, selection?: Partial<Selection>): Promise<Found> {
  const tool = toolByName('search_tools') as ToolDefinition;
  const context = { github, selection: { ...DEFAULT_SELECTION, ...selection } };
  const { data } = await tool.run(tool.input.parse(args), context as unknown as Parameters<typeof tool.run>[1]);
  return data as unknown as Found;
}

const namesFor = async (query: string, limit = 5) => (await search({ query, limit })).tools.map(({ name }) => name);

describe('search_tools', () => {
  it.each(
    tools
      .filter((tool) => !/^(search_tools|call_(read|write)_tool)$/.test(tool.name))
      .map(({ name, title }) => ({ name, title })),
  )('finds $name by its name, and by its title', async ({ name, title }) => {
    expect((await namesFor(` ${name.toUpperCase()} `))[0]).toBe(name);
    expect(await namesFor(title)).toContain(name);
  });

  it.each([
    ['code scanning alerts', 'list_code_scanning_alerts'],
    ['star a repository', 'star_repository'],
    ['stars of a repository', 'list_starred_repositories'],
    ['merging', 'merge_pull_request'],
    ['re-run failed jobs', 'actions_run_trigger'],
    ['secrets that leaked', 'list_secret_scanning_alerts'],
    ['mark notification as read', 'mark_all_notifications_read'],
    ['gist update', 'update_gist'],
    ['why did the workflow fail, logs', 'get_job_logs'],
  ])('finds for %j %s', async (query, name) => {
    expect(await namesFor(query, 3)).toContain(name);
  });

  it('says how to call what it found, and how many there are', async () => {
    const { total, tools: found } = await search({ query: 'gist', limit: 2 });
    expect(total).toBeGreaterThan(2);
    expect(found).toHaveLength(2);
    for (const { name, access, input_schema } of found) {
      const tool = toolByName(name) as ToolDefinition;
      expect(access).toBe(tool.access);
      expect(input_schema).toEqual(listTool(tool).inputSchema);
    }
  });

  it('says so where nothing is found', async () => {
    for (const query of ['zzzz', '!!!', 'the', '\u0000']) {
      expect(await search({ query })).toMatchObject({ total: 0, tools: [], hint: expect.stringContaining('No tool') });
    }
  });

  it('leaves out what the request may not call, and the wrappers', async () => {
    const all = await search({ query: 'gist', limit: 10 });
    expect(all.tools.map(({ name }) => name)).toContain('create_gist');
    const reading = await search({ query: 'gist', limit: 10 }, { readonly: true, exclude: ['get_gist'] });
    expect(reading.tools.every(({ access }) => access === 'read')).toBe(true);
    expect(reading.tools.map(({ name }) => name)).not.toContain('get_gist');
    expect(await namesFor('call_read_tool', 10)).not.toContain('call_read_tool');
  });

  it('stays within the budget, whatever is asked for', async () => {
    for (const query of ['list get issue pull request repository', 'owner repo page', 'write create update']) {
      const { content } = await call(github, 'search_tools', { query, limit: 10 });
      expect(content.reduce((sum, part) => sum + utf8Bytes('text' in part ? part.text : ''), 0)).toBeLessThan(
        RESULT_BUDGET,
      );
    }
  });
});

describe('call_read_tool and call_write_tool', () => {
  it('have no output schema and no scope of their own', () => {
    for (const name of ['call_read_tool', 'call_write_tool']) {
      const tool = toolByName(name) as ToolDefinition;
      expect(listTool(tool)).not.toHaveProperty('outputSchema');
      expect(scopeOf(tool)).toBeUndefined();
    }
    expect(tools.filter((tool) => tool.wraps).map(({ name }) => name)).toEqual(['call_read_tool', 'call_write_tool']);
  });

  it.each([
    ['call_read_tool', 'nope', /no tool nope/, /search_tools/],
    ['call_write_tool', 'constructor', /no tool constructor/, /search_tools/],
    ['call_read_tool', 'create_gist', /create_gist changes things/, /call_write_tool/],
    ['call_write_tool', 'call_read_tool', /call_read_tool cannot be called/, /itself/],
    ['call_read_tool', 'get_me', /Mcp-Name/, /./],
  ])('%s of %s says why it cannot be called so', async (name, inner, message, hint) => {
    await expect(call(github, name, { name: inner })).rejects.toMatchObject({
      code: 'invalid_arguments',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});
