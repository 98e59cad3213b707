/** Git's own view of a repository: what a branch points to, and what stands at a path without following any link. */
import { AppError } from '../core/errors.ts';
import type { GitHub } from '../github/client.ts';
import { unfit } from '../github/guard.ts';
import { withHint } from './lean.ts';
import { type TreeEntry, upstreamGitCommit, upstreamRef, upstreamTree } from './upstream-repositories.ts';

export interface RepositoryPlace {
  readonly owner: string;
  readonly repo: string;
}

export interface FilePlace extends RepositoryPlace {
  readonly branch: string;
  readonly path: string;
}

/** Modes of Git's tree entries (gitformat-index, "mode"). */
export const SYMLINK = '120000';
export const PLAIN_FILE = '100644';
const SUBMODULE = '160000';
const DIRECTORY = /^0?40000$/;

/** What an entry is, in our words. */
export function kindOf(entry: TreeEntry): 'file' | 'directory' | 'symlink' | 'submodule' {
  if (DIRECTORY.test(entry.mode)) return 'directory';
  if (entry.mode === SYMLINK) return 'symlink';
  return entry.mode === SUBMODULE ? 'submodule' : 'file';
}

const NO_BRANCH =
  'Check owner, repo and branch; list_branches shows the branches, create_branch makes one. GitHub also says "not found" for what the account may not see.';

/** The commit at the tip of a branch. Throws `upstream_conflict` where the repository has no commits. */
export async function tipOf(github: GitHub, place: RepositoryPlace, branch: string): Promise<string> {
  const route = 'GET /repos/{owner}/{repo}/git/ref/{ref}';
  const request = github.request(route, { ...place, ref: `heads/${branch}` }, upstreamRef);
  return (await withHint(request, 'upstream_not_found', NO_BRANCH)).data.object.sha;
}

/** The tree of a commit. */
export async function treeOf(github: GitHub, place: RepositoryPlace, commit_sha: string): Promise<string> {
  const route = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}';
  return (await github.request(route, { ...place, commit_sha }, upstreamGitCommit)).data.tree.sha;
}

/**
 * In: the root tree. Out: a function that finds what stands at a path, or undefined. It reads each directory once and
 * follows no link: a path through a symbolic link, a submodule or a file is refused with `field` named.
 */
export function finderIn(github: GitHub, place: RepositoryPlace, root: string) {
  const directories = new Map<string, Promise<readonly TreeEntry[]>>();
  const read = (tree_sha: string) => {
    const known = directories.get(tree_sha) ?? readTree(github, place, tree_sha);
    directories.set(tree_sha, known);
    return known;
  };
  return async (path: string, field: string): Promise<TreeEntry | undefined> => {
    const names = path.split('/');
    let tree = root;
    for (const [depth, name] of names.entries()) {
      const entry = (await read(tree)).find((candidate) => candidate.path === name);
      if (entry === undefined || depth === names.length - 1) return entry;
      const kind = kindOf(entry);
      if (kind !== 'directory') throw unfit(field, `leads through a ${kind}, and nothing can be below one`);
      tree = entry.sha ?? '';
    }
    return undefined;
  };
}

async function readTree(github: GitHub, place: RepositoryPlace, tree_sha: string): Promise<readonly TreeEntry[]> {
  const route = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}';
  const { data } = await github.request(route, { ...place, tree_sha }, upstreamTree);
  // What GitHub left out could be the link that must not be written through.
  if (data.truncated) throw new AppError('too_large', 'A directory on this path has more entries than GitHub lists.');
  return data.tree;
}
