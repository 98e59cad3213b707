import * as z from 'zod';
import { cutText } from '../../output/budget.ts';
import { fitSearch } from '../collect.ts';
import { defineTool } from '../define.ts';
import { lean } from '../lean.ts';
import { searchInput, searchOutput, searchParameters } from '../search.ts';
import { upstreamCodeSearch } from '../upstream-repositories.ts';

const FIELDS = ['name', 'path', 'sha', 'repository', 'text_matches'] as const;
const DEFAULT_FIELDS: readonly (typeof FIELDS)[number][] = ['path', 'repository', 'text_matches'];
/** Bytes of one fragment, and fragments of one file. */
const MAX_FRAGMENT = 1_000;
const MAX_FRAGMENTS = 5;

export const searchCode = defineTool({
  name: 'search_code',
  title: 'Search code',
  description: 'Search the code on default branches.',
  toolset: 'repos',
  access: 'read',
  window: 'search',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    ...searchInput('Such as parseUrl repo:octo/hello language:ts', ['indexed']),
    fields: z.array(z.enum(FIELDS)).optional(),
  }),
  output: z.object({
    ...searchOutput,
    items: z.array(
      z.object({
        name: z.string().optional(),
        path: z.string().optional(),
        sha: z.string().optional(),
        repository: z.string().optional(),
        text_matches: z.array(z.string()).optional(),
      }),
    ),
  }),
  async run(args, { github }) {
    const { data } = await github.request('GET /search/code', searchParameters(args), upstreamCodeSearch);
    const { fields = DEFAULT_FIELDS } = args;
    const items = data.items.map(({ name, path, sha, repository, text_matches }) => {
      const fragments = (text_matches ?? []).flatMap(({ property, fragment }) =>
        property === 'content' && fragment ? [cutText(fragment, MAX_FRAGMENT).text] : [],
      );
      const view = {
        name,
        path,
        sha,
        repository: repository.full_name,
        text_matches: fragments.slice(0, MAX_FRAGMENTS),
      };
      return lean(Object.fromEntries(fields.map((field) => [field, view[field]])));
    });
    const { shown, ...rest } = fitSearch(data, items, args);
    return { data: { ...rest, items: shown } };
  },
});
