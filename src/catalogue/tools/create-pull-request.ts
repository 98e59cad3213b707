import * as z from 'zod';
import { owner, ref, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { afterwards, given, withHint } from '../lean.ts';
import { pullSummary, summarisePull } from '../pull-view.ts';
import { requestReviewers, reviewers } from '../reviewers.ts';
import { upstreamPullDetails } from '../upstream-conversations.ts';

const HINT = 'head must be a pushed branch with commits that base lacks, and have no open pull request into base yet.';

export const createPullRequest = defineTool({
  name: 'create_pull_request',
  title: 'Open pull request',
  description: 'Open a pull request from a branch that was pushed.',
  toolset: 'pull_requests',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  input: z.strictObject({
    owner,
    repo,
    title: text(256, 1),
    head: text(300, 1).describe('Branch with the changes; owner:branch of a fork'),
    base: ref.describe('Branch to merge into'),
    body: text(65_536).optional(),
    draft: z.boolean().optional(),
    maintainer_can_modify: z.boolean().optional(),
    reviewers: reviewers.optional(),
  }),
  output: pullSummary,
  async run({ owner: login, repo: name, reviewers: names = [], ...content }, context) {
    const place = { owner: login, repo: name };
    const parameters = { ...place, ...given(content) };
    const request = context.github.request('POST /repos/{owner}/{repo}/pulls', parameters, upstreamPullDetails);
    const { data } = await withHint(request, 'upstream_invalid', HINT);
    if (names.length === 0) return { data: summarisePull(data) };
    const asked = requestReviewers(context, { ...place, pull_number: data.number }, names);
    const done = `Pull request ${data.number} was opened, but the reviewers were not asked`;
    const hint = `Correct reviewers and call update_pull_request with pullNumber ${data.number}.`;
    return { data: summarisePull(await afterwards(asked, done, hint)) };
  },
});
