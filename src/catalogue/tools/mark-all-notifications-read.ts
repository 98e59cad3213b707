import * as z from 'zod';
import { moment, owner, repo } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { given, lean, withHint } from '../lean.ts';
import { NOTIFICATIONS_HINT, needEachOther } from '../notification-view.ts';
import { upstreamNothing } from '../upstream-operations.ts';

/** GitHub goes on with many notifications after it has answered. */
const ACCEPTED = 202;

export const markAllNotificationsRead = defineTool({
  name: 'mark_all_notifications_read',
  title: 'Mark all notifications read',
  description: 'Mark all my notifications as read, everywhere or in one repository.',
  toolset: 'notifications',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  input: z
    .strictObject({
      lastReadAt: moment.optional().describe('Leave later ones unread'),
      owner: owner.optional(),
      repo: repo.optional(),
    })
    .superRefine(needEachOther),
  output: z.object({
    marked_read: z.literal(true),
    repository: z.string().optional(),
    in_progress: z.boolean().optional(),
  }),
  async run({ lastReadAt: last_read_at, owner: login, repo: name }, { github }) {
    const body = given({ last_read_at });
    const one = login !== undefined && name !== undefined;
    const request = one
      ? github.request(
          'PUT /repos/{owner}/{repo}/notifications',
          { ...body, owner: login, repo: name },
          upstreamNothing,
        )
      : github.request('PUT /notifications', { ...body, read: true }, upstreamNothing);
    const { status } = await withHint(request, 'upstream_forbidden', NOTIFICATIONS_HINT);
    const rest = { repository: one ? `${login}/${name}` : undefined, in_progress: status === ACCEPTED || undefined };
    return { data: { marked_read: true as const, ...lean(rest) } };
  },
});
