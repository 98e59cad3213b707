/** A notification as a model sees it. */
import * as z from 'zod';
import { lean } from './lean.ts';
import type { upstreamThread } from './upstream-operations.ts';

export const threadView = z.object({
  id: z.string().describe('threadID, notificationID'),
  repository: z.string().optional(),
  type: z.string(),
  number: z.int().optional(),
  title: z.string(),
  reason: z.string(),
  unread: z.boolean(),
  updated_at: z.string(),
  last_read_at: z.string().optional(),
});

export function viewThread(thread: z.output<typeof upstreamThread>): z.input<typeof threadView> {
  const { id, repository, subject, reason, unread, updated_at, last_read_at } = thread;
  const number = /\/(?:issues|pulls)\/(\d+)$/.exec(subject.url ?? '')?.[1];
  return lean({
    id,
    repository: repository?.full_name,
    type: subject.type,
    number: number === undefined ? undefined : Number(number),
    title: subject.title,
    reason,
    unread,
    updated_at,
    last_read_at,
  });
}

/** Where GitHub refuses notifications, it is for the kind of sign-in. */
export const NOTIFICATIONS_HINT =
  'GitHub shows notifications to OAuth apps and classic tokens only, not to GitHub Apps. The administrator has to configure sign-in with an OAuth app for this.';

/** One repository is named by both of its names. */
export function needEachOther(
  { owner, repo }: { readonly owner?: string | undefined; readonly repo?: string | undefined },
  context: z.RefinementCtx,
): void {
  if ((owner === undefined) === (repo === undefined)) return;
  const field = owner === undefined ? 'owner' : 'repo';
  context.addIssue({ code: 'custom', path: [field], message: 'is needed: owner and repo go together' });
}
