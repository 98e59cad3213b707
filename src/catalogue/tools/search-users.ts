import * as z from 'zod';
import { fitSearch } from '../collect.ts';
import { defineTool } from '../define.ts';
import { searchInput, searchOutput, searchParameters } from '../search.ts';
import { upstreamUserSearch } from '../upstream-repositories.ts';

export const searchUsers = defineTool({
  name: 'search_users',
  title: 'Search users',
  description: 'Find people by login, name, location or followers.',
  toolset: 'users',
  access: 'read',
  window: 'search',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject(searchInput('Such as mona location:berlin', ['followers', 'repositories', 'joined'])),
  output: z.object({ ...searchOutput, users: z.array(z.object({ login: z.string(), id: z.int() })) }),
  async run(args, { github }) {
    const { data } = await github.request('GET /search/users', searchParameters(args, 'type:user'), upstreamUserSearch);
    const { shown, ...rest } = fitSearch(data, data.items, args);
    return { data: { ...rest, users: shown } };
  },
});
