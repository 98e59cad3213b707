import * as z from 'zod';
import { id, idText, owner, ref, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { lean, withHint } from '../lean.ts';
import { upstreamDispatch, upstreamNothing, upstreamRun, upstreamWorkflow } from '../upstream-operations.ts';

const METHODS = [
  'run_workflow',
  'rerun_workflow_run',
  'rerun_failed_jobs',
  'cancel_workflow_run',
  'delete_workflow_run_logs',
] as const;
const BASE = '/repos/{owner}/{repo}/actions' as const;
/** GitHub accepts this many (GitHub REST, "Create a workflow dispatch event"). */
const MAX_INPUTS = 25;

export const actionsRunTrigger = defineTool({
  name: 'actions_run_trigger',
  title: 'Run, rerun or cancel workflow',
  description:
    'Start a workflow (run_workflow), or rerun or cancel a run, or delete its logs. Then use wait_for_workflow_run.',
  toolset: 'actions',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  input: z
    .strictObject({
      method: z.enum(METHODS),
      owner,
      repo,
      workflow_id: idText.optional().describe('run_workflow: id or file name'),
      ref: ref.optional().describe('run_workflow: branch or tag'),
      inputs: z
        .record(z.string(), z.union([text(65_535), z.number(), z.boolean()]))
        .optional()
        .describe('run_workflow: its inputs'),
      run_id: id.optional().describe('All other methods'),
    })
    .superRefine((args, context) => {
      const starts = args.method === 'run_workflow';
      for (const field of ['workflow_id', 'ref'] as const) {
        if (starts && args[field] === undefined) {
          context.addIssue({ code: 'custom', path: [field], message: 'is needed for run_workflow' });
        }
      }
      for (const field of starts ? (['run_id'] as const) : (['workflow_id', 'ref', 'inputs'] as const)) {
        if (args[field] === undefined) continue;
        const message = starts ? 'is not for run_workflow' : 'is only for run_workflow';
        context.addIssue({ code: 'custom', path: [field], message });
      }
      if (!starts && args.run_id === undefined) {
        context.addIssue({ code: 'custom', path: ['run_id'], message: `is needed for ${args.method}` });
      }
      if (Object.keys(args.inputs ?? {}).length > MAX_INPUTS) {
        context.addIssue({ code: 'custom', path: ['inputs'], message: `must have at most ${MAX_INPUTS} members` });
      }
    }),
  output: z.object({
    done: z.enum(METHODS),
    run_id: z.int().optional().describe('If missing, find the new run with actions_list'),
  }),
  async confirm({ method, owner: login, repo: name, workflow_id = '', ref: at = '', run_id = 0 }, { github }) {
    const place = { owner: login, repo: name };
    if (method === 'run_workflow') {
      await github.request(`GET ${BASE}/workflows/{workflow_id}`, { ...place, workflow_id }, upstreamWorkflow);
      return `Start the workflow ${workflow_id} of ${login}/${name} on ${at}?`;
    }
    if (method !== 'delete_workflow_run_logs') return undefined;
    await github.request(`GET ${BASE}/runs/{run_id}`, { ...place, run_id }, upstreamRun);
    return `Delete the logs of run ${run_id} of ${login}/${name}?`;
  },
  async run({ method, owner: login, repo: name, workflow_id = '', ref: at = '', inputs, run_id = 0 }, { github }) {
    const place = { owner: login, repo: name };
    if (method === 'run_workflow') {
      const route = `POST ${BASE}/workflows/{workflow_id}/dispatches` as const;
      // GitHub passes inputs on as text.
      const values = inputs && Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, String(value)]));
      const body = { ...place, workflow_id, ref: at, return_run_details: true, ...(values && { inputs: values }) };
      const sent = github.request(route, body, upstreamDispatch);
      const hint =
        'The workflow needs a workflow_dispatch trigger on that ref, and inputs that it declares. Read its file with get_file_contents.';
      const { data } = await withHint(sent, 'upstream_invalid', hint);
      return { data: lean({ done: method, run_id: data?.workflow_run_id }) };
    }
    const run = { ...place, run_id };
    const one = `${BASE}/runs/{run_id}` as const;
    if (method === 'rerun_workflow_run') await github.request(`POST ${one}/rerun`, run, upstreamNothing);
    else if (method === 'rerun_failed_jobs')
      await github.request(`POST ${one}/rerun-failed-jobs`, run, upstreamNothing);
    else if (method === 'cancel_workflow_run') await github.request(`POST ${one}/cancel`, run, upstreamNothing);
    else await github.request(`DELETE ${one}/logs`, run, upstreamNothing);
    return { data: { done: method, run_id } };
  },
});
