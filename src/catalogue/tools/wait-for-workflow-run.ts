import * as z from 'zod';
import type { GitHub } from '../../github/client.ts';
import { isFailed, runView, viewRun } from '../action-view.ts';
import { id, owner, repo } from '../arguments.ts';
import { type Clock, clock } from '../clock.ts';
import { defineTool } from '../define.ts';
import { lean } from '../lean.ts';
import { type Look, POLL_TIMEOUT_MS, poll, timeoutSeconds } from '../poll.ts';
import { type UpstreamJob, type UpstreamRun, upstreamJobs, upstreamRun } from '../upstream-operations.ts';

/** Most jobs named in a list of the result, and most pages of 100 jobs read at each look. */
const MAX_NAMED = 50;
const MAX_PAGES = 3;

interface State {
  readonly run: UpstreamRun;
  readonly jobs: readonly UpstreamJob[];
}

/** Enough to know the run again; all of it is what actions_get gives. */
const waited = runView.pick({ id: true, workflow: true, title: true, status: true, conclusion: true, sha: true });

const named = z.array(z.object({ id: z.int(), name: z.string(), conclusion: z.string().optional() })).optional();

/** In: the time to wait by. Out: the tool. */
export const createWaitForWorkflowRun = (time: Clock) =>
  defineTool({
    name: 'wait_for_workflow_run',
    title: 'Wait for workflow run',
    description: 'Wait until a workflow run is finished. Where finished is false, call again.',
    toolset: 'actions',
    access: 'read',
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
    timeoutMs: POLL_TIMEOUT_MS,
    input: z.strictObject({ owner, repo, run_id: id, timeout_seconds: timeoutSeconds }),
    output: z.object({
      finished: z.boolean(),
      workflow_run: waited,
      jobs: z.object({ total: z.int(), completed: z.int() }),
      failed_jobs: named,
      unfinished_jobs: named,
      waited_seconds: z.int(),
    }),
    async run({ owner: login, repo: name, run_id, timeout_seconds }, context) {
      const place = { owner: login, repo: name, run_id };
      const polled = await poll(context, time, timeout_seconds, () => look(context.github, place));
      const { run, jobs } = polled.state;
      const name_ = (chosen: readonly UpstreamJob[]) =>
        chosen.slice(0, MAX_NAMED).map((job) => lean({ id: job.id, name: job.name, conclusion: job.conclusion }));
      const unfinished = jobs.filter((job) => job.status !== 'completed');
      return {
        data: {
          finished: polled.finished,
          workflow_run: waited.parse(viewRun(run)),
          jobs: { total: jobs.length, completed: jobs.length - unfinished.length },
          ...lean({
            failed_jobs: name_(jobs.filter((job) => isFailed(job.conclusion))),
            unfinished_jobs: name_(unfinished),
          }),
          waited_seconds: polled.waited_seconds,
        },
      };
    },
  });

export const waitForWorkflowRun = createWaitForWorkflowRun(clock);

async function look(github: GitHub, place: { owner: string; repo: string; run_id: number }): Promise<Look<State>> {
  const { data: run } = await github.request('GET /repos/{owner}/{repo}/actions/runs/{run_id}', place, upstreamRun);
  const jobs: UpstreamJob[] = [];
  const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs';
  for await (const { data } of github.pages(route, { ...place, per_page: 100 }, upstreamJobs, MAX_PAGES)) {
    jobs.push(...data.jobs);
  }
  const done = jobs.filter((job) => job.status === 'completed').length;
  const running = jobs.filter((job) => job.status === 'in_progress').map((job) => job.name);
  const message = `${done} of ${jobs.length} jobs done${running.length > 0 ? `; running: ${running.slice(0, 3).join(', ')}` : ''}`;
  return { state: { run, jobs }, finished: run.status === 'completed', done, total: Math.max(1, jobs.length), message };
}
