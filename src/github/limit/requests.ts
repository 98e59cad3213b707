/** What may be sent along to a repository within the limit: parameters can lead elsewhere although the path does not. */
import { isObject } from '../../core/json.ts';
import type { Limit, Lookup, SearchKind } from './limit.ts';
import { containsName, refusal, unconfined } from './limit.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** In: a route, or a method and a path. Out: which search it is. */
export function searchKindOf(route: string): SearchKind | undefined {
  return /^GET \/search\/(issues|code|commits|repositories)$/.exec(route)?.[1] as SearchKind | undefined;
}

/** Routes that are allowed although they name no repository, or none yet. Everything else that names none is refused. */
const UNPLACED: readonly string[] = ['GET /user', 'POST /orgs/{org}/repos'];
/**
 * Routes below `/repos/{owner}/{repo}` whose effect lies elsewhere: repositories are made, moved or filled from others,
 * machines are started, other repositories are let in (derived from the routes that Octokit knows).
 */
const ELSEWHERE =
  /\/(?:transfer|merge-upstream|generate|import|codespaces|variant-analyses|permissions\/access|security-advisories\/\{ghsa_id\}\/forks)$/;

/** Parameters that name other repositories, or things by ids that do not say whose they are. */
const FOREIGN = [
  'new_owner',
  'issue_id',
  'sub_issue_id',
  'repository_id',
  'repository_ids',
  'selected_repository_ids',
  'repositories',
  'repository_lists',
  'repository_owners',
];

/**
 * In: a route and its parameters. Out: those to send; a search has the limit in its query. Throws
 * `forbidden_by_policy` for what would lead out of the limit. `approve` is told of queries and paths that were judged
 * here, because the path alone does not tell.
 */
export async function preparedWithin(
  limit: Limit,
  route: string,
  parameters: Parameters,
  lookup: Lookup,
  approve: (made: string) => void,
): Promise<Parameters> {
  const kind = searchKindOf(route);
  if (kind !== undefined) return narrowed(limit, kind, parameters, approve);
  if (!/^[A-Z]+ \/repos\/\{owner\}\/\{repo\}(?:\/|$)/.test(route) && !UNPLACED.includes(route)) throw unconfined(limit);
  const { owner, repo, org, name, head, head_repo, basehead, organization } = textsOf(parameters);

  const foreign = FOREIGN.find((field) => parameters[field] !== undefined);
  if (foreign !== undefined) throw refusal(limit, `${foreign} can name what belongs to another repository.`);
  if (!route.startsWith('GET ') && ELSEWHERE.test(route)) {
    throw refusal(limit, 'This takes effect in other repositories.');
  }
  for (const side of basehead?.split('...') ?? []) requireBranchWithin(limit, side);
  if (route === 'POST /repos/{owner}/{repo}/pulls') requireHeadWithin(limit, owner, head, head_repo);
  if (route === 'PATCH /repos/{owner}/{repo}' && name !== undefined) requireNew(limit, owner, name);
  // Where the name is taken, GitHub picks another.
  const forks = route === 'POST /repos/{owner}/{repo}/forks';
  if (forks) requireNew(limit, organization, limit.containsOwner(organization ?? '') ? repo : name);
  if (route === 'POST /orgs/{org}/repos') {
    requireNew(limit, org, name);
    approve(`POST /orgs/${org}/repos`);
  }
  if (route === 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch') {
    await requirePullWithin(limit, owner, repo, parameters.pull_number, lookup);
  }
  return parameters;
}

function narrowed(limit: Limit, kind: SearchKind, parameters: Parameters, approve: (made: string) => void): Parameters {
  const narrow = limit.narrow(kind, String(parameters.q ?? ''));
  if (!narrow.ok) throw refusal(limit, narrow.error);
  const q = narrow.value;
  approve(`${kind} ${q}`);
  // Without it, a GitHub Enterprise Server from before 2025 reads operators as words.
  const reading = kind === 'issues' && /\bOR\b|\(/.test(q) ? { advanced_search: 'true' } : {};
  return { ...parameters, q, ...reading };
}

/** One side of a comparison: `branch`, `owner:branch` or `owner:repo:branch` (GitHub REST, "Compare two commits"). */
function requireBranchWithin(limit: Limit, side: string): void {
  const [owner = '', repo, ...more] = side.split(':');
  if (repo === undefined) return;
  // With the owner alone, GitHub looks for whichever repository of that owner is a fork of this one.
  const within = more.length === 0 ? limit.containsOwner(owner) : more.length === 1 && limit.contains(owner, repo);
  if (!within) throw refusal(limit, 'A comparison must not reach into another repository.');
}

/**
 * Where the commits of a new pull request come from. `owner:branch` of the repository's own owner is a branch of the
 * repository unless `head_repo` names another (GitHub REST, "Create a pull request").
 */
function requireHeadWithin(limit: Limit, base: string | undefined, head = '', from?: string): void {
  const [login = '', branch] = head.includes(':') ? head.split(':') : [base, head];
  const own = login.toLowerCase() === base?.toLowerCase();
  const within = from === undefined ? own || limit.containsOwner(login) : limit.contains(login, from);
  if (within && branch !== undefined) return;
  throw refusal(limit, 'head must be a branch of a repository within.');
}

/** A repository that the request would make, or give another name. */
function requireNew(limit: Limit, owner: string | undefined, name: string | undefined): void {
  if (owner !== undefined && name !== undefined && limit.contains(owner, name)) return;
  throw refusal(limit, 'This would make a repository outside.');
}

/** Updating the branch of a pull request writes to the repository that it comes from. */
async function requirePullWithin(
  limit: Limit,
  owner: string | undefined,
  repo: string | undefined,
  number: unknown,
  lookup: Lookup,
): Promise<void> {
  if (owner === undefined || repo === undefined || !limit.contains(owner, repo)) return;
  const pull = Number.isSafeInteger(number) ? await lookup.read(`/repos/${owner}/${repo}/pulls/${number}`) : undefined;
  const from = isObject(pull) && isObject(pull.head) && isObject(pull.head.repo) ? pull.head.repo.full_name : undefined;
  if (typeof from === 'string' && containsName(limit, from)) return;
  throw refusal(limit, 'The branch of this pull request is in a repository outside.');
}

/** The parameters that are texts. Others are no names, and are refused as such when the request is built. */
function textsOf(parameters: Parameters): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => typeof value === 'string')) as Record<
    string,
    string
  >;
}
