import * as z from 'zod';
import { fitSearch } from '../collect.ts';
import { defineTool } from '../define.ts';
import { searchInput, searchOutput, searchParameters } from '../search.ts';
import { upstreamUserSearch } from '../upstream-repositories.ts';

export const searchOrgs = defineTool({
  name: 'search_orgs',
  title: 'Search organizations',
  description: 'Find organizations by login, name or location.',
  toolset: 'orgs',
  access: 'read',
  window: 'search',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject(searchInput('Such as acme location:berlin', ['followers', 'repositories', 'joined'])),
  output: z.object({ ...searchOutput, organizations: z.array(z.object({ login: z.string(), id: z.int() })) }),
  async run(args, { github }) {
    const { data } = await github.request('GET /search/users', searchParameters(args, 'type:org'), upstreamUserSearch);
    const { shown, ...rest } = fitSearch(data, data.items, args);
    return { data: { ...rest, organizations: shown } };
  },
});
