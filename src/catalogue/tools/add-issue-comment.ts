import * as z from 'zod';
import { id, number, owner, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { afterwards, lean } from '../lean.ts';
import { commented, reaction } from '../reactions.ts';
import { upstreamCreated, upstreamReaction } from '../upstream-conversations.ts';

export const addIssueComment = defineTool({
  name: 'add_issue_comment',
  title: 'Comment on or react to an issue',
  description: 'Comment on an issue or pull request, react to it or to one of its comments, or both.',
  toolset: 'issues',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
  input: z
    .strictObject({
      owner,
      repo,
      issue_number: number,
      body: text(65_536, 1).optional(),
      reaction: reaction.optional(),
      comment_id: id.optional().describe('Comment to react to; not with body'),
    })
    .superRefine((args, context) => {
      const demand = (holds: boolean, field: string, message: string) => {
        if (!holds) context.addIssue({ code: 'custom', path: [field], message });
      };
      demand(args.body !== undefined || args.reaction !== undefined, 'body', 'or reaction is needed');
      demand(args.comment_id === undefined || args.reaction !== undefined, 'comment_id', 'is only for a reaction');
      demand(args.comment_id === undefined || args.body === undefined, 'comment_id', 'must not come with body');
    }),
  output: z.object(commented),
  async run({ owner: login, repo: name, issue_number, body, reaction: content, comment_id }, { github }) {
    const place = { owner: login, repo: name };
    const comment = body === undefined ? undefined : await write(body);
    if (content === undefined) return { data: { comment } };
    const done = `The comment ${comment?.id} was written, but the reaction failed`;
    const hint = 'Call again without body.';
    const data = await (comment === undefined ? react(content) : afterwards(react(content), done, hint));
    return { data: lean({ comment, reaction: data }) };

    async function write(text: string) {
      const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
      const parameters = { ...place, issue_number, body: text };
      return lean((await github.request(route, parameters, upstreamCreated)).data);
    }

    async function react(emoji: z.output<typeof reaction>) {
      const request =
        comment_id === undefined
          ? github.request(
              'POST /repos/{owner}/{repo}/issues/{issue_number}/reactions',
              { ...place, issue_number, content: emoji },
              upstreamReaction,
            )
          : github.request(
              'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
              { ...place, comment_id, content: emoji },
              upstreamReaction,
            );
      return (await request).data;
    }
  },
});
