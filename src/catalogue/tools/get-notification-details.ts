import * as z from 'zod';
import { idText } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { withHint } from '../lean.ts';
import { NOTIFICATIONS_HINT, threadView, viewThread } from '../notification-view.ts';
import { upstreamThread } from '../upstream-operations.ts';

export const getNotificationDetails = defineTool({
  name: 'get_notification_details',
  title: 'Get notification',
  description: 'Get one notification. For what it is about, read the issue or pull request that it names.',
  toolset: 'notifications',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ notificationID: idText }),
  output: threadView,
  async run({ notificationID: thread_id }, { github }) {
    const route = 'GET /notifications/threads/{thread_id}';
    // Octokit's types take a number; GitHub's ids are strings of digits.
    const request = github.request(route, { thread_id: thread_id as unknown as number }, upstreamThread);
    return { data: viewThread((await withHint(request, 'upstream_forbidden', NOTIFICATIONS_HINT)).data) };
  },
});
