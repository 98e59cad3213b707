/** What the README prints has been run: its queries, against rows of real calls. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
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

it('names every setting, and no other', () => {
  const table = readme.slice(readme.indexOf('| setting |'), readme.indexOf('**Scopes.**'));
  const named = [...table.matchAll(/`([A-Z][A-Z_]+)`/g)].map((match) => match[1]);
  expect([...new Set(named)].sort()).toEqual([...SETTINGS].sort());
});
