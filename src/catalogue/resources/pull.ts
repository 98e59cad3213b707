import * as z from 'zod';
import { numberText, owner, repo } from '../arguments.ts';
import { authorOf } from '../author.ts';
import { readChanges } from '../change-parts.ts';
import { owners, pullNumbers, repos } from '../completers.ts';
import type { ResourceDefinition } from '../define.ts';
import { filesFrom } from '../pull-diff.ts';
import { range } from '../ranges.ts';
import { upstreamPull } from '../upstream.ts';
import { matchUri } from '../uris.ts';
import { parseOrThrow } from '../validate.ts';
import { requirePublic } from '../visibility.ts';

const PULL = /^github:\/\/(?<owner>[^/?#]+)\/(?<repo>[^/?#]+)\/pulls\/(?<number>[^/?#]+)$/;

/** A pull request as its author describes it; what it changes is read with pull_request_read, in pages. */
export const pull: ResourceDefinition = {
  name: 'pull_request',
  title: 'Text of a pull request',
  toolset: 'pull_requests',
  description: 'Title, branches and description of a pull request, whole, as Markdown written by its author.',
  mimeType: 'text/markdown',
  address: { uriTemplate: 'github://{owner}/{repo}/pulls/{number}' },
  match: (uri) => matchUri(uri, PULL),
  complete: { owner: owners, repo: repos, number: pullNumbers },
  async read(uri, found, { github, publicOnly }) {
    const { number, ...place } = parseOrThrow(z.strictObject({ owner, repo, number: numberText }), found);
    if (publicOnly) await requirePublic(github, place.owner, place.repo);
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
    const { data } = await github.request(route, { ...place, pull_number: number }, upstreamPull);
    const branches = `From ${data.head.label ?? data.head.ref} (${data.head.sha}) into ${data.base.ref}.`;
    const state = data.draft ? 'draft' : data.state;
    const text = `# ${data.title}\n\nWritten by ${authorOf(data)}. State: ${state}. ${branches}\n\n${data.body ?? ''}`;
    return [{ uri, mimeType: 'text/markdown', text }];
  },
};

const DIFF =
  /^github:\/\/(?<owner>[^/?#]+)\/(?<repo>[^/?#]+)\/pulls\/(?<number>[^/?#]+)\/diff(?:\?files=(?<files>[^&#]*))?$/;

/** What pull_request_read shows in pages. */
export const pullDiff: ResourceDefinition = {
  name: 'pull_request_diff',
  title: 'Diff of a pull request',
  toolset: 'pull_requests',
  description:
    'What a pull request changes, file by file; a long one in parts: _meta of each part names the URI of the next. files: such as 11-20.',
  mimeType: 'text/plain',
  address: { uriTemplate: 'github://{owner}/{repo}/pulls/{number}/diff{?files}' },
  match: (uri) => matchUri(uri, DIFF),
  complete: { owner: owners, repo: repos, number: pullNumbers },
  async read(uri, found, { publicOnly, ...context }) {
    const variables = z.strictObject({ owner, repo, number: numberText, files: range });
    const { number, files, ...place } = parseOrThrow(variables, found);
    if (publicOnly) await requirePublic(context.github, place.owner, place.repo);
    const changed = filesFrom(context, { ...place, pull_number: number }, files.start - 1);
    return [await readChanges(uri, changed, files)];
  },
};
