import * as z from 'zod';
import { fitSearch } from '../collect.ts';
import { commitView, DEFAULT_COMMIT_FIELDS, pickCommit, viewCommit } from '../commit-view.ts';
import { defineTool } from '../define.ts';
import { given } from '../lean.ts';
import { searchInput, searchOutput, searchParameters } from '../search.ts';
import { upstreamCommitSearch } from '../upstream-repositories.ts';

const found = commitView.omit({ html_url: true }).extend({ repository: z.string().optional() });

export const searchCommits = defineTool({
  name: 'search_commits',
  title: 'Search commits',
  description: 'Search the messages of commits on default branches.',
  toolset: 'repos',
  access: 'read',
  window: 'search',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject(
    searchInput('Such as fix crash repo:octo/hello author:mona', ['author-date', 'committer-date']),
  ),
  output: z.object({ ...searchOutput, commits: z.array(found) }),
  async run(args, { github }) {
    const { data } = await github.request('GET /search/commits', searchParameters(args), upstreamCommitSearch);
    const commits = data.items.map((commit) => {
      const repository = commit.repository?.full_name;
      return { ...pickCommit(viewCommit(commit), DEFAULT_COMMIT_FIELDS), ...given({ repository }) };
    });
    const { shown, ...rest } = fitSearch(data, commits, args);
    return { data: { ...rest, commits: shown } };
  },
});
