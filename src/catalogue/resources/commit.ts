import * as z from 'zod';
import * as rules from '../arguments.ts';
import { readChanges } from '../change-parts.ts';
import { commitShas, owners, repos } from '../completers.ts';
import type { ResourceDefinition } from '../define.ts';
import { range } from '../ranges.ts';
import { type UpstreamCommit, upstreamCommit } from '../upstream-repositories.ts';
import { freshAt, matchUri } from '../uris.ts';
import { parseOrThrow } from '../validate.ts';
import { requirePublic } from '../visibility.ts';

const COMMIT =
  /^github:\/\/(?<owner>[^/?#]+)\/(?<repo>[^/?#]+)\/commits\/(?<sha>[^/?#]+)(?:\?files=(?<files>[^&#]*))?$/;
const variables = z.strictObject({ owner: rules.owner, repo: rules.repo, sha: rules.sha, files: range });
/** GitHub lists at most 3,000 files of a commit (GitHub REST, "Get a commit"). */
const MAX_PAGES = 30;
const PAGE = 100;

/** A commit with what it changed: what a tool shows in pages, whole. */
export const commit: ResourceDefinition = {
  name: 'commit',
  title: 'Commit with its changes',
  toolset: 'repos',
  description:
    'Message, author and patches of a commit, named by its SHA, as text; a long one in parts: _meta of each part names the URI of the next. files: such as 11-20.',
  mimeType: 'text/plain',
  address: { uriTemplate: 'github://{owner}/{repo}/commits/{sha}{?files}' },
  match: (uri) => matchUri(uri, COMMIT),
  complete: { owner: owners, repo: repos, sha: commitShas },
  freshFor: ({ sha = '' }) => freshAt(sha),
  async read(uri, found, { github, publicOnly }) {
    const { sha, files, ...place } = parseOrThrow(variables, found);
    if (publicOnly) await requirePublic(github, place.owner, place.repo);
    const page = Math.floor((files.start - 1) / PAGE) + 1;
    const parameters = { ...place, ref: sha, page, per_page: PAGE };
    const pages = github.pages('GET /repos/{owner}/{repo}/commits/{ref}', parameters, upstreamCommit, MAX_PAGES);
    const first = (await pages.next()).value;
    if (!first) return [];
    const changed = async function* () {
      yield* (first.data.files ?? []).slice(files.start - 1 - (page - 1) * PAGE);
      for await (const { data } of pages) yield* data.files ?? [];
    };
    return [await readChanges(uri, changed(), files, files.start === 1 ? describe(first.data) : '')];
  },
};

function describe({ sha, commit: about, author }: UpstreamCommit): string {
  const who = author?.login ?? about.author?.name ?? 'somebody';
  return `commit ${sha}\nAuthor: ${who}\nDate: ${about.author?.date ?? 'unknown'}\n\n${about.message}\n`;
}
