/** STAND-INS: workflow runs, their jobs and artifacts in the shapes of GitHub's API, from what seed-operations.ts says. */
import * as seed from './seed-operations.ts';
import type { Call } from './stand-ins.ts';

/** In: an id or a file name, as GitHub takes either. */
export function workflow(idOrFile: string | undefined) {
  return seed.WORKFLOWS.find(({ id, path }) => String(id) === idOrFile || path.endsWith(`/${idOrFile}`));
}

/** The first `jobs - left` jobs of a run are finished, the next one runs. */
export function asJob(run: seed.Run, index: number) {
  const { id, name, steps, conclusion } = run.jobs[index] as seed.Job;
  const place = index - (run.jobs.length - run.left);
  const status = place < 0 ? 'completed' : place === 0 ? 'in_progress' : 'queued';
  const end = place >= 0 ? null : run.cancelled ? 'cancelled' : conclusion;
  return {
    id,
    run_id: run.id,
    name,
    status,
    conclusion: end,
    started_at: '2026-11-20T09:00:00Z',
    completed_at: place < 0 ? '2026-11-20T09:01:30Z' : null,
    labels: ['ubuntu-latest'],
    runner_name: 'GitHub Actions 1',
    steps: steps.map((step, i) => ({
      number: i + 1,
      name: step,
      status: place < 0 ? 'completed' : 'queued',
      conclusion: place >= 0 ? null : i === steps.length - 1 ? end : 'success',
    })),
  };
}

/** A run as GitHub shows it. */
export function asRun(run: seed.Run) {
  const { name, path } = workflow(String(run.workflow)) ?? {};
  const conclusion = run.cancelled
    ? 'cancelled'
    : run.jobs.some((job) => job.conclusion === 'failure')
      ? 'failure'
      : 'success';
  return {
    id: run.id,
    name,
    path,
    display_title: run.title,
    workflow_id: run.workflow,
    run_number: run.id - 2000,
    run_attempt: run.attempt,
    event: run.event,
    status: run.left > 0 ? 'in_progress' : 'completed',
    conclusion: run.left > 0 ? null : conclusion,
    head_branch: run.branch,
    head_sha: 'c0ffee0000000000000000000000000000000000',
    actor: { login: 'octocat' },
    pull_requests: [],
    created_at: '2026-11-20T09:00:00Z',
    updated_at: '2026-11-20T09:01:35Z',
    run_started_at: '2026-11-20T09:00:00Z',
  };
}

/** Runs, newest first, as the branch and the status of the query narrow them: a status is also a conclusion. */
export function filtered(runs: readonly seed.Run[], { url }: Call, workflowId?: number) {
  const [branch, status] = [url.searchParams.get('branch'), url.searchParams.get('status')];
  return runs
    .filter((run) => (workflowId === undefined || run.workflow === workflowId) && (branch ?? run.branch) === run.branch)
    .map(asRun)
    .filter((run) => status === null || run.status === status || run.conclusion === status)
    .reverse();
}

/** The one artifact of a run. */
export function artifact(run: seed.Run) {
  const dates = { created_at: '2026-11-20T09:01:00Z', expires_at: '2027-02-18T09:01:00Z' };
  return { id: 4000 + run.id, name: 'coverage', size_in_bytes: 51200, expired: false, ...dates };
}
