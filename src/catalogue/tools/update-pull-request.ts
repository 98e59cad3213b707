import * as z from 'zod';
import { number, owner, ref, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { afterwards, given } from '../lean.ts';
import { getPull } from '../pull-readers.ts';
import { pullSummary, summarisePull } from '../pull-view.ts';
import { requestReviewers, reviewers } from '../reviewers.ts';
import { graphqlDraft, upstreamPullDetails } from '../upstream-conversations.ts';

/** REST cannot change whether a pull request is a draft. */
const TO_DRAFT = `mutation($id: ID!) {
  change: convertPullRequestToDraft(input: { pullRequestId: $id }) { pullRequest { isDraft } }
}`;
const TO_READY = `mutation($id: ID!) {
  change: markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } }
}`;
const shape = z.object({ change: graphqlDraft });

export const updatePullRequest = defineTool({
  name: 'update_pull_request',
  title: 'Update pull request',
  description: 'Change title, body, base, state or draft of a pull request, or ask for reviewers.',
  toolset: 'pull_requests',
  access: 'write',
  window: 'write',
  // What was there is replaced.
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  input: z
    .strictObject({
      owner,
      repo,
      pullNumber: number,
      title: text(256, 1).optional(),
      body: text(65_536).optional(),
      state: z.enum(['open', 'closed']).optional(),
      base: ref.optional(),
      draft: z.boolean().optional(),
      maintainer_can_modify: z.boolean().optional(),
      reviewers: reviewers.optional().describe('Asked besides those asked already; logins, or org/team'),
    })
    .superRefine(({ owner: _, repo: __, pullNumber: ___, reviewers: names, ...changes }, context) => {
      const some = Object.values(changes).some((value) => value !== undefined) || (names?.length ?? 0) > 0;
      if (!some)
        context.addIssue({ code: 'custom', path: ['title'], message: 'or something else to change is needed' });
    }),
  output: pullSummary,
  async run({ owner: login, repo: name, pullNumber, draft, reviewers: names = [], ...changes }, context) {
    const { github } = context;
    const place = { owner: login, repo: name, pull_number: pullNumber };
    const edits = given(changes);
    const edited = Object.keys(edits).length > 0;
    const route = 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}';
    let pull = edited
      ? (await github.request(route, { ...place, ...edits }, upstreamPullDetails)).data
      : await getPull(github, place);
    if (draft !== undefined && draft !== Boolean(pull.draft)) {
      const query = draft ? TO_DRAFT : TO_READY;
      const { change } = await step(github.graphql(query, { id: pull.node_id }, shape), 'draft');
      pull = { ...pull, draft: change.pullRequest.isDraft };
    }
    if (names.length > 0) {
      const { requested_reviewers, requested_teams } = await step(requestReviewers(context, place, names), 'reviewers');
      pull = { ...pull, requested_reviewers, requested_teams };
    }
    return { data: summarisePull(pull) };

    async function step<T>(work: Promise<T>, field: string): Promise<T> {
      const before = field === 'reviewers' && draft !== undefined;
      if (!edited && !before) return await work;
      return await afterwards(
        work,
        `Earlier changes were made, but not ${field}`,
        `Call again with ${field} corrected.`,
      );
    }
  },
});
