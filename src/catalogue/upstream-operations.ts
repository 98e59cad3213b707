/** What the tools of Actions, checks, notifications and security alerts need of GitHub's answers; see upstream.ts. */
import * as z from 'zod';
import { literal, maybeLiteral, maybeMarkdown, maybeText, text, upstreamUser } from './upstream.ts';

const count = z.number().nullish();
const flag = z.boolean().nullish();

export const upstreamWorkflow = z.object({ id: z.number(), name: text, path: literal, state: text });
export const upstreamWorkflows = z.object({ total_count: z.number(), workflows: z.array(upstreamWorkflow) });

export const upstreamRun = z.object({
  id: z.number(),
  name: maybeText,
  display_title: maybeText,
  workflow_id: count,
  run_number: count,
  run_attempt: count,
  event: maybeText,
  status: maybeText,
  conclusion: maybeText,
  head_branch: maybeText,
  head_sha: maybeText,
  actor: upstreamUser,
  pull_requests: z.array(z.object({ number: z.number() })).nullish(),
  created_at: maybeText,
  updated_at: maybeText,
});
export type UpstreamRun = z.output<typeof upstreamRun>;
export const upstreamRuns = z.object({ total_count: z.number(), workflow_runs: z.array(upstreamRun) });

export const upstreamJob = z.object({
  id: z.number(),
  name: text,
  status: text,
  conclusion: maybeText,
  started_at: maybeText,
  completed_at: maybeText,
  steps: z.array(z.object({ number: z.number(), name: text, status: text, conclusion: maybeText })).nullish(),
});
export type UpstreamJob = z.output<typeof upstreamJob>;
export const upstreamJobs = z.object({ total_count: z.number(), jobs: z.array(upstreamJob) });

export const upstreamArtifact = z.object({
  id: z.number(),
  name: text,
  size_in_bytes: z.number(),
  expired: flag,
  created_at: maybeText,
  expires_at: maybeText,
});
export const upstreamArtifacts = z.object({ total_count: z.number(), artifacts: z.array(upstreamArtifact) });

const billed = z.object({ total_ms: z.number(), jobs: z.number() }).optional();
export const upstreamUsage = z.object({
  billable: z.object({ UBUNTU: billed, MACOS: billed, WINDOWS: billed }),
  run_duration_ms: count,
});

/** GitHub says which run it made since 2026; before, and at older servers, the answer is empty. */
export const upstreamDispatch = z.object({ workflow_run_id: z.number() }).optional();
export const upstreamNothing = z.unknown().transform(() => undefined);

export const upstreamThread = z.object({
  id: text,
  repository: z.object({ full_name: text }).nullish(),
  subject: z.object({ title: text, url: maybeText, type: text }),
  reason: text,
  unread: z.boolean(),
  updated_at: text,
  last_read_at: maybeText,
});
export const upstreamThreads = z.array(upstreamThread);

export const upstreamCodeAlert = z.object({
  number: z.number(),
  state: maybeText,
  created_at: text,
  fixed_at: maybeText,
  dismissed_at: maybeText,
  dismissed_by: upstreamUser,
  dismissed_reason: maybeText,
  dismissed_comment: maybeText,
  rule: z.object({
    id: maybeText,
    severity: maybeText,
    security_severity_level: maybeText,
    description: maybeText,
    full_description: maybeText,
    tags: z.array(text).nullish(),
    help: maybeMarkdown,
  }),
  tool: z.object({ name: maybeText }),
  most_recent_instance: z
    .object({
      ref: maybeText,
      commit_sha: maybeText,
      message: z.object({ text: maybeText }).nullish(),
      location: z.object({ path: maybeLiteral, start_line: count, end_line: count }).nullish(),
    })
    .nullish(),
});
export const upstreamCodeAlerts = z.array(upstreamCodeAlert);

/** Without `secret`: what is not read cannot come out. */
export const upstreamSecretAlert = z.object({
  number: z.number(),
  state: maybeText,
  created_at: maybeText,
  resolution: maybeText,
  resolved_at: maybeText,
  resolved_by: upstreamUser,
  resolution_comment: maybeText,
  secret_type: maybeText,
  secret_type_display_name: maybeText,
  validity: maybeText,
  publicly_leaked: flag,
  multi_repo: flag,
  push_protection_bypassed: flag,
  push_protection_bypassed_by: upstreamUser,
  first_location_detected: z
    .object({ path: maybeLiteral, start_line: count, end_line: count, commit_sha: maybeText })
    .nullish(),
  has_more_locations: flag,
});
export const upstreamSecretAlerts = z.array(upstreamSecretAlert);

export const upstreamDependabotAlert = z.object({
  number: z.number(),
  state: text,
  created_at: text,
  fixed_at: maybeText,
  dismissed_at: maybeText,
  dismissed_by: upstreamUser,
  dismissed_reason: maybeText,
  dismissed_comment: maybeText,
  dependency: z.object({
    package: z.object({ ecosystem: maybeText, name: maybeText }).nullish(),
    manifest_path: maybeLiteral,
    scope: maybeText,
    relationship: maybeText,
  }),
  security_advisory: z.object({
    ghsa_id: text,
    cve_id: maybeText,
    summary: text,
    description: maybeMarkdown,
    severity: text,
    cvss: z.object({ score: count, vector_string: maybeText }).nullish(),
    cwes: z.array(z.object({ cwe_id: text, name: maybeText })).nullish(),
  }),
  security_vulnerability: z.object({
    vulnerable_version_range: maybeText,
    first_patched_version: z.object({ identifier: maybeText }).nullish(),
  }),
});
export const upstreamDependabotAlerts = z.array(upstreamDependabotAlert);
