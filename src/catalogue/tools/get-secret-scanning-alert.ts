import * as z from 'zod';
import { secretAlertView, viewSecretAlert } from '../alert-view.ts';
import { number, place } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { withHint } from '../lean.ts';
import { upstreamSecretAlert } from '../upstream-operations.ts';
import { SECRET_HINT } from './list-secret-scanning-alerts.ts';

export const getSecretScanningAlert = defineTool({
  name: 'get_secret_scanning_alert',
  title: 'Get secret scanning alert',
  description: 'Get one secret scanning alert: kind, place and state, never the secret itself.',
  toolset: 'secret_protection',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, alertNumber: number }),
  output: secretAlertView,
  async run({ alertNumber: alert_number, ...at }, { github }) {
    const route = 'GET /repos/{owner}/{repo}/secret-scanning/alerts/{alert_number}';
    const request = github.request(route, { ...at, alert_number, hide_secret: true }, upstreamSecretAlert);
    return { data: viewSecretAlert((await withHint(request, 'upstream_not_found', SECRET_HINT)).data) };
  },
});
