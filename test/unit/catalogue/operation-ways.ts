/** Every way out of the tools of Actions, checks, notifications and alerts, with something hidden in all that GitHub says. */
import type { GitHub } from '../../../src/github/client.ts';
import { answering, json } from '../github/answering.ts';
import { call, prompt, read } from './calling.ts';
import {
  artifact,
  codeAlert,
  dependabotAlert,
  job,
  logOf,
  run,
  SHA,
  secretAlert,
  thread,
  workflow,
} from './operation-samples.ts';
import { INVISIBLE, plant } from './planting.ts';

const place = { owner: 'octo', repo: 'hello' };
const STORE = 'https://store.test/';
/** Comments are content in a log; only what nobody sees is taken out. */
const log = logOf([`one${INVISIBLE}`, `${INVISIBLE}two`, '\u001b[31mthree\u001b[0m']);
const to = (url: string) => new Response(null, { status: 302, headers: { location: url } });
const billable = { UBUNTU: { total_ms: 1, jobs: 1 } };
const check = { id: 1, name: 'lint', status: 'completed', conclusion: 'failure', app: { slug: 'actions' } };
const status = { context: 'legacy', state: 'failure', description: 'No', target_url: 'https://ci.test/1' };

function poisoned(): GitHub {
  const failed = job(3, { conclusion: 'failure' });
  const answers: Record<string, () => Response> = {
    '/actions/workflows': () => json({ total_count: 1, workflows: [plant(workflow(1))] }),
    '/actions/workflows/1': () => json(plant(workflow(1))),
    '/actions/workflows/1/dispatches': () => json({ workflow_run_id: 5 }),
    '/actions/runs': () => json({ total_count: 1, workflow_runs: [plant(run(9))] }),
    '/actions/runs/9': () => json(plant(run(9))),
    '/actions/runs/9/jobs': () => json({ total_count: 1, jobs: [plant(failed)] }),
    '/actions/runs/9/artifacts': () => json({ total_count: 1, artifacts: [plant(artifact)] }),
    '/actions/runs/9/timing': () => json({ billable }),
    '/actions/runs/9/logs': () => to(STORE),
    '/actions/runs/9/rerun': () => json({}, 201),
    '/actions/artifacts/5': () => json(plant(artifact)),
    '/actions/artifacts/5/zip': () => to(STORE),
    '/actions/jobs/3': () => json(plant(failed)),
    '/actions/jobs/3/logs': () => to(STORE),
    '/commits/main/status': () => json(plant({ sha: SHA, state: 'failure', total_count: 1, statuses: [status] })),
    [`/commits/${SHA}/check-runs`]: () => json({ total_count: 1, check_runs: [plant(check)] }),
    '/notifications': () => json([plant(thread('1'))]),
    '/notifications/threads/1': () => json(plant(thread('1'))),
    '/code-scanning/alerts': () => json([plant(codeAlert(1))]),
    '/code-scanning/alerts/1': () => json(plant(codeAlert(1))),
    '/secret-scanning/alerts': () => json([plant(secretAlert(1))]),
    '/secret-scanning/alerts/1': () => json(plant(secretAlert(1))),
    '/dependabot/alerts': () => json([plant(dependabotAlert(1))]),
    '/dependabot/alerts/1': () => json(plant(dependabotAlert(1))),
  };
  return answering(({ url }) => {
    if (url.href === STORE) return new Response(log);
    return answers[url.pathname.replace('/repos/octo/hello', '')]?.() ?? json({}, 404);
  }).github;
}

const CALLS: readonly (readonly [name: string, args: object])[] = [
  ['actions_list', { method: 'list_workflows', ...place }],
  ['actions_list', { method: 'list_workflow_runs', ...place }],
  ['actions_list', { method: 'list_workflow_jobs', ...place, resource_id: '9' }],
  ['actions_list', { method: 'list_workflow_run_artifacts', ...place, resource_id: '9' }],
  ['actions_get', { method: 'get_workflow', ...place, resource_id: '1' }],
  ['actions_get', { method: 'get_workflow_run', ...place, resource_id: '9' }],
  ['actions_get', { method: 'get_workflow_job', ...place, resource_id: '3' }],
  ['actions_get', { method: 'get_workflow_run_usage', ...place, resource_id: '9' }],
  ['actions_get', { method: 'get_workflow_run_logs_url', ...place, resource_id: '9' }],
  ['actions_get', { method: 'download_workflow_run_artifact', ...place, resource_id: '5' }],
  ['get_job_logs', { ...place, job_id: 3 }],
  ['get_job_logs', { ...place, job_id: 3, start_line: 1 }],
  ['get_job_logs', { ...place, job_id: 3, search: 't' }],
  ['get_job_logs', { ...place, job_id: 3, return_content: false }],
  ['get_job_logs', { ...place, run_id: 9, failed_only: true, timestamps: true }],
  ['actions_run_trigger', { method: 'run_workflow', ...place, workflow_id: '1', ref: 'main' }],
  ['actions_run_trigger', { method: 'rerun_workflow_run', ...place, run_id: 9 }],
  ['wait_for_workflow_run', { ...place, run_id: 9 }],
  ['wait_for_checks', { ...place, ref: 'main' }],
  ['list_notifications', {}],
  ['get_notification_details', { notificationID: '1' }],
  ['dismiss_notification', { threadID: '1', state: 'read' }],
  ['mark_all_notifications_read', {}],
  ['list_code_scanning_alerts', place],
  ['get_code_scanning_alert', { ...place, alertNumber: 1 }],
  ['list_secret_scanning_alerts', place],
  ['get_secret_scanning_alert', { ...place, alertNumber: 1 }],
  ['list_dependabot_alerts', place],
  ['get_dependabot_alert', { ...place, alertNumber: 1 }],
];

export const operationWays: Record<string, () => Promise<unknown>> = {
  ...Object.fromEntries(
    CALLS.map(([name, args]) => [`tool ${name} ${JSON.stringify(args)}`, () => call(poisoned(), name, args)]),
  ),
  'resource job_log': () => read(poisoned(), 'github://octo/hello/actions/jobs/3/logs'),
  'prompt explain_failure': () => prompt(poisoned(), 'explain_failure', { ...place, run_id: '9' }),
};
