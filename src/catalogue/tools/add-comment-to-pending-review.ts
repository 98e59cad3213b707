import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import { filePath, line, number, owner, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { given, lean } from '../lean.ts';
import { pendingReview } from '../pending-review.ts';
import { graphqlNewThread } from '../upstream-conversations.ts';

const side = z.enum(['LEFT', 'RIGHT']);

/** REST can add comments only while it creates a review. */
const MUTATION = `mutation($input: AddPullRequestReviewThreadInput!) {
  addPullRequestReviewThread(input: $input) { thread { id path line } }
}`;

export const addCommentToPendingReview = defineTool({
  name: 'add_comment_to_pending_review',
  title: 'Add comment to pending review',
  description: 'Comment on a file or on lines of the diff, in a review that pull_request_review_write began.',
  toolset: 'pull_requests',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  input: z
    .strictObject({
      owner,
      repo,
      pullNumber: number,
      path: filePath,
      body: text(65_536, 1),
      subjectType: z.enum(['FILE', 'LINE']),
      line: line.optional().describe('Last line commented on'),
      side: side.optional().describe('RIGHT (default): new file; LEFT: old'),
      startLine: line.optional().describe('First of several lines'),
      startSide: side.optional(),
    })
    .superRefine(({ subjectType, line: last, side: at, startLine, startSide }, context) => {
      const demand = (holds: boolean, field: string, message: string) => {
        if (!holds) context.addIssue({ code: 'custom', path: [field], message });
      };
      const onLine = subjectType === 'LINE';
      demand(!onLine || last !== undefined, 'line', 'is needed for LINE');
      for (const [field, value] of Object.entries({ line: last, side: at, startLine, startSide })) {
        demand(onLine || value === undefined, field, 'is only for LINE');
      }
      demand(startLine !== undefined || startSide === undefined, 'startSide', 'needs startLine');
      const sameSide = (startSide ?? at ?? 'RIGHT') === (at ?? 'RIGHT');
      demand(!sameSide || (startLine ?? 0) < (last ?? Number.MAX_SAFE_INTEGER), 'startLine', 'must be less than line');
    }),
  output: z.object({ thread_id: z.string(), path: z.string(), line: z.int().optional() }),
  async run({ owner: login, repo: name, pullNumber, startLine, startSide, ...comment }, context) {
    const review = await pendingReview(context, { owner: login, repo: name, pull_number: pullNumber });
    const start = startLine === undefined ? {} : { startLine, startSide: startSide ?? comment.side ?? 'RIGHT' };
    const input = { pullRequestReviewId: review.node_id, ...given(comment), ...start };
    const { addPullRequestReviewThread: added } = await context.github.graphql(MUTATION, { input }, graphqlNewThread);
    if (added?.thread) return { data: lean({ ...added.thread, id: undefined, thread_id: added.thread.id }) };
    // GitHub answers so, without an error, where path or line are not part of the diff.
    throw new AppError('upstream_invalid', 'GitHub did not add the comment: path and line must be part of the diff.', {
      hint: 'Read the diff with pull_request_read and get_diff; use a line inside one of its hunks.',
    });
  },
});
