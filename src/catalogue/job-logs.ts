/** Which jobs of a run failed, and what becomes of logs that cannot be read. */
import type { ErrorCode } from '../core/errors.ts';
import type { GitHub } from '../github/client.ts';
import { isFailed } from './action-view.ts';
import { type UpstreamJob, upstreamJobs } from './upstream-operations.ts';

/** Most bytes of one log that are looked through. Only a few KB of them are ever kept. */
export const MAX_LOG_BYTES = 128 * 1024 * 1024;
/** Failures that concern one job only. */
export const OF_ONE_JOB: ReadonlySet<ErrorCode> = new Set(['upstream_not_found', 'upstream_unavailable', 'too_large']);
const MAX_PAGES = 5;

/** In: a run. Out: its failed jobs, of the first 500. */
export async function failedJobs(
  github: GitHub,
  { owner, repo, run_id }: { readonly owner: string; readonly repo: string; readonly run_id: number },
): Promise<UpstreamJob[]> {
  const failed: UpstreamJob[] = [];
  const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs';
  const parameters = { owner, repo, run_id, per_page: 100 };
  for await (const { data } of github.pages(route, parameters, upstreamJobs, MAX_PAGES)) {
    failed.push(...data.jobs.filter((job) => isFailed(job.conclusion)));
  }
  return failed;
}
