import * as z from 'zod';
import { id, number, owner, repo } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { lean, withHint } from '../lean.ts';
import { upstreamIssue } from '../upstream.ts';

const HINT =
  'Check issue_number, and sub_issue_id: it is the id of an issue, as issue_read returns it, not its number.';

export const subIssueWrite = defineTool({
  name: 'sub_issue_write',
  title: 'Change sub-issues',
  description: 'Add a sub-issue to an issue, remove it, or move it before or after another one.',
  toolset: 'issues',
  access: 'write',
  window: 'write',
  // Removing takes a relation away, and adding can take it from another parent.
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: true },
  input: z
    .strictObject({
      method: z.enum(['add', 'remove', 'reprioritize']),
      owner,
      repo,
      issue_number: number.describe('The parent'),
      sub_issue_id: id.describe('id, not number'),
      replace_parent: z.boolean().optional().describe('For add'),
      after_id: id.optional().describe('For reprioritize'),
      before_id: id.optional().describe('For reprioritize'),
    })
    .superRefine(({ method, replace_parent, after_id, before_id }, context) => {
      const demand = (holds: boolean, field: string, message: string) => {
        if (!holds) context.addIssue({ code: 'custom', path: [field], message });
      };
      const moves = method === 'reprioritize';
      demand(method === 'add' || replace_parent === undefined, 'replace_parent', 'is only for add');
      demand(moves || after_id === undefined, 'after_id', 'is only for reprioritize');
      demand(moves || before_id === undefined, 'before_id', 'is only for reprioritize');
      const one = (after_id === undefined) !== (before_id === undefined);
      demand(!moves || one, 'after_id', 'or before_id is needed, and not both');
    }),
  output: z.object({ parent: z.int(), sub_issues: z.int().optional() }),
  async run({ method, owner: login, repo: name, ...rest }, { github }) {
    const { issue_number, sub_issue_id, replace_parent, after_id, before_id } = rest;
    const target = { owner: login, repo: name, issue_number, sub_issue_id };
    const base = '/repos/{owner}/{repo}/issues/{issue_number}' as const;
    const requests = {
      add: () =>
        github.request(
          `POST ${base}/sub_issues`,
          { ...target, ...(replace_parent !== undefined && { replace_parent }) },
          upstreamIssue,
        ),
      remove: () => github.request(`DELETE ${base}/sub_issue`, target, upstreamIssue),
      reprioritize: () =>
        github.request(
          `PATCH ${base}/sub_issues/priority`,
          { ...target, ...(after_id !== undefined && { after_id }), ...(before_id !== undefined && { before_id }) },
          upstreamIssue,
        ),
    };
    const { data } = await withHint(requests[method](), 'upstream_not_found', HINT);
    return { data: lean({ parent: data.number, sub_issues: data.sub_issues_summary?.total }) };
  },
});
