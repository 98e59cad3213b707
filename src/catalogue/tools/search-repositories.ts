import * as z from 'zod';
import { fitSearch } from '../collect.ts';
import { defineTool } from '../define.ts';
import { detailRepository, repositoryDetails, viewRepository } from '../repository-view.ts';
import { searchInput, searchOutput, searchParameters } from '../search.ts';
import { upstreamRepositorySearch } from '../upstream-repositories.ts';

export const searchRepositories = defineTool({
  name: 'search_repositories',
  title: 'Search repositories',
  description: 'Find repositories by name, topic, language or owner.',
  toolset: 'repos',
  access: 'read',
  window: 'search',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    ...searchInput('Such as parser language:go stars:>100', ['stars', 'forks', 'help-wanted-issues', 'updated']),
    minimal_output: z.boolean().optional().describe('true unless given'),
  }),
  output: z.object({ ...searchOutput, repositories: z.array(repositoryDetails) }),
  async run(args, { github }) {
    const { data } = await github.request('GET /search/repositories', searchParameters(args), upstreamRepositorySearch);
    const view = args.minimal_output === false ? detailRepository : viewRepository;
    const { shown, ...rest } = fitSearch(data, data.items.map(view), args);
    return { data: { ...rest, repositories: shown } };
  },
});
