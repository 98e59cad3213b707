import * as z from 'zod';
import { secretAlertView, viewSecretAlert } from '../alert-view.ts';
import { pagedList, paging, place, text } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { given, withHint } from '../lean.ts';
import { upstreamSecretAlerts } from '../upstream-operations.ts';

const RESOLUTIONS = [
  'false_positive',
  'wont_fix',
  'revoked',
  'pattern_edited',
  'pattern_deleted',
  'used_in_tests',
] as const;

export const listSecretScanningAlerts = defineTool({
  name: 'list_secret_scanning_alerts',
  title: 'List secret scanning alerts',
  description: 'List secrets that were found in a repository: kind, place and state, never the secret itself.',
  toolset: 'secret_protection',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    ...place,
    state: z.enum(['open', 'resolved']).optional(),
    secret_type: text(500, 1).optional().describe('One or more types, comma-separated'),
    resolution: z.enum(RESOLUTIONS).optional(),
    ...paging,
  }),
  output: z.object({ alerts: z.array(secretAlertView), ...pagedList }),
  async run({ owner, repo, state, secret_type, resolution, ...pages }, { github }) {
    const query = { owner, repo, hide_secret: true, ...given({ state, secret_type, resolution }) };
    const route = 'GET /repos/{owner}/{repo}/secret-scanning/alerts';
    const request = onePage(github, route, query, upstreamSecretAlerts, pages);
    const { data, ...rest } = await withHint(request, 'upstream_not_found', SECRET_HINT);
    const { shown, ...further } = fitPage(data.map(viewSecretAlert), rest);
    return { data: { alerts: shown, ...further } };
  },
});

export const SECRET_HINT =
  'Check owner, repo and number. GitHub also says "not found" where secret scanning is off or the account may not see its alerts.';
