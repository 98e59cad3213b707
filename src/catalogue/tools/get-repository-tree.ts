import * as z from 'zod';
import { countFitting, RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { after, line, paged, place, ref } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { kindOf } from '../git-tree.ts';
import { lean, withHint } from '../lean.ts';
import { type TreeEntry, upstreamSha, upstreamTree } from '../upstream-repositories.ts';

const HINT = 'Check owner, repo and tree_sha; leave tree_sha out for the default branch.';

export const getRepositoryTree = defineTool({
  name: 'get_repository_tree',
  title: 'Get repository tree',
  description: 'List the files and directories of a repository as a tree.',
  toolset: 'git',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    ...place,
    tree_sha: ref.optional().describe('Tree, commit, branch or tag'),
    recursive: z.boolean().optional().describe('Also what is inside directories'),
    path_filter: z.string().optional().describe('Only paths that begin so'),
    start: line.optional(),
    after,
  }),
  output: z.object({
    sha: z.string().describe('Of the tree'),
    total: z.int().describe('Entries that fit path_filter'),
    entries: z.array(
      z.object({
        path: z.string(),
        type: z.enum(['directory', 'symlink', 'submodule']).optional().describe('A file where missing'),
        size: z.int().optional(),
      }),
    ),
    incomplete: z.boolean().optional().describe('true where GitHub left out entries: ask for a smaller tree'),
    ...paged,
  }),
  async run({ owner, repo, tree_sha = 'HEAD', recursive, path_filter = '', start = 1 }, { github }) {
    const sha = tree_sha.includes('/') ? await shaOf(tree_sha) : tree_sha;
    const parameters = { owner, repo, tree_sha: sha, ...(recursive && { recursive: '1' }) };
    const request = github.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', parameters, upstreamTree);
    const { data } = await withHint(request, 'upstream_not_found', HINT);
    const found = data.tree.filter(({ path }) => path.startsWith(path_filter));
    const asked = found.slice(start - 1).map(viewEntry);
    const keep = countFitting(asked, RESULT_BUDGET - RESERVE);
    const isCut = keep < asked.length;
    return {
      data: {
        sha: data.sha,
        total: found.length,
        entries: asked.slice(0, keep),
        ...(data.truncated && { incomplete: true }),
        ...(isCut && { truncated: true, next: { start: start + keep } }),
      },
    };

    /** GitHub takes a name in the place of the SHA only where it has no slash. */
    async function shaOf(name: string): Promise<string> {
      const route = 'GET /repos/{owner}/{repo}/commits/{ref}';
      const request = github.request(route, { owner, repo, ref: name, per_page: 1 }, upstreamSha);
      return (await withHint(request, 'upstream_not_found', HINT)).data.sha;
    }
  },
});

function viewEntry(entry: TreeEntry) {
  const kind = kindOf(entry);
  return { path: entry.path, ...(kind === 'file' ? lean({ size: entry.size ?? undefined }) : { type: kind }) };
}
