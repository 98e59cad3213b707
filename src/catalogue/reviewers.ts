/** People and teams asked to review a pull request. */
import * as z from 'zod';
import { text } from './arguments.ts';
import type { CallContext } from './define.ts';
import { withHint } from './lean.ts';
import type { PullPlace } from './pull-diff.ts';
import { upstreamPullDetails } from './upstream-conversations.ts';

const HINT = 'Reviewers must be collaborators, and not the author of the pull request; teams must have access.';

/** GitHub asks at most 15 at once. */
export const reviewers = z
  .array(text(140, 1))
  .superRefine((names, context) => {
    for (const [index, name] of names.entries()) {
      if (/^[A-Za-z\d][\w-]{0,99}(?:\[bot\])?$/.test(name) || /^[\w-]+\/[\w.-]+$/.test(name)) continue;
      context.addIssue({ code: 'custom', path: [index], message: 'must be a login or org/team' });
    }
  })
  .describe('Logins, or org/team');

/** In: a pull request and whom to ask besides those asked already. Out: the pull request afterwards. */
export async function requestReviewers({ github }: CallContext, place: PullPlace, names: readonly string[]) {
  const teams = names.filter((name) => name.includes('/')).map((name) => name.slice(name.indexOf('/') + 1));
  const people = names.filter((name) => !name.includes('/'));
  const route = 'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers';
  const asked = { ...place, reviewers: people, ...(teams.length > 0 && { team_reviewers: teams }) };
  return (await withHint(github.request(route, asked, upstreamPullDetails), 'upstream_invalid', HINT)).data;
}
