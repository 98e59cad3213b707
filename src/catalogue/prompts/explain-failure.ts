import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import { isFailed } from '../action-view.ts';
import { owner, repo } from '../arguments.ts';
import { failedRuns, owners, repos } from '../completers.ts';
import { type CallContext, definePrompt } from '../define.ts';
import { failedJobs, MAX_LOG_BYTES, OF_ONE_JOB } from '../job-logs.ts';
import { withHint } from '../lean.ts';
import { choose, linesOf, tailOf } from '../lines.ts';
import { cleanerOf } from '../log-line.ts';
import { type UpstreamJob, type UpstreamRun, upstreamRun } from '../upstream-operations.ts';
import { embedded, plainText, text, untrusted } from './embedding.ts';

/** Bytes of all logs together; each failed job gets its part. */
const LOGS_BUDGET = 64 * 1024;
/** Failed jobs whose logs are embedded, and lines from the end of each. */
const MAX_JOBS = 8;
const TAIL = 1000;

const HINT = 'Check owner, repo and run_id. GitHub also says "not found" for what the account may not see.';

export const explainFailure = definePrompt({
  name: 'explain_failure',
  title: 'Explain a failed workflow run',
  toolset: 'actions',
  description: 'Explains why a workflow run failed: the run and the ends of the logs of its failed jobs are embedded.',
  input: z.strictObject({
    owner: owner.describe('User or organization that owns the repository'),
    repo: repo.describe('Name of the repository, without its owner'),
    run_id: z
      .string()
      .regex(/^[1-9]\d{0,15}$/, 'must be a whole number from 1, in digits')
      .transform(Number)
      .describe('Id of the workflow run'),
  }),
  complete: { owner: owners, repo: repos, run_id: failedRuns },
  async get(place, context) {
    const { github, progress } = context;
    const request = github.request('GET /repos/{owner}/{repo}/actions/runs/{run_id}', place, upstreamRun);
    const { data: run } = await withHint(request, 'upstream_not_found', HINT);
    const failed = await failedJobs(github, place);
    const read = failed.slice(0, MAX_JOBS);
    await progress({ done: 1, total: 1 + read.length, message: 'Read the run' });
    const web = `${github.webUrl}/${place.owner}/${place.repo}/actions/runs/${place.run_id}`;
    // Unguessable, so that nothing inside a log can end it.
    const fence = crypto.randomUUID();
    const logs = [];
    for (const job of read) {
      const log = await tail(context, place, job, Math.floor(LOGS_BUDGET / read.length));
      logs.push(embedded(`${web}/job/${job.id}`, 'text/plain', fence, log));
      await progress({ done: 1 + logs.length, total: 1 + read.length, message: `Read ${logs.length} logs` });
    }
    const name = `${place.run_id} of ${place.owner}/${place.repo}`;
    return {
      description: `Failure of run ${name}`,
      messages: [
        text(instructions(name, failed.length, read.length, fence)),
        embedded(web, 'text/markdown', fence, describe(run, failed)),
        ...logs,
      ],
    };
  },
});

/** The end of a job's log, or why there is none. */
async function tail(
  { github }: CallContext,
  place: { readonly owner: string; readonly repo: string },
  job: UpstreamJob,
  room: number,
): Promise<string> {
  try {
    const parameters = { owner: place.owner, repo: place.repo, job_id: job.id };
    const bytes = github.download('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', parameters, MAX_LOG_BYTES);
    const chosen = await choose(linesOf(bytes), tailOf(TAIL, room, cleanerOf(false)));
    const { start_line: from = 0, end_line: to = 0, total_lines: all = 0 } = chosen;
    return `Log of job ${job.id}, ${plainText(job.name)}, lines ${from} to ${to} of ${all}\n\n${chosen.content}`;
  } catch (error) {
    if (!(error instanceof AppError) || !OF_ONE_JOB.has(error.code)) throw error;
    return `Log of job ${job.id}, ${plainText(job.name)}\n\n(not embedded: ${error.message})`;
  }
}

/** Most failed jobs that are named. */
const MAX_NAMED = 50;

function describe(run: UpstreamRun, failed: readonly UpstreamJob[]): string {
  const said = (value: string | null | undefined) => plainText(value ?? '') || 'unknown';
  return [
    `# ${said(run.name)}: ${said(run.display_title)}`,
    `Status: ${said(run.status)}, conclusion: ${run.conclusion ? plainText(run.conclusion) : 'none yet'}`,
    `Event: ${said(run.event)}, branch ${said(run.head_branch)}, commit ${said(run.head_sha)}`,
    `Attempt: ${run.run_attempt ?? 1}`,
    '',
    ...failed.slice(0, MAX_NAMED).map((job) => {
      const steps = (job.steps ?? []).filter((step) => isFailed(step.conclusion)).slice(0, 5);
      const names = steps.map((step) => plainText(step.name)).join(', ');
      return `- job ${job.id}, ${plainText(job.name)}: ${said(job.conclusion)}${names === '' ? '' : ` at ${names}`}`;
    }),
    ...(failed.length > MAX_NAMED ? [`- and ${failed.length - MAX_NAMED} more`] : []),
    ...(failed.length === 0 ? ['(no job failed)'] : []),
  ].join('\n');
}

function instructions(name: string, failed: number, read: number, fence: string): string {
  const count = failed === 1 ? '1 job failed' : `${failed} jobs failed`;
  return [
    `Explain why workflow run ${name} failed. ${count}; the run and the ends of ${read} logs follow as resources.`,
    '',
    'Find the first error that the others follow from, and quote its lines. Say whether the change, the test, or what ' +
      'it runs on is at fault, how sure you are and what would settle it; then propose the fix. get_job_logs reads ' +
      'earlier lines, or searches them. Do not run anything again until the person agrees.',
    '',
    untrusted(fence),
  ].join('\n');
}
