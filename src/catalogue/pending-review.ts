/** The review that a person has begun and not submitted: GitHub keeps at most one for each pull request. */
import { AppError } from '../core/errors.ts';
import { collect } from './collect.ts';
import type { CallContext } from './define.ts';
import type { PullPlace } from './pull-diff.ts';
import { upstreamReviews } from './upstream-conversations.ts';

/** Throws `upstream_not_found` where there is none. */
export async function pendingReview(context: CallContext, place: PullPlace) {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
  const { items } = await collect(context, route, place, upstreamReviews, {}, 'reviews');
  const me = context.principal.user.login.toLowerCase();
  const found = items.find(({ state, user }) => state === 'PENDING' && user?.login.toLowerCase() === me);
  if (found !== undefined) return found;
  throw new AppError('upstream_not_found', 'This account has no pending review on the pull request.', {
    hint: 'Begin one: pull_request_review_write with method create and without event.',
  });
}
