import * as z from 'zod';
import { id, number, owner, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { afterwards, lean } from '../lean.ts';
import { commented, reaction } from '../reactions.ts';
import { upstreamCreated, upstreamReaction } from '../upstream-conversations.ts';

export const addReplyToPullRequestComment = defineTool({
  name: 'add_reply_to_pull_request_comment',
  title: 'Reply or react to a review comment',
  description: 'Reply to a review comment of a pull request, react to it, or both.',
  toolset: 'pull_requests',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  input: z
    .strictObject({
      owner,
      repo,
      commentId: id.describe('id of a comment from get_review_comments'),
      pullNumber: number.optional().describe('Needed with body'),
      body: text(65_536, 1).optional(),
      reaction: reaction.optional(),
    })
    .superRefine(({ body, reaction: content, pullNumber }, context) => {
      const demand = (holds: boolean, field: string, message: string) => {
        if (!holds) context.addIssue({ code: 'custom', path: [field], message });
      };
      demand(body !== undefined || content !== undefined, 'body', 'or reaction is needed');
      demand(body === undefined || pullNumber !== undefined, 'pullNumber', 'is needed with body');
    }),
  output: z.object(commented),
  async run({ owner: login, repo: name, commentId: comment_id, pullNumber, body, reaction: content }, { github }) {
    const place = { owner: login, repo: name, comment_id };
    const comment = body === undefined || pullNumber === undefined ? undefined : await reply(pullNumber, body);
    if (content === undefined) return { data: { comment } };
    const done = `The reply ${comment?.id} was written, but the reaction failed`;
    const hint = 'Call again without body.';
    const data = await (comment === undefined ? react(content) : afterwards(react(content), done, hint));
    return { data: lean({ comment, reaction: data }) };

    async function reply(pull_number: number, text: string) {
      const route = 'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies';
      return lean((await github.request(route, { ...place, pull_number, body: text }, upstreamCreated)).data);
    }

    async function react(emoji: z.output<typeof reaction>) {
      const route = 'POST /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions';
      return (await github.request(route, { ...place, content: emoji }, upstreamReaction)).data;
    }
  },
});
