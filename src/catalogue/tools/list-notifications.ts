import * as z from 'zod';
import { moment, owner, pagedList, paging, repo } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { given, withHint } from '../lean.ts';
import { NOTIFICATIONS_HINT, needEachOther, threadView, viewThread } from '../notification-view.ts';
import { upstreamThreads } from '../upstream-operations.ts';

export const listNotifications = defineTool({
  name: 'list_notifications',
  title: 'List notifications',
  description: 'List my notifications, the unread ones unless filter says otherwise.',
  toolset: 'notifications',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z
    .strictObject({
      filter: z.enum(['default', 'include_read_notifications', 'only_participating']).optional(),
      since: moment.optional(),
      before: moment.optional(),
      owner: owner.optional(),
      repo: repo.optional(),
      ...paging,
    })
    .superRefine(needEachOther),
  output: z.object({ notifications: z.array(threadView), ...pagedList }),
  async run({ filter, since, before, owner: login, repo: name, ...pages }, { github }) {
    const query = {
      ...given({ since, before }),
      ...(filter === 'include_read_notifications' && { all: true }),
      ...(filter === 'only_participating' && { participating: true }),
    };
    const request =
      login === undefined || name === undefined
        ? onePage(github, 'GET /notifications', query, upstreamThreads, pages)
        : onePage(
            github,
            'GET /repos/{owner}/{repo}/notifications',
            { ...query, owner: login, repo: name },
            upstreamThreads,
            pages,
          );
    const { data, ...place } = await withHint(request, 'upstream_forbidden', NOTIFICATIONS_HINT);
    const { shown, ...rest } = fitPage(data.map(viewThread), place);
    return { data: { notifications: shown, ...rest } };
  },
});
