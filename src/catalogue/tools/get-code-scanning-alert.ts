import * as z from 'zod';
import { codeAlertView, viewCodeAlert } from '../alert-view.ts';
import { number, place } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { withHint } from '../lean.ts';
import { upstreamCodeAlert } from '../upstream-operations.ts';
import { CODE_HINT } from './list-code-scanning-alerts.ts';

export const getCodeScanningAlert = defineTool({
  name: 'get_code_scanning_alert',
  title: 'Get code scanning alert',
  description: 'Get one code scanning alert with its rule and how to fix it.',
  toolset: 'code_security',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, alertNumber: number }),
  output: codeAlertView,
  async run({ alertNumber: alert_number, ...at }, { github }) {
    const route = 'GET /repos/{owner}/{repo}/code-scanning/alerts/{alert_number}';
    const request = github.request(route, { ...at, alert_number }, upstreamCodeAlert);
    return { data: viewCodeAlert((await withHint(request, 'upstream_not_found', CODE_HINT)).data) };
  },
});
