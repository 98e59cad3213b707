/**
 * Where the values of arguments come from: repositories, refs, numbers, paths, as GitHub knows them. All of it goes
 * through the person's own client, so a repository limit holds here as it does for tools. Each asks once or twice and
 * for one page: whoever types waits.
 */
import * as z from 'zod';
import { owner as ownerRule, repo as repoRule } from './arguments.ts';
import type { Completer, CompletionContext } from './define.ts';
import { upstreamContents, upstreamIssues } from './upstream.ts';
import { upstreamRuns } from './upstream-operations.ts';
import { upstreamBranches, upstreamCommits, upstreamRepositoryDetails, upstreamTags } from './upstream-repositories.ts';
import { requirePublic } from './visibility.ts';

const PAGE = 100;
const upstreamRepositories = z.array(upstreamRepositoryDetails);
const upstreamHits = z.object({ items: upstreamRepositories });
type Repository = z.output<typeof upstreamRepositoryDetails>;

/** Owners: of the limit where there is one, otherwise of the repositories the person worked on last, and the person. */
export const owners: Completer = async (_typed, _known, { github, principal, publicOnly }) => {
  if (principal.repositories !== null) return principal.repositories.map((entry) => entry.split('/')[0] ?? '');
  const parameters = { sort: 'pushed', per_page: PAGE } as const;
  const { data } = await github.request('GET /user/repos', parameters, upstreamRepositories);
  return [...data.filter(visible(publicOnly)).map((one) => one.full_name.split('/')[0] ?? ''), principal.user.login];
};

/** Repositories of the owner named before. GitHub's search keeps the limit, and finds what the person may see; forks once a name asks for them. */
export const repos: Completer = async (typed, { owner = '' }, { github, publicOnly }) => {
  if (!ownerRule.safeParse(owner).success) return [];
  const find = async (words: string) => {
    const scope = `user:${owner}${publicOnly ? ' is:public' : ''}`;
    const parameters = { q: `${words}${scope}`, sort: 'updated', per_page: PAGE } as const;
    const { data } = await github.request('GET /search/repositories', parameters, upstreamHits);
    const mine = (name: string) => name.toLowerCase().startsWith(`${owner.toLowerCase()}/`);
    const names = data.items.filter(visible(publicOnly)).map(({ full_name: name }) => name);
    return names.filter(mine).map((name) => name.slice(owner.length + 1));
  };
  const latest = await find('');
  // Only what the search reads as one word: nothing typed may become a qualifier.
  if (!/^[\w.-]+$/.test(typed) || typed.startsWith('-') || latest.some((name) => fits(name, typed))) return latest;
  return await find(`${typed} in:name fork:true `);
};

export const branches = within(async (_typed, place, { github }) => {
  const route = 'GET /repos/{owner}/{repo}/branches';
  const { data } = await github.request(route, { ...place, per_page: PAGE }, upstreamBranches);
  return data.map(({ name }) => name);
});

export const tags = within(async (_typed, place, { github }) => {
  const route = 'GET /repos/{owner}/{repo}/tags';
  const { data } = await github.request(route, { ...place, per_page: PAGE }, upstreamTags);
  return data.map(({ name }) => name);
});

/** The default branch, branches, tags. */
export const refs: Completer = async (typed, known, context) => {
  const [heads, names] = await Promise.all([branches(typed, known, context), tags(typed, known, context)]);
  return ['HEAD', ...heads, ...names];
};

/** Numbers of issues, those touched last first. */
export const issueNumbers = within(async (_typed, place, { github }) => {
  const parameters = { ...place, state: 'all', sort: 'updated', per_page: PAGE } as const;
  const { data } = await github.request('GET /repos/{owner}/{repo}/issues', parameters, upstreamIssues);
  return data.filter((issue) => !issue.pull_request).map((issue) => String(issue.number));
});

const upstreamNumbers = z.array(z.object({ number: z.number() }));

/** Numbers of pull requests, those touched last first. */
export const pullNumbers = within(async (_typed, place, { github }) => {
  const parameters = { ...place, state: 'all', sort: 'updated', direction: 'desc', per_page: PAGE } as const;
  const { data } = await github.request('GET /repos/{owner}/{repo}/pulls', parameters, upstreamNumbers);
  return data.map((pull) => String(pull.number));
});

/** Ids of workflow runs that failed. */
export const failedRuns = within(async (_typed, place, { github }) => {
  const parameters = { ...place, status: 'failure', per_page: PAGE } as const;
  const { data } = await github.request('GET /repos/{owner}/{repo}/actions/runs', parameters, upstreamRuns);
  return data.workflow_runs.map((run) => String(run.id));
});

/** Commits of the default branch. */
export const commitShas = within(async (_typed, place, { github }) => {
  const route = 'GET /repos/{owner}/{repo}/commits';
  const { data } = await github.request(route, { ...place, per_page: PAGE }, upstreamCommits);
  return data.map(({ sha }) => sha);
});

/** What is in the directory typed so far; directories end in a slash, so that the next completion goes on in them. */
export const paths = within(async (typed, place, { github }, { ref }) => {
  const path = typed.slice(0, Math.max(0, typed.lastIndexOf('/')));
  const at = ref === undefined || ref === '' || ref === 'HEAD' ? {} : { ref };
  const route = 'GET /repos/{owner}/{repo}/contents/{path}';
  const { data } = await github.request(route, { ...place, path, ...at }, upstreamContents);
  return Array.isArray(data) ? data.map((entry) => (entry.type === 'dir' ? `${entry.path}/` : entry.path)) : [];
});

/** Whether a candidate can be what was typed, in any case; the whole of it or a part. */
export function fits(candidate: string, typed: string): boolean {
  return candidate.toLowerCase().includes(typed.toLowerCase());
}

interface Place {
  readonly owner: string;
  readonly repo: string;
}

/** Completes inside the repository named before; nothing as long as none is named, or it is not for this token. */
function within(
  find: (
    typed: string,
    place: Place,
    context: CompletionContext,
    known: Readonly<Record<string, string>>,
  ) => Promise<readonly string[]>,
): Completer {
  return async (typed, known, context) => {
    const { owner = '', repo = '' } = known;
    if (!ownerRule.safeParse(owner).success || !repoRule.safeParse(repo).success) return [];
    if (context.publicOnly) await requirePublic(context.github, owner, repo);
    return await find(typed, { owner, repo }, context, known);
  };
}

/** Which repositories a token for public ones may be told of. */
function visible(publicOnly: boolean): (repository: Repository) => boolean {
  return ({ private: hidden, visibility }) =>
    !publicOnly || (hidden === false && (visibility ?? 'public') === 'public');
}
