import * as z from 'zod';
import { utf8Bytes } from '../../output/budget.ts';
import * as rules from '../arguments.ts';
import { commitShas, owners, repos } from '../completers.ts';
import type { ResourceDefinition } from '../define.ts';
import { fileHeader } from '../diff.ts';
import { MAX_FILE_BYTES } from '../file-content.ts';
import type { upstreamFiles } from '../upstream.ts';
import { type UpstreamCommit, upstreamCommit } from '../upstream-repositories.ts';
import { freshAt, matchUri } from '../uris.ts';
import { parseOrThrow } from '../validate.ts';
import { requirePublic } from '../visibility.ts';

const COMMIT = /^github:\/\/(?<owner>[^/?#]+)\/(?<repo>[^/?#]+)\/commits\/(?<sha>[^/?#]+)$/;
const variables = z.strictObject({ owner: rules.owner, repo: rules.repo, sha: rules.sha });
/** GitHub lists at most 3,000 files of a commit (GitHub REST, "Get a commit"). */
const MAX_PAGES = 30;

/** A commit with what it changed: what a tool shows in pages, whole. */
export const commit: ResourceDefinition = {
  name: 'commit',
  title: 'Commit with its changes',
  toolset: 'repos',
  description: 'Message, author and patches of a commit, named by its SHA, as text.',
  mimeType: 'text/plain',
  address: { uriTemplate: 'github://{owner}/{repo}/commits/{sha}' },
  match: (uri) => matchUri(uri, COMMIT),
  complete: { owner: owners, repo: repos, sha: commitShas },
  freshFor: ({ sha = '' }) => freshAt(sha),
  async read(uri, found, { github, publicOnly }) {
    const { sha, ...place } = parseOrThrow(variables, found);
    if (publicOnly) await requirePublic(github, place.owner, place.repo);
    const parameters = { ...place, ref: sha, per_page: 100 };
    const route = 'GET /repos/{owner}/{repo}/commits/{ref}';
    const parts: string[] = [];
    let room = MAX_FILE_BYTES;
    let left = 0;
    for await (const { data } of github.pages(route, parameters, upstreamCommit, MAX_PAGES)) {
      if (parts.length === 0) parts.push(describe(data));
      for (const file of data.files ?? []) {
        const said = patchOf(file);
        room -= utf8Bytes(said);
        if (room >= 0) parts.push(said);
        else left++;
      }
    }
    if (left > 0) parts.push(`(${left} more files, which are too large to be read at once)`);
    return [{ uri, mimeType: 'text/plain', text: parts.join('\n') }];
  },
};

function describe({ sha, commit: about, author }: UpstreamCommit): string {
  const who = author?.login ?? about.author?.name ?? 'somebody';
  return `commit ${sha}\nAuthor: ${who}\nDate: ${about.author?.date ?? 'unknown'}\n\n${about.message}\n`;
}

function patchOf(file: z.output<typeof upstreamFiles>[number]): string {
  return `${fileHeader(file)}${file.patch ? `${file.patch}\n` : '(no patch: binary, renamed only, or too large for GitHub)\n'}`;
}
