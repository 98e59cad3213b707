import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import type { GitHub } from '../../github/client.ts';
import { utf8Bytes } from '../../output/budget.ts';
import { owner, ref, repo } from '../arguments.ts';
import { owners, refs, repos, tags } from '../completers.ts';
import { definePrompt } from '../define.ts';
import { withHint } from '../lean.ts';
import { type UpstreamCommit, upstreamCommit, upstreamCommits, upstreamRelease } from '../upstream-repositories.ts';
import { cutLines, embedded, plainText, text, untrusted } from './embedding.ts';

/** Bytes of all commits, and of one message. */
const COMMITS_BUDGET = 64 * 1024;
const MESSAGE_BUDGET = 2 * 1024;
/** Pages of 100 commits that are read at most. */
const MAX_PAGES = 10;

const HINT = 'Check owner, repo, base and head. GitHub also says "not found" for what the account may not see.';
const upstreamComparison = z.object({ total_commits: z.number(), commits: upstreamCommits });

export const releaseNotes = definePrompt({
  name: 'release_notes',
  title: 'Write release notes',
  toolset: 'repos',
  description: 'Writes notes for a release: the commits since the last release, or between two refs, are embedded.',
  input: z.strictObject({
    owner: owner.describe('User or organization that owns the repository'),
    repo: repo.describe('Name of the repository, without its owner'),
    base: ref.optional().describe('Tag of the release before; the latest release unless given'),
    head: ref.optional().describe('What is released; the default branch unless given'),
  }),
  complete: { owner: owners, repo: repos, base: tags, head: refs },
  async get(args, { github, progress }) {
    const place = { owner: args.owner, repo: args.repo };
    const base = args.base ?? (await latestTag(github, place));
    const head = args.head ?? 'HEAD';
    const commits: UpstreamCommit[] = [];
    let total: number | undefined;
    for await (const page of read(github, place, base, head)) {
      commits.push(...page.commits);
      total = page.total;
      await progress({ done: page.fetched, message: `Read ${commits.length} commits` });
    }
    const range = base === undefined ? `up to ${head}` : `from ${base} to ${head}`;
    // Unguessable, so that no commit message can end it.
    const fence = crypto.randomUUID();
    const web = `${github.webUrl}/${place.owner}/${place.repo}/commits`;
    return {
      description: `Release notes of ${place.owner}/${place.repo}`,
      messages: [
        text(instructions(`${place.owner}/${place.repo}`, range, fence)),
        embedded(web, 'text/markdown', fence, list(commits, total ?? commits.length)),
      ],
    };
  },
});

interface Place {
  readonly owner: string;
  readonly repo: string;
}

/** The tag of the latest release, or undefined where there was none yet. */
async function latestTag(github: GitHub, place: Place): Promise<string | undefined> {
  try {
    const { data } = await github.request('GET /repos/{owner}/{repo}/releases/latest', place, upstreamRelease);
    return data.tag_name;
  } catch (error) {
    if (error instanceof AppError && error.code === 'upstream_not_found') return undefined;
    throw error;
  }
}

/** The commits, page by page: of the comparison (oldest first), or of the history where nothing was released yet. */
async function* read(github: GitHub, place: Place, base: string | undefined, head: string) {
  try {
    if (base === undefined) {
      const parameters = { ...place, sha: head, per_page: 100 };
      const route = 'GET /repos/{owner}/{repo}/commits';
      for await (const { data, fetched } of github.pages(route, parameters, upstreamCommits, MAX_PAGES)) {
        yield { commits: data, total: undefined, fetched };
      }
      return;
    }
    const basehead = `${await oneSegment(github, place, base)}...${await oneSegment(github, place, head)}`;
    const parameters = { ...place, basehead, per_page: 100 };
    const route = 'GET /repos/{owner}/{repo}/compare/{basehead}';
    for await (const { data, fetched } of github.pages(route, parameters, upstreamComparison, MAX_PAGES)) {
      yield { commits: data.commits, total: data.total_commits, fetched };
    }
  } catch (error) {
    return await withHint(Promise.reject(error), 'upstream_not_found', HINT);
  }
}

/** A comparison names both sides in one segment of its path, where a branch with slashes has no place. */
async function oneSegment(github: GitHub, place: Place, name: string): Promise<string> {
  if (!name.includes('/')) return name;
  const parameters = { ...place, ref: name, per_page: 1 };
  return (await github.request('GET /repos/{owner}/{repo}/commits/{ref}', parameters, upstreamCommit)).data.sha;
}

function list(commits: readonly UpstreamCommit[], total: number): string {
  const kept: string[] = [];
  let room = COMMITS_BUDGET;
  for (const { sha, commit, author } of commits) {
    const message = cutLines(commit.message, MESSAGE_BUDGET, '(the message goes on)');
    const said = `## ${sha.slice(0, 12)} by ${plainText(author?.login ?? commit.author?.name ?? 'somebody')}\n${message}`;
    room -= utf8Bytes(said) + 2;
    if (room < 0) break;
    kept.push(said);
  }
  const left = total - kept.length;
  return [...kept, ...(left > 0 ? [`(${left} more commits are not embedded)`] : [])].join('\n\n') || '(no commits)';
}

function instructions(name: string, range: string, fence: string): string {
  return [
    `Write release notes of ${name}, for the commits ${plainText(range)}. They follow as a resource.`,
    '',
    'Write for those who use the software: what is new, what changed, what was fixed, and, first of all, what breaks and ' +
      'what to do about it. One line for each, with the number of its pull request where the commit names one. Leave ' +
      'out what users cannot see. Claim nothing that the commits do not say; where one is unclear, read the pull ' +
      'request. Say at the end if commits were not embedded.',
    '',
    untrusted(fence),
  ].join('\n');
}
