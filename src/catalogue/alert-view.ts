/** Security alerts as a model sees them. Of a leaked secret: where it is and of which kind, never what it is. */
import * as z from 'zod';
import { cutText, jsonBytes, RESERVE, RESULT_BUDGET } from '../output/budget.ts';
import { lean } from './lean.ts';
import type { upstreamCodeAlert, upstreamDependabotAlert, upstreamSecretAlert } from './upstream-operations.ts';

const maybe = z.string().optional();
/** What every alert says of its end. */
const closing = { fixed_at: maybe, dismissed_at: maybe, dismissed_by: maybe, dismissed_reason: maybe };

export const codeAlertSummary = z.object({
  number: z.int(),
  state: maybe,
  rule: maybe,
  severity: maybe,
  description: maybe,
  tool: maybe,
  message: maybe,
  path: maybe,
  start_line: z.int().optional(),
  end_line: z.int().optional(),
  ref: maybe,
  created_at: maybe,
});
export const codeAlertView = codeAlertSummary.extend({
  ...closing,
  dismissed_comment: maybe,
  commit_sha: maybe,
  tags: z.array(z.string()).optional(),
  full_description: maybe,
  help: maybe,
  truncated: z.boolean().optional(),
});

export function summariseCodeAlert(alert: z.output<typeof upstreamCodeAlert>): z.input<typeof codeAlertSummary> {
  const { rule, most_recent_instance: seen } = alert;
  return lean({
    number: alert.number,
    state: alert.state,
    rule: rule.id,
    severity: rule.security_severity_level ?? rule.severity,
    description: rule.description,
    tool: alert.tool.name,
    message: seen?.message?.text,
    path: seen?.location?.path,
    start_line: seen?.location?.start_line,
    end_line: seen?.location?.end_line === seen?.location?.start_line ? undefined : seen?.location?.end_line,
    ref: seen?.ref,
    created_at: alert.created_at,
  });
}

export function viewCodeAlert(alert: z.output<typeof upstreamCodeAlert>): z.input<typeof codeAlertView> {
  const { rule, most_recent_instance: seen } = alert;
  const view = {
    ...summariseCodeAlert(alert),
    ...lean({
      ...closingOf(alert),
      commit_sha: seen?.commit_sha,
      tags: rule.tags,
      full_description: rule.full_description === rule.description ? undefined : rule.full_description,
    }),
  };
  return withText(view, 'help', rule.help);
}

export const secretAlertView = z.object({
  number: z.int(),
  state: maybe,
  secret_type: maybe,
  secret_type_name: maybe,
  validity: maybe,
  publicly_leaked: z.boolean().optional(),
  multi_repo: z.boolean().optional(),
  push_protection_bypassed_by: maybe,
  path: maybe.describe('Where it was seen first'),
  start_line: z.int().optional(),
  commit_sha: maybe,
  more_locations: z.boolean().optional(),
  resolution: maybe,
  resolved_at: maybe,
  resolved_by: maybe,
  resolution_comment: maybe,
  created_at: maybe,
});

export function viewSecretAlert(alert: z.output<typeof upstreamSecretAlert>): z.input<typeof secretAlertView> {
  const { first_location_detected: first } = alert;
  const yes = (flag: boolean | null | undefined) => (flag === true ? true : undefined);
  return lean({
    number: alert.number,
    state: alert.state,
    secret_type: alert.secret_type,
    secret_type_name: alert.secret_type_display_name,
    validity: alert.validity,
    publicly_leaked: yes(alert.publicly_leaked),
    multi_repo: yes(alert.multi_repo),
    push_protection_bypassed_by: alert.push_protection_bypassed_by?.login,
    path: first?.path,
    start_line: first?.start_line,
    commit_sha: first?.commit_sha,
    more_locations: yes(alert.has_more_locations),
    resolution: alert.resolution,
    resolved_at: alert.resolved_at,
    resolved_by: alert.resolved_by?.login,
    resolution_comment: alert.resolution_comment,
    created_at: alert.created_at,
  });
}

export const dependabotSummary = z.object({
  number: z.int(),
  state: z.string(),
  severity: z.string(),
  package: maybe,
  ecosystem: maybe,
  manifest_path: maybe,
  scope: maybe,
  relationship: maybe,
  ghsa_id: z.string(),
  cve_id: maybe,
  summary: z.string(),
  vulnerable_versions: maybe,
  patched_version: maybe,
  created_at: maybe,
});
export const dependabotView = dependabotSummary.extend({
  ...closing,
  dismissed_comment: maybe,
  cvss: z.number().optional(),
  cvss_vector: maybe,
  cwes: z.array(z.string()).optional(),
  description: maybe,
  truncated: z.boolean().optional(),
});

export function summariseDependabot(
  alert: z.output<typeof upstreamDependabotAlert>,
): z.input<typeof dependabotSummary> {
  const { dependency, security_advisory: advisory, security_vulnerability: vulnerability } = alert;
  return lean({
    number: alert.number,
    state: alert.state,
    severity: advisory.severity,
    package: dependency.package?.name,
    ecosystem: dependency.package?.ecosystem,
    manifest_path: dependency.manifest_path,
    scope: dependency.scope,
    relationship: dependency.relationship,
    ghsa_id: advisory.ghsa_id,
    cve_id: advisory.cve_id,
    summary: advisory.summary,
    vulnerable_versions: vulnerability.vulnerable_version_range,
    patched_version: vulnerability.first_patched_version?.identifier,
    created_at: alert.created_at,
  });
}

export function viewDependabot(alert: z.output<typeof upstreamDependabotAlert>): z.input<typeof dependabotView> {
  const { cvss, cwes, description } = alert.security_advisory;
  const view = {
    ...summariseDependabot(alert),
    ...lean({
      ...closingOf(alert),
      cvss: cvss?.score,
      cvss_vector: cvss?.vector_string,
      cwes: cwes?.map(({ cwe_id, name }) => (name ? `${cwe_id} ${name}` : cwe_id)),
    }),
  };
  return withText(view, 'description', description);
}

type Closing = Pick<
  z.output<typeof upstreamCodeAlert>,
  'fixed_at' | 'dismissed_at' | 'dismissed_by' | 'dismissed_reason' | 'dismissed_comment'
>;

function closingOf({ fixed_at, dismissed_at, dismissed_by, dismissed_reason, dismissed_comment }: Closing) {
  return lean({ fixed_at, dismissed_at, dismissed_by: dismissed_by?.login, dismissed_reason, dismissed_comment });
}

/** The view with as much of its longest text as there is room for. */
function withText<View extends object>(view: View, field: string, text: string | null | undefined): View {
  if (!text) return view;
  const cut = cutText(text, RESULT_BUDGET - RESERVE - jsonBytes(view));
  return { ...view, [field]: cut.text, ...(cut.truncated && { truncated: true }) };
}
