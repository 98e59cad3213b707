/** Questions that several tools ask the person first. */
import type { CallContext } from './define.ts';
import { upstreamRepositoryDetails } from './upstream-repositories.ts';

interface Branch {
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
}

/**
 * In: where a commit would go, what it would do, and the look at what stands there that the tool takes anyway. Out: the
 * question where that is the default branch, which others build on; undefined for any other branch. Throws what the look
 * throws, so that nobody is asked about what cannot be done, and what GitHub answers where the repository cannot be read.
 */
export async function ifDefaultBranch(
  { owner, repo, branch }: Branch,
  what: string,
  { github }: CallContext,
  look: () => Promise<unknown>,
): Promise<string | undefined> {
  const { data } = await github.request('GET /repos/{owner}/{repo}', { owner, repo }, upstreamRepositoryDetails);
  // One that GitHub does not name could be any.
  if (data.default_branch != null && data.default_branch !== branch) return undefined;
  await look();
  return `${what} on ${branch}, the default branch of ${owner}/${repo}?`;
}
