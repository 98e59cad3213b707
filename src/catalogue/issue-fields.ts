/** Custom fields of issues: from the names a model knows to the ids that GitHub wants (GitHub REST, "Issue fields"). */
import * as z from 'zod';
import { AppError } from '../core/errors.ts';
import type { GitHub } from '../github/client.ts';
import { unfit } from '../github/guard.ts';
import { text } from './arguments.ts';
import { afterwards, withHint } from './lean.ts';
import { upstreamIssueFields } from './upstream.ts';

/** One change, with the names of GitHub's own server. */
export const fieldChange = z
  .strictObject({
    field_name: text(100, 1),
    value: z
      .union([text(1024), z.number(), z.boolean()])
      .optional()
      .describe('A date as YYYY-MM-DD'),
    field_option_name: text(100, 1).optional(),
    delete: z.boolean().optional(),
  })
  .superRefine((change, context) => {
    const given = [change.value, change.field_option_name, change.delete === true ? true : undefined];
    if (given.filter((part) => part !== undefined).length === 1) return;
    context.addIssue({ code: 'custom', message: 'needs exactly one of value, field_option_name or delete: true' });
  });
type FieldChange = z.output<typeof fieldChange>;

export interface FieldChanges {
  readonly set: { field_id: number; value: string | number }[];
  readonly remove: readonly number[];
}

const NO_FIELDS = 'Custom fields need an organization that uses them; leave issue_fields out otherwise.';

/**
 * In: changes by name. Out: the same by id. Throws `invalid_arguments` naming the change whose field or option the
 * organization does not have.
 */
export async function resolveFields(
  github: GitHub,
  org: string,
  changes: readonly FieldChange[],
): Promise<FieldChanges> {
  if (changes.length === 0) return { set: [], remove: [] };
  const request = github.request('GET /orgs/{org}/issue-fields', { org }, upstreamIssueFields);
  const { data: known } = await withHint(request, 'upstream_not_found', NO_FIELDS);
  const resolved = changes.map((change, index) => {
    const at = `issue_fields[${index}]`;
    const field = known.find(({ name }) => same(name, change.field_name));
    if (field === undefined) throw unfit(`${at}.field_name`, 'is not a field of the organization');
    const option = field.options?.find(({ name }) => same(name, change.field_option_name ?? String(change.value)));
    if (change.field_option_name !== undefined && option === undefined) {
      throw unfit(`${at}.field_option_name`, 'is not an option of the field');
    }
    const value = option?.name ?? (typeof change.value === 'boolean' ? String(change.value) : change.value);
    return { field_id: field.id, value: change.delete === true ? undefined : value };
  });
  return {
    set: resolved.flatMap(({ field_id, value }) => (value === undefined ? [] : [{ field_id, value }])),
    remove: resolved.flatMap(({ field_id, value }) => (value === undefined ? [field_id] : [])),
  };
}

/**
 * Sets and removes values of an issue whose other changes are made already. A failure says so, because a model that
 * repeats the whole call would repeat those.
 */
export async function setFields(
  github: GitHub,
  place: { readonly owner: string; readonly repo: string; readonly issue_number: number },
  { set, remove }: FieldChanges,
): Promise<void> {
  const route = '/repos/{owner}/{repo}/issues/{issue_number}/issue-field-values' as const;
  const work = async () => {
    if (set.length > 0) await github.request(`POST ${route}`, { ...place, issue_field_values: set }, z.unknown());
    for (const issue_field_id of remove) {
      await github
        .request(`DELETE ${route}/{issue_field_id}`, { ...place, issue_field_id }, z.unknown())
        // Without a value there is nothing to take away.
        .catch(unless('upstream_not_found'));
    }
  };
  const hint = 'Call again with method update and issue_fields only.';
  await afterwards(work(), 'The issue was updated, but not all of issue_fields', hint);
}

function unless(code: AppError['code']): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof AppError) || error.code !== code) throw error;
  };
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
