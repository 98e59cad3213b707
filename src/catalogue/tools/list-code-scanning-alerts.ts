import * as z from 'zod';
import { codeAlertSummary, summariseCodeAlert } from '../alert-view.ts';
import { pagedList, paging, place, ref, text } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { given, withHint } from '../lean.ts';
import { upstreamCodeAlerts } from '../upstream-operations.ts';

export const listCodeScanningAlerts = defineTool({
  name: 'list_code_scanning_alerts',
  title: 'List code scanning alerts',
  description: 'List what code scanning (CodeQL and others) found in a repository.',
  toolset: 'code_security',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    ...place,
    state: z.enum(['open', 'closed', 'dismissed', 'fixed']).optional(),
    severity: z.enum(['critical', 'high', 'medium', 'low', 'warning', 'note', 'error']).optional(),
    ref: ref.optional(),
    tool_name: text(200, 1).optional(),
    ...paging,
  }),
  output: z.object({ alerts: z.array(codeAlertSummary), ...pagedList }),
  async run({ owner, repo, state, severity, ref: at, tool_name, ...pages }, { github }) {
    // GitHub has no word for dismissed and fixed together.
    const query = {
      owner,
      repo,
      ...given({ state: state === 'closed' ? undefined : state, severity, ref: at, tool_name }),
    };
    const request = onePage(github, 'GET /repos/{owner}/{repo}/code-scanning/alerts', query, upstreamCodeAlerts, pages);
    const { data, ...rest } = await withHint(request, 'upstream_not_found', CODE_HINT);
    const { shown, ...further } = fitPage(data.map(summariseCodeAlert), rest);
    const alerts = state === 'closed' ? shown.filter((alert) => alert.state !== 'open') : shown;
    return { data: { alerts, ...further } };
  },
});

export const CODE_HINT =
  'Check owner, repo and number. GitHub also says "not found" where code scanning never ran or the account may not see its alerts.';
