import * as z from 'zod';
import { dependabotView, viewDependabot } from '../alert-view.ts';
import { number, place } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { withHint } from '../lean.ts';
import { upstreamDependabotAlert } from '../upstream-operations.ts';
import { DEPENDABOT_HINT } from './list-dependabot-alerts.ts';

export const getDependabotAlert = defineTool({
  name: 'get_dependabot_alert',
  title: 'Get Dependabot alert',
  description: 'Get one Dependabot alert with its advisory and the version that repairs it.',
  toolset: 'dependabot',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({ ...place, alertNumber: number }),
  output: dependabotView,
  async run({ alertNumber: alert_number, ...at }, { github }) {
    const route = 'GET /repos/{owner}/{repo}/dependabot/alerts/{alert_number}';
    const request = github.request(route, { ...at, alert_number }, upstreamDependabotAlert);
    return { data: viewDependabot((await withHint(request, 'upstream_not_found', DEPENDABOT_HINT)).data) };
  },
});
