import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import { numberText, owner, repo } from '../arguments.ts';
import { authorOf } from '../author.ts';
import { issueNumbers, owners, repos } from '../completers.ts';
import type { ResourceDefinition } from '../define.ts';
import { upstreamComment, upstreamIssue } from '../upstream.ts';
import { matchUri } from '../uris.ts';
import { parseOrThrow } from '../validate.ts';
import { requirePublic } from '../visibility.ts';

const ISSUE = /^github:\/\/(?<owner>[^/?#]+)\/(?<repo>[^/?#]+)\/issues\/(?<number>[^/?#]+)$/;
const COMMENT =
  /^github:\/\/(?<owner>[^/?#]+)\/(?<repo>[^/?#]+)\/issues\/(?<number>[^/?#]+)\/comments\/(?<comment>[^/?#]+)$/;
const id = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, 'must be a number')
  .transform(Number);

/** What a tool links to where it could show only the beginning of an issue's text. */
export const issue: ResourceDefinition = {
  name: 'issue',
  title: 'Text of an issue',
  toolset: 'issues',
  description: 'Title and body of an issue, whole, as Markdown written by its author.',
  mimeType: 'text/markdown',
  address: { uriTemplate: 'github://{owner}/{repo}/issues/{number}' },
  match: (uri) => matchUri(uri, ISSUE),
  complete: { owner: owners, repo: repos, number: issueNumbers },
  async read(uri, found, { github, publicOnly }) {
    const { number, ...place } = parseOrThrow(z.strictObject({ owner, repo, number: numberText }), found);
    if (publicOnly) await requirePublic(github, place.owner, place.repo);
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
    const { data } = await github.request(route, { ...place, issue_number: number }, upstreamIssue);
    const text = `# ${data.title}\n\nWritten by ${authorOf(data)}.\n\n${data.body ?? ''}`;
    return [{ uri, mimeType: 'text/markdown', text }];
  },
};

/** The same for one comment. */
export const comment: ResourceDefinition = {
  name: 'issue_comment',
  title: 'Text of a comment',
  toolset: 'issues',
  description: 'One comment on an issue, whole, as Markdown written by its author.',
  mimeType: 'text/markdown',
  address: { uriTemplate: 'github://{owner}/{repo}/issues/{number}/comments/{comment}' },
  match: (uri) => matchUri(uri, COMMENT),
  complete: { owner: owners, repo: repos, number: issueNumbers },
  async read(uri, found, { github, publicOnly }) {
    const variables = z.strictObject({ owner, repo, number: numberText, comment: id });
    const { number, comment: comment_id, ...place } = parseOrThrow(variables, found);
    if (publicOnly) await requirePublic(github, place.owner, place.repo);
    const route = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}';
    const { data } = await github.request(route, { ...place, comment_id }, upstreamComment);
    if (data.issue_url && !data.issue_url.endsWith(`/issues/${number}`)) {
      throw new AppError('upstream_not_found', 'The comment belongs to another issue.');
    }
    const text = `Written by ${authorOf(data)}.\n\n${data.body ?? ''}`;
    return [{ uri, mimeType: 'text/markdown', text }];
  },
};
