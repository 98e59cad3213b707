/** What the README prints has been run: its queries, against rows of real calls. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { tools } from '../../src/catalogue/index.ts';
import { SETTINGS } from '../../src/config.ts';
import { callTool, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack();
const readme = await readFile('README.md', 'utf8');

it('has queries that answer', async () => {
  const { token, person } = await tokenOf(stack(), {
    choose: (boxes) => boxes.map((box) => box.scope),
  });
  await callTool(stack(), token, 'issue_write', {
    method: 'create',
    owner: 'acme',
    repo: 'web',
    title: 'From the README',
  });
  const reader = await tokenOf(stack(), { clientName: 'Reader' });
  await callTool(stack(), reader.token, 'issue_write', {
    method: 'create',
    owner: 'acme',
    repo: 'web',
    title: 'Refused',
  });
  await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'issue_write'", person.clientId);
  await rowsOf(stack(), 1, "client_id = ? AND tool_name = 'issue_write'", reader.person.clientId);
  const queries = [...readme.matchAll(/```sql\n([\s\S]+?)```/g)].map((match) => match[1] ?? '');
  expect(queries).toHaveLength(3);
  for (const query of queries) expect((await stack().query(query)).length, query).toBeGreaterThan(0);
});

it('has a query for changes that knows every tool', async () => {
  const [query] = [...readme.matchAll(/```sql\n([\s\S]+?)```/g)]
    .map((match) => match[1] ?? '')
    .filter((sql) => sql.includes('NOT GLOB'));
  const condition = /\n {2}AND (tool_name NOT GLOB[\s\S]+?)\nORDER BY/.exec(query ?? '')?.[1];
  const names = tools.map(({ name }) => `('${name}')`).join(', ');
  const found = await stack().query(
    `WITH t(tool_name) AS (VALUES ${names}) SELECT tool_name FROM t WHERE ${condition}`,
  );
  const writing = tools.filter(({ access }) => access === 'write').map(({ name }) => name);
  expect(found.map(({ tool_name }) => tool_name).filter((name) => name !== 'call_read_tool')).toEqual(writing);
});

it('names every setting, and no other', () => {
  const table = readme.slice(readme.indexOf('| setting |'), readme.indexOf('**Scopes.**'));
  const named = [...table.matchAll(/`([A-Z][A-Z_]+)`/g)].map((match) => match[1]);
  expect([...new Set(named)].sort()).toEqual([...SETTINGS].sort());
});
