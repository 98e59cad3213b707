/** Workflows, runs, jobs and artifacts as a model sees them. */
import * as z from 'zod';
import { lean } from './lean.ts';
import type { UpstreamJob, UpstreamRun, upstreamArtifact, upstreamWorkflow } from './upstream-operations.ts';

const id = z.int();
const time = z.string().optional();

export const workflowView = z.object({ id, name: z.string(), path: z.string(), state: z.string() });

export const runView = z.object({
  id,
  workflow: z.string().optional(),
  workflow_id: z.int().optional(),
  title: z.string().optional(),
  number: z.int().optional(),
  attempt: z.int().optional(),
  event: z.string().optional(),
  status: z.string().optional(),
  conclusion: z.string().optional(),
  branch: z.string().optional(),
  sha: z.string().optional(),
  actor: z.string().optional(),
  pull_requests: z.array(z.int()).optional(),
  created_at: time,
  updated_at: time,
});

export const jobView = z.object({
  id,
  name: z.string(),
  status: z.string(),
  conclusion: z.string().optional(),
  started_at: time,
  completed_at: time,
  failed_steps: z.array(z.string()).optional(),
  running_step: z.string().optional(),
});
export const stepView = z.object({
  number: z.int(),
  name: z.string(),
  status: z.string().optional(),
  conclusion: z.string().optional(),
});

export const artifactView = z.object({
  id,
  name: z.string(),
  size_in_bytes: z.int(),
  expired: z.boolean().optional(),
  created_at: time,
  expires_at: time,
});

export function viewWorkflow({ id, name, path, state }: z.output<typeof upstreamWorkflow>) {
  return { id, name, path, state };
}

export function viewRun(run: UpstreamRun): z.input<typeof runView> {
  return lean({
    id: run.id,
    workflow: run.name,
    workflow_id: run.workflow_id,
    title: run.display_title,
    number: run.run_number,
    attempt: (run.run_attempt ?? 1) > 1 ? run.run_attempt : undefined,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    branch: run.head_branch,
    sha: run.head_sha,
    actor: run.actor?.login,
    pull_requests: run.pull_requests?.map((pull) => pull.number),
    created_at: run.created_at,
    updated_at: run.updated_at,
  });
}

const BAD: ReadonlySet<string | null | undefined> = new Set(['failure', 'timed_out', 'startup_failure']);

/** Whether a job, step or check with this conclusion failed. */
export function isFailed(conclusion: string | null | undefined): boolean {
  return BAD.has(conclusion);
}

export function viewJob(job: UpstreamJob): z.input<typeof jobView> {
  return lean({
    id: job.id,
    name: job.name,
    status: job.status,
    conclusion: job.conclusion,
    started_at: job.started_at,
    completed_at: job.completed_at,
    failed_steps: job.steps?.filter((step) => isFailed(step.conclusion)).map((step) => step.name),
    running_step: job.steps?.find((step) => step.status === 'in_progress')?.name,
  });
}

export function viewSteps({ steps }: UpstreamJob): z.input<typeof stepView>[] {
  return (steps ?? []).map(({ number, name, status, conclusion }) =>
    lean({ number, name, status: status === 'completed' ? undefined : status, conclusion }),
  );
}

export function viewArtifact(artifact: z.output<typeof upstreamArtifact>): z.input<typeof artifactView> {
  const { id, name, size_in_bytes, expired, created_at, expires_at } = artifact;
  return lean({ id, name, size_in_bytes, expired: expired === true ? true : undefined, created_at, expires_at });
}
