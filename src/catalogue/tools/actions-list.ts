import * as z from 'zod';
import {
  artifactView,
  jobView,
  runView,
  viewArtifact,
  viewJob,
  viewRun,
  viewWorkflow,
  workflowView,
} from '../action-view.ts';
import { after, idText, owner, page, paged, perPage, ref, repo, text } from '../arguments.ts';
import { fitPage, onePage } from '../collect.ts';
import { defineTool } from '../define.ts';
import { upstreamArtifacts, upstreamJobs, upstreamRuns, upstreamWorkflows } from '../upstream-operations.ts';

const NAMES = {
  list_workflows: 'workflows',
  list_workflow_runs: 'workflow_runs',
  list_workflow_jobs: 'jobs',
  list_workflow_run_artifacts: 'artifacts',
} as const;

export const actionsList = defineTool({
  name: 'actions_list',
  title: 'List workflows, runs, jobs or artifacts',
  description: 'List workflows, their runs, or the jobs or artifacts of a run.',
  toolset: 'actions',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z
    .strictObject({
      method: z.enum(['list_workflows', 'list_workflow_runs', 'list_workflow_jobs', 'list_workflow_run_artifacts']),
      owner,
      repo,
      resource_id: idText.optional().describe('Runs: id or file name of the workflow. Jobs, artifacts: id of the run'),
      workflow_runs_filter: z
        .strictObject({
          actor: text(100).optional(),
          branch: ref.optional(),
          event: text(100).optional(),
          status: text(100).optional().describe('Such as in_progress or failure'),
        })
        .optional(),
      workflow_jobs_filter: z.strictObject({ filter: z.enum(['latest', 'all']).optional() }).optional(),
      page: page.optional(),
      per_page: perPage.optional(),
      after,
    })
    .superRefine(({ method, resource_id: id }, context) => {
      const ofRun = method === 'list_workflow_jobs' || method === 'list_workflow_run_artifacts';
      if (ofRun && !/^\d+$/.test(id ?? '')) {
        context.addIssue({ code: 'custom', path: ['resource_id'], message: 'must be the id of a run' });
      }
    }),
  output: z.object({
    total_count: z.int(),
    workflows: z.array(workflowView).optional(),
    workflow_runs: z.array(runView).optional(),
    jobs: z.array(jobView).optional(),
    artifacts: z.array(artifactView).optional(),
    ...paged,
  }),
  async run(args, { github }) {
    const { total_count, views, ...place } = await list();
    const { shown, truncated, next } = fitPage<object>(views, place);
    return {
      data: {
        total_count,
        [NAMES[args.method]]: shown,
        ...(truncated && { truncated }),
        ...(next?.page && next.perPage && { next: { page: next.page, per_page: next.perPage } }),
      },
    };

    async function list() {
      const { method, owner: login, repo: name, resource_id: id, workflow_runs_filter: filter = {} } = args;
      const at = { owner: login, repo: name };
      const paging = { page: args.page, perPage: args.per_page };
      const base = '/repos/{owner}/{repo}/actions' as const;
      if (method === 'list_workflows') {
        const { data, ...rest } = await onePage(github, `GET ${base}/workflows`, at, upstreamWorkflows, paging);
        return { ...rest, total_count: data.total_count, views: data.workflows.map(viewWorkflow) };
      }
      if (method === 'list_workflow_runs') {
        const query = { ...at, ...(filter as Record<string, never>) };
        const { data, ...rest } =
          id === undefined
            ? await onePage(github, `GET ${base}/runs`, query, upstreamRuns, paging)
            : await onePage(
                github,
                `GET ${base}/workflows/{workflow_id}/runs`,
                { ...query, workflow_id: id },
                upstreamRuns,
                paging,
              );
        return { ...rest, total_count: data.total_count, views: data.workflow_runs.map(viewRun) };
      }
      const run = { ...at, run_id: Number(id) };
      if (method === 'list_workflow_jobs') {
        const jobs = { ...run, filter: args.workflow_jobs_filter?.filter ?? 'latest' };
        const { data, ...rest } = await onePage(github, `GET ${base}/runs/{run_id}/jobs`, jobs, upstreamJobs, paging);
        return { ...rest, total_count: data.total_count, views: data.jobs.map(viewJob) };
      }
      const { data, ...rest } = await onePage(
        github,
        `GET ${base}/runs/{run_id}/artifacts`,
        run,
        upstreamArtifacts,
        paging,
      );
      return { ...rest, total_count: data.total_count, views: data.artifacts.map(viewArtifact) };
    }
  },
});
