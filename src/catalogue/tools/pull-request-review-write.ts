import * as z from 'zod';
import { unfit } from '../../github/guard.ts';
import { number, owner, repo, sha, text } from '../arguments.ts';
import { type CallContext, defineTool, type ToolResult } from '../define.ts';
import { given, lean, withHint } from '../lean.ts';
import { pendingReview } from '../pending-review.ts';
import { graphqlThread, graphqlThreadPlace, upstreamReview } from '../upstream-conversations.ts';

const input = z
  .strictObject({
    method: z.enum(['create', 'submit_pending', 'delete_pending', 'resolve_thread', 'unresolve_thread']),
    owner,
    repo,
    pullNumber: number,
    event: z
      .enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT'])
      .optional()
      .describe('create without it leaves the review pending'),
    body: text(65_536).optional(),
    commitID: sha.optional().describe('For create'),
    threadId: text(200, 1).optional().describe('From get_review_comments'),
  })
  .superRefine(({ method, event, body, commitID, threadId }, context) => {
    const demand = (holds: boolean, field: string, message: string) => {
      if (!holds) context.addIssue({ code: 'custom', path: [field], message });
    };
    const writes = method === 'create' || method === 'submit_pending';
    const thread = method === 'resolve_thread' || method === 'unresolve_thread';
    demand(writes || event === undefined, 'event', 'is only for create and submit_pending');
    demand(writes || body === undefined, 'body', 'is only for create and submit_pending');
    demand(method !== 'submit_pending' || event !== undefined, 'event', 'is needed for submit_pending');
    demand(method === 'create' || commitID === undefined, 'commitID', 'is only for create');
    demand(thread === (threadId !== undefined), 'threadId', thread ? 'is needed' : 'is only for threads');
    const says = (body ?? '').trim() !== '';
    const alone = method === 'create' && (event === 'COMMENT' || event === 'REQUEST_CHANGES');
    demand(!alone || says, 'body', 'is needed with this event');
  });
type Args = z.output<typeof input>;

const output = z.object({
  review_id: z.int().optional(),
  state: z.string().optional(),
  html_url: z.string().optional(),
  deleted: z.boolean().optional(),
  thread_id: z.string().optional(),
  is_resolved: z.boolean().optional(),
});
type Answer = Promise<ToolResult<z.input<typeof output>>>;

export const pullRequestReviewWrite = defineTool({
  name: 'pull_request_review_write',
  title: 'Review pull request',
  description:
    'Review a pull request at once, or begin a pending review, add comments with add_comment_to_pending_review, then submit or delete it. Or resolve a thread.',
  toolset: 'pull_requests',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  input,
  output,
  async confirm(args, context) {
    if (args.method !== 'delete_pending') return undefined;
    await pendingReview(context, place(args));
    return `Delete your pending review of ${args.owner}/${args.repo}#${args.pullNumber}?`;
  },
  run: async (args, context) => await WRITERS[args.method](args, context),
});

const REVIEWS = '/repos/{owner}/{repo}/pulls/{pull_number}/reviews' as const;

const WRITERS: Readonly<Record<Args['method'], (args: Args, context: CallContext) => Answer>> = {
  async create({ event, body = '', commitID, ...args }, { github }) {
    const content = { body, ...given({ event, commit_id: commitID }) };
    const request = github.request(`POST ${REVIEWS}`, { ...place(args), ...content }, upstreamReview);
    const hint = 'Only one review can be pending: submit or delete it. The author cannot approve.';
    return { data: view((await withHint(request, 'upstream_invalid', hint)).data) };
  },
  async submit_pending({ event = 'COMMENT', body, ...args }, context) {
    const { id: review_id } = await pendingReview(context, place(args));
    const parameters = { ...place(args), review_id, event, ...given({ body }) };
    const route = `POST ${REVIEWS}/{review_id}/events` as const;
    return { data: view((await context.github.request(route, parameters, upstreamReview)).data) };
  },
  async delete_pending(args, context) {
    const { id: review_id } = await pendingReview(context, place(args));
    await context.github.request(`DELETE ${REVIEWS}/{review_id}`, { ...place(args), review_id }, z.unknown());
    return { data: { review_id, deleted: true } };
  },
  resolve_thread: (args, context) => setResolved('resolveReviewThread', args, context),
  unresolve_thread: (args, context) => setResolved('unresolveReviewThread', args, context),
};

/** An id says neither whose it is nor of what kind; the repository is asked for its name because it may be an old one. */
const THREAD = `query($owner: String!, $repo: String!, $id: ID!) {
  repository(owner: $owner, name: $repo) { nameWithOwner }
  node(id: $id) { ... on PullRequestReviewThread { pullRequest { number } repository { nameWithOwner } } }
}`;

async function setResolved(
  mutation: 'resolveReviewThread' | 'unresolveReviewThread',
  { owner: login, repo: name, pullNumber, threadId: id }: Args,
  { github }: CallContext,
): Answer {
  const { repository, node } = await github.graphql(THREAD, { owner: login, repo: name, id }, graphqlThreadPlace);
  if (node?.repository?.nameWithOwner !== repository.nameWithOwner || node.pullRequest?.number !== pullNumber) {
    throw unfit('threadId', 'must be a thread of this pull request, from pull_request_read with get_review_comments');
  }
  const query = `mutation($id: ID!) { change: ${mutation}(input: { threadId: $id }) { thread { id isResolved } } }`;
  const { change } = await github.graphql(query, { id }, z.object({ change: graphqlThread }));
  return { data: lean({ thread_id: change?.thread?.id, is_resolved: change?.thread?.isResolved }) };
}

function place({ owner: login, repo: name, pullNumber }: Pick<Args, 'owner' | 'repo' | 'pullNumber'>) {
  return { owner: login, repo: name, pull_number: pullNumber };
}

function view({ id, state, html_url }: z.output<typeof upstreamReview>) {
  return lean({ review_id: id, state, html_url });
}
