import * as z from 'zod';
import {
  artifactView,
  jobView,
  runView,
  stepView,
  viewArtifact,
  viewJob,
  viewRun,
  viewSteps,
  viewWorkflow,
  workflowView,
} from '../action-view.ts';
import { idText, owner, repo } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { lean } from '../lean.ts';
import { upstreamArtifact, upstreamJob, upstreamRun, upstreamUsage, upstreamWorkflow } from '../upstream-operations.ts';

const METHODS = [
  'get_workflow',
  'get_workflow_run',
  'get_workflow_job',
  'download_workflow_run_artifact',
  'get_workflow_run_usage',
  'get_workflow_run_logs_url',
] as const;

export const actionsGet = defineTool({
  name: 'actions_get',
  title: 'Get workflow, run, job or artifact',
  description:
    'Get one workflow, run, job with steps, artifact, or usage or log archive of a run. Read logs with get_job_logs.',
  toolset: 'actions',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z
    .strictObject({
      method: z.enum(METHODS),
      owner,
      repo,
      resource_id: idText.describe('Id; of a workflow also its file name'),
    })
    .superRefine(({ method, resource_id: id }, context) => {
      if (method !== 'get_workflow' && !/^\d{1,16}$/.test(id)) {
        context.addIssue({ code: 'custom', path: ['resource_id'], message: 'must be an id, in digits' });
      }
    }),
  output: z.object({
    workflow: workflowView.optional(),
    workflow_run: runView.optional(),
    job: jobView.extend({ steps: z.array(stepView) }).optional(),
    usage: z
      .object({
        run_duration_ms: z.int().optional(),
        billable: z.array(z.object({ os: z.string(), jobs: z.int(), total_ms: z.int() })),
      })
      .optional(),
    artifact: artifactView.optional(),
    download_url: z.string().optional().describe('ZIP. Opens to anyone who has it, for a minute'),
  }),
  async run({ method, owner: login, repo: name, resource_id: id }, { github }) {
    const at = { owner: login, repo: name };
    const number = Number(id);
    const base = '/repos/{owner}/{repo}/actions' as const;
    switch (method) {
      case 'get_workflow': {
        const route = `GET ${base}/workflows/{workflow_id}` as const;
        const { data } = await github.request(route, { ...at, workflow_id: id }, upstreamWorkflow);
        return { data: { workflow: viewWorkflow(data) } };
      }
      case 'get_workflow_run': {
        const { data } = await github.request(`GET ${base}/runs/{run_id}`, { ...at, run_id: number }, upstreamRun);
        return { data: { workflow_run: viewRun(data) } };
      }
      case 'get_workflow_job': {
        const { data } = await github.request(`GET ${base}/jobs/{job_id}`, { ...at, job_id: number }, upstreamJob);
        return { data: { job: { ...viewJob(data), steps: viewSteps(data) } } };
      }
      case 'get_workflow_run_usage': {
        const route = `GET ${base}/runs/{run_id}/timing` as const;
        const { data } = await github.request(route, { ...at, run_id: number }, upstreamUsage);
        const billable = Object.entries(data.billable).flatMap(([os, billed]) =>
          billed === undefined ? [] : [{ os, jobs: billed.jobs, total_ms: billed.total_ms }],
        );
        return { data: { usage: { ...lean({ run_duration_ms: data.run_duration_ms }), billable } } };
      }
      case 'get_workflow_run_logs_url': {
        const url = await github.location(`GET ${base}/runs/{run_id}/logs`, { ...at, run_id: number });
        return { data: { download_url: url.href } };
      }
      case 'download_workflow_run_artifact': {
        const place = { ...at, artifact_id: number };
        const { data } = await github.request(`GET ${base}/artifacts/{artifact_id}`, place, upstreamArtifact);
        const route = `GET ${base}/artifacts/{artifact_id}/{archive_format}` as const;
        const url = await github.location(route, { ...place, archive_format: 'zip' });
        return { data: { artifact: viewArtifact(data), download_url: url.href } };
      }
    }
  },
});
