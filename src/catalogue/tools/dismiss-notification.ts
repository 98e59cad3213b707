import * as z from 'zod';
import { idText } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { withHint } from '../lean.ts';
import { NOTIFICATIONS_HINT } from '../notification-view.ts';
import { upstreamNothing } from '../upstream-operations.ts';

export const dismissNotification = defineTool({
  name: 'dismiss_notification',
  title: 'Dismiss notification',
  description: 'Mark one notification as read, or as done, which takes it out of the inbox.',
  toolset: 'notifications',
  access: 'write',
  window: 'write',
  // Done cannot be taken back through the API.
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  input: z.strictObject({ threadID: idText, state: z.enum(['read', 'done']) }),
  output: z.object({ id: z.string(), state: z.enum(['read', 'done']) }),
  async run({ threadID: id, state }, { github }) {
    const thread = { thread_id: id as unknown as number };
    const route = '/notifications/threads/{thread_id}' as const;
    const request =
      state === 'read'
        ? github.request(`PATCH ${route}`, thread, upstreamNothing)
        : github.request(`DELETE ${route}`, thread, upstreamNothing);
    await withHint(request, 'upstream_forbidden', NOTIFICATIONS_HINT);
    return { data: { id, state } };
  },
});
