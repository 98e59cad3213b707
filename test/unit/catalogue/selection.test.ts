/** Which tools the headers of GitHub's remote server choose here (github-mcp-server, docs/server-configuration.md). */
import { describe, expect, it } from 'vitest';
import { tools } from '../../../src/catalogue/index.ts';
import { listOthers, listTools, toolNames, UNKNOWN_KEY } from '../../../src/catalogue/selected.ts';
import type { Selection, ToolPolicy } from '../../../src/catalogue/selection.ts';
import { ALL_TOOLSETS, DEFAULT_SELECTION, keyOf, readSelection, refusalOf } from '../../../src/catalogue/selection.ts';
import { parseConfig } from '../../../src/config.ts';
import { TOOL_NAMES } from '../../../src/core/tool-names.ts';
import { TOOLSETS } from '../../../src/core/toolsets.ts';

const read = (headers: Record<string, string>, policy: ToolPolicy = {}): Selection =>
  readSelection(new Headers(headers), toolNames, policy);

const listed = (headers: Record<string, string>, policy: ToolPolicy = {}): string[] =>
  listTools(read(headers, policy)).tools.map((tool) => tool.name);

const ofToolsets = (...toolsets: string[]) =>
  tools.filter((tool) => toolsets.includes(tool.toolset)).map((tool) => tool.name);

const byName = (name: string) => {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return tool;
};

describe('the default set', () => {
  const names = listed({});

  it('is shown to a request without headers, and to one whose headers are empty', () => {
    expect(read({})).toEqual(DEFAULT_SELECTION);
    for (const empty of ['', ' ', ',', ' , ,, ']) {
      expect(listed({ 'X-MCP-Toolsets': empty, 'X-MCP-Tools': empty, 'X-MCP-Exclude-Tools': empty })).toEqual(names);
    }
    expect(listed({ 'X-MCP-Toolsets': 'default' })).toEqual(names);
  });

  it('has the everyday toolsets whole, of actions what reads, and the way to all others', () => {
    for (const name of ofToolsets('context', 'repos', 'issues', 'pull_requests')) expect(names).toContain(name);
    for (const tool of tools.filter(({ toolset }) => toolset === 'actions')) {
      expect(names.includes(tool.name), tool.name).toBe(tool.access === 'read');
    }
    for (const name of ofToolsets('notifications', 'code_security', 'gists')) expect(names).not.toContain(name);
    expect(names).toEqual(expect.arrayContaining(['search_tools', 'call_read_tool', 'call_write_tool']));
  });
});

describe('X-MCP-Toolsets', () => {
  it('shows exactly the toolsets it names, in the order of the catalogue', () => {
    expect(listed({ 'X-MCP-Toolsets': 'pull_requests,issues' })).toEqual(ofToolsets('issues', 'pull_requests'));
    expect(listed({ 'X-MCP-Toolsets': 'actions' })).toEqual(ofToolsets('actions'));
  });

  it('adds to the default set where it names that too', () => {
    expect(new Set(listed({ 'X-MCP-Toolsets': 'default,gists' }))).toEqual(
      new Set([...listed({}), ...ofToolsets('gists')]),
    );
  });

  it.each(['all', 'ALL', ' all , issues', 'issues,all,nonsense'])('shows everything for %j', (value) => {
    expect(listed({ 'X-MCP-Toolsets': value })).toEqual(tools.map((tool) => tool.name));
  });

  it.each([
    '  Issues ,PULL_REQUESTS ',
    'issues,,pull_requests,',
    'issues,issues,pull_requests,issues',
    'pull_requests\t,\tissues',
  ])('does not mind case, spaces and repeats: %j', (value) => {
    expect(keyOf(read({ 'X-MCP-Toolsets': value }))).toBe(keyOf(read({ 'X-MCP-Toolsets': 'issues,pull_requests' })));
  });
});

describe('X-MCP-Tools', () => {
  it('shows only the tools it names where no toolset is named', () => {
    expect(listed({ 'X-MCP-Tools': 'issue_read, GET_ME' })).toEqual(['get_me', 'issue_read']);
  });

  it('adds to the toolsets', () => {
    expect(new Set(listed({ 'X-MCP-Toolsets': 'gists', 'X-MCP-Tools': 'get_me' }))).toEqual(
      new Set(['get_me', ...ofToolsets('gists')]),
    );
    expect(listed({ 'X-MCP-Toolsets': 'default', 'X-MCP-Tools': 'list_gists' })).toContain('list_gists');
  });
});

describe('X-MCP-Exclude-Tools', () => {
  it('wins over everything that names the tool, and refuses its calls', () => {
    const headers = { 'X-MCP-Toolsets': 'issues', 'X-MCP-Tools': 'issue_read', 'X-MCP-Exclude-Tools': ' Issue_Read ' };
    expect(listed(headers)).toEqual(ofToolsets('issues').filter((name) => name !== 'issue_read'));
    const refusal = refusalOf(byName('issue_read'), read(headers));
    expect(refusal?.code).toBe('forbidden_by_policy');
    expect(refusal?.hint).toContain('X-MCP-Exclude-Tools');
    expect(refusalOf(byName('issue_write'), read(headers))).toBeUndefined();
  });
});

describe('X-MCP-Readonly', () => {
  it.each(['true', '1', 'TRUE', ' yes ', 'on', 'anything'])('is on for %j', (value) => {
    const headers = { 'X-MCP-Readonly': value, 'X-MCP-Toolsets': 'all', 'X-MCP-Tools': 'issue_write' };
    expect(listed(headers)).toEqual(tools.filter(({ access }) => access === 'read').map(({ name }) => name));
    const refusal = refusalOf(byName('issue_write'), read(headers));
    expect(refusal?.code).toBe('forbidden_by_policy');
    expect(refusal?.hint).toContain('X-MCP-Readonly');
    expect(refusalOf(byName('issue_read'), read(headers))).toBeUndefined();
  });

  it.each(['', ' ', 'false', 'F', 'no', 'N', '0', ' Off '])('is off for %j, as in GitHub’s own server', (value) => {
    expect(read({ 'X-MCP-Readonly': value }).readonly).toBe(false);
  });
});

describe('names that are not known', () => {
  it('choose nothing and are reported with the header they stand in', () => {
    const selection = read({
      'X-MCP-Toolsets': 'isues,gists',
      'X-MCP-Tools': 'nope',
      'X-MCP-Exclude-Tools': 'neither',
    });
    expect(selection.unknown).toEqual(['X-MCP-Toolsets: isues', 'X-MCP-Tools: nope', 'X-MCP-Exclude-Tools: neither']);
    const list = listTools(selection);
    expect(list.tools.map((tool) => tool.name)).toEqual(ofToolsets('gists'));
    expect(list._meta?.[UNKNOWN_KEY]).toEqual(selection.unknown);
  });

  it('show nothing where nothing else is named, rather than more than was asked for', () => {
    expect(listed({ 'X-MCP-Toolsets': 'isues' })).toEqual([]);
    expect(listed({ 'X-MCP-Tools': 'nope' })).toEqual([]);
  });

  it.each([
    ['names of Object.prototype', 'constructor,__proto__,toString'],
    ['a word that selects in another header', 'get_me'],
    ['quotes, JSON and paths', '"issues",["issues"],../issues,issues;gists'],
    ['very many names', Array.from({ length: 5000 }, (_, i) => `x${i}`).join(',')],
    ['a very long name', 'x'.repeat(50_000)],
    ['commas only', ','.repeat(50_000)],
    ['bytes of Latin-1', '\u00e9\u00ff\u0080,\u00a0'],
  ])('%s do no harm', (_, value) => {
    const selection = read({ 'X-MCP-Toolsets': value });
    expect(selection.unknown.length).toBeLessThanOrEqual(10);
    expect(selection.unknown.every((name) => name.length <= 80)).toBe(true);
    expect(JSON.stringify(selection).length).toBeLessThan(1500);
    expect(selection.toolsets).toEqual(value.replaceAll(',', '') === '' ? ['default'] : []);
  });
});

describe('the policy of a tenant', () => {
  it('bounds what headers choose, and is not named as theirs', () => {
    const policy: ToolPolicy = { toolsets: ['issues', 'labels'], exclude: ['issue_write'] };
    expect(listed({ 'X-MCP-Toolsets': 'all' }, policy)).toEqual(
      ofToolsets('issues', 'labels').filter((name) => name !== 'issue_write'),
    );
    expect(listed({ 'X-MCP-Tools': 'issue_write,get_me,issue_read' }, policy)).toEqual(['issue_read']);
    for (const name of ['issue_write', 'get_me']) {
      const refusal = refusalOf(byName(name), read({ 'X-MCP-Exclude-Tools': name }, policy));
      expect(refusal?.code).toBe('forbidden_by_policy');
      expect(refusal?.hint).not.toContain('X-MCP');
    }
    expect(listed({}, { readonly: true })).toEqual(listed({ 'X-MCP-Readonly': '1' }));
  });
});

describe('the toolsets of a policy', () => {
  const policy: ToolPolicy = { toolsets: ['context', 'gists'] };

  it('are what a client sees that asks for nothing', () => {
    expect(listed({}, policy)).toEqual(ofToolsets('context', 'gists'));
    expect(listed({ 'X-MCP-Toolsets': 'default' }, policy)).toEqual(ofToolsets('context'));
  });

  it('bound resources and prompts too', () => {
    const names = (selection: Selection) => {
      const { resources, resourceTemplates, prompts } = listOthers(selection);
      return [...resources.resources, ...resourceTemplates.resourceTemplates, ...prompts.prompts].map(
        ({ name }) => name,
      );
    };
    expect(names(read({}, policy))).toEqual(['me']);
    expect(names(read({}, { toolsets: ['issues'] }))).toEqual(['issue', 'issue_comment', 'triage_issue', 'fix_issue']);
    expect(names(read({})).length).toBeGreaterThan(8);
  });
});

describe('lists', () => {
  it('are made once for each selection, whatever unknown names came with it', () => {
    expect(listTools(read({})).tools).toBe(listTools(DEFAULT_SELECTION).tools);
    expect(listTools(read({ 'X-MCP-Tools': 'get_me,nope' })).tools).toBe(
      listTools(read({ 'X-MCP-Tools': 'get_me' })).tools,
    );
  });

  it('are forgotten when there are too many, the oldest first', () => {
    const first = listTools(read({ 'X-MCP-Tools': 'get_me', 'X-MCP-Exclude-Tools': 'issue_read' })).tools;
    for (const tool of tools) listTools(read({ 'X-MCP-Toolsets': 'all', 'X-MCP-Exclude-Tools': tool.name }));
    const again = listTools(read({ 'X-MCP-Tools': 'get_me', 'X-MCP-Exclude-Tools': 'issue_read' })).tools;
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it('of a selection that travelled as JSON are the same', () => {
    const selection = read({ 'X-MCP-Toolsets': 'all', 'X-MCP-Exclude-Tools': 'get_me', 'X-MCP-Readonly': '1' });
    expect(keyOf(JSON.parse(JSON.stringify(selection)) as Selection)).toBe(keyOf(selection));
    expect([...ALL_TOOLSETS].sort()).toEqual([...TOOLSETS].sort());
  });
});

describe('settings that name tools', () => {
  const given = {
    PUBLIC_URL: 'https://gate.example',
    SECRET_KEY: 'a key of the tests, thirty-two characters or more',
    GITHUB_CLIENT_ID: 'id',
    GITHUB_CLIENT_SECRET: 'secret',
  };
  const rulesOf = (settings: object) => {
    const parsed = parseConfig({ ...given, ...settings });
    return parsed.ok ? [] : parsed.error;
  };

  it('know all tools of the catalogue', () => {
    expect(TOOL_NAMES).toEqual(tools.map(({ name }) => name).sort());
    expect(rulesOf({ CONFIRM_OFF: TOOL_NAMES.join(), LIMIT_TOOLS: `${TOOL_NAMES.join('=1/1,')}=1/1` })).toEqual([]);
    expect(rulesOf({ CONFIRM_OFF: 'all' })).toEqual([]);
  });

  it('name one that does not exist', () => {
    expect(rulesOf({ CONFIRM_OFF: 'delete_file, delete_files' })).toEqual([
      {
        variable: 'CONFIRM_OFF',
        rule: 'must be tools separated by commas, or all: there is no tool delete_files',
      },
    ]);
    expect(rulesOf({ LIMIT_TOOLS: 'issue_wrote=1/1' })[0]?.rule).toContain('there is no tool issue_wrote');
    expect(rulesOf({ CONFIRM_OFF: 'ghp_0123456789abcdef' })[0]?.rule).not.toContain('0123');
  });
});
