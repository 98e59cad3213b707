/** Tools of repositories, people and gists: teams, commits, branches, files, releases, searches, stars. */
import type { ToolDefinition } from '../define.ts';
import { createBranch } from './create-branch.ts';
import { createGist } from './create-gist.ts';
import { createOrUpdateFile } from './create-or-update-file.ts';
import { createRepository } from './create-repository.ts';
import { deleteFile } from './delete-file.ts';
import { forkRepository } from './fork-repository.ts';
import { getCommit } from './get-commit.ts';
import { getGist } from './get-gist.ts';
import { getLatestRelease } from './get-latest-release.ts';
import { getReleaseByTag } from './get-release-by-tag.ts';
import { getRepositoryTree } from './get-repository-tree.ts';
import { getTag } from './get-tag.ts';
import { getTeamMembers } from './get-team-members.ts';
import { getTeams } from './get-teams.ts';
import { listBranches } from './list-branches.ts';
import { listCommits } from './list-commits.ts';
import { listGists } from './list-gists.ts';
import { listReleases } from './list-releases.ts';
import { listRepositoryCollaborators } from './list-repository-collaborators.ts';
import { listStarredRepositories } from './list-starred-repositories.ts';
import { listTags } from './list-tags.ts';
import { pushFiles } from './push-files.ts';
import { searchCode } from './search-code.ts';
import { searchCommits } from './search-commits.ts';
import { searchOrgs } from './search-orgs.ts';
import { searchRepositories } from './search-repositories.ts';
import { searchUsers } from './search-users.ts';
import { starRepository } from './star-repository.ts';
import { unstarRepository } from './unstar-repository.ts';
import { updateGist } from './update-gist.ts';

export const repositoryTools = [
  getTeams,
  getTeamMembers,
  getCommit,
  listCommits,
  listBranches,
  listTags,
  getTag,
  listReleases,
  getLatestRelease,
  getReleaseByTag,
  listRepositoryCollaborators,
  searchCode,
  searchCommits,
  searchRepositories,
  createBranch,
  createOrUpdateFile,
  pushFiles,
  deleteFile,
  createRepository,
  forkRepository,
  getRepositoryTree,
  searchUsers,
  searchOrgs,
  listGists,
  getGist,
  createGist,
  updateGist,
  listStarredRepositories,
  starRepository,
  unstarRepository,
] as unknown as readonly ToolDefinition[];
