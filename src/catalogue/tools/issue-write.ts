import * as z from 'zod';
import { number, owner, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { fieldChange, resolveFields, setFields } from '../issue-fields.ts';
import { viewIssue } from '../issue-view.ts';
import { lean } from '../lean.ts';
import { upstreamIssue } from '../upstream.ts';

const input = z
  .strictObject({
    method: z.enum(['create', 'update']),
    owner,
    repo,
    issue_number: number.optional(),
    title: text(256, 1).trim().optional(),
    body: text(65_536).optional(),
    labels: z.array(text(100, 1)).optional().describe('Replace all'),
    assignees: z.array(text(100, 1)).optional().describe('Replace all'),
    milestone: number.optional(),
    type: text(100, 1).nullable().optional().describe('null removes it'),
    state: z.enum(['open', 'closed']).optional(),
    state_reason: z.enum(['completed', 'not_planned', 'duplicate']).optional(),
    duplicate_of: number.optional(),
    issue_fields: z.array(fieldChange).optional(),
  })
  .superRefine((args, context) => {
    const demand = (holds: boolean, field: string, message: string) => {
      if (!holds) context.addIssue({ code: 'custom', path: [field], message });
    };
    const isUpdate = args.method === 'update';
    demand(isUpdate || args.title !== undefined, 'title', 'is needed for create');
    demand(args.title !== '', 'title', 'must not be empty');
    demand(isUpdate || args.issue_number === undefined, 'issue_number', 'is only for update');
    demand(isUpdate || args.state === undefined, 'state', 'is only for update: create the issue, then update it');
    demand(isUpdate || args.type !== null, 'type', 'may be null only for update');
    demand(!isUpdate || args.issue_number !== undefined, 'issue_number', 'is needed for update');
    demand(args.state_reason === undefined || args.state === 'closed', 'state_reason', 'needs state closed');
    const isDuplicate = args.state_reason === 'duplicate';
    demand(
      isDuplicate === (args.duplicate_of !== undefined),
      'duplicate_of',
      'and state_reason duplicate need each other',
    );
    demand(
      args.duplicate_of === undefined || args.duplicate_of !== args.issue_number,
      'duplicate_of',
      'must be another issue than issue_number',
    );
    const { method: _, owner: __, repo: ___, issue_number: ____, ...changes } = args;
    demand(
      !isUpdate || Object.values(changes).some((value) => value !== undefined),
      'method',
      'update needs something to change',
    );
  });

export const issueWrite = defineTool({
  name: 'issue_write',
  title: 'Create or update issue',
  description:
    'Open a new issue, or change title, body, labels, assignees, milestone, type, custom fields or state of an existing one.',
  toolset: 'issues',
  access: 'write',
  window: 'write',
  // An update takes the place of what was there, and every create makes another issue.
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  input,
  output: z.object({
    number: z.int(),
    html_url: z.string().optional(),
    title: z.string().optional(),
    state: z.string().optional(),
    state_reason: z.string().optional(),
    labels: z.array(z.string()).optional(),
    assignees: z.array(z.string()).optional(),
    not_applied: z
      .array(z.string())
      .optional()
      .describe('Arguments that GitHub dropped in silence, as it does for accounts without push access'),
  }),
  async run(args, { github }) {
    const { owner: login, repo: name, title, body, labels, assignees, milestone, type, state, state_reason } = args;
    const place = { owner: login, repo: name };
    const fields = await resolveFields(github, login, args.issue_fields ?? []);
    const duplicate = args.duplicate_of === undefined ? undefined : await idOf(args.duplicate_of);
    const common = {
      ...place,
      ...(body !== undefined && { body }),
      ...(labels !== undefined && { labels }),
      ...(assignees !== undefined && { assignees }),
      ...(milestone !== undefined && { milestone }),
    };
    const issue = args.issue_number === undefined ? await create() : await update(args.issue_number);
    const view = viewIssue(issue);
    const dropped = {
      labels: labels?.some((label) => !view.labels?.some((there) => there.toLowerCase() === label.toLowerCase())),
      assignees: assignees?.some((who) => !view.assignees?.some((there) => there.toLowerCase() === who.toLowerCase())),
      milestone: milestone !== undefined && view.milestone?.number !== milestone,
      type: typeof type === 'string' && view.type?.toLowerCase() !== type.toLowerCase(),
    };
    return {
      data: lean({
        number: view.number,
        html_url: view.html_url,
        title: view.title,
        state: view.state,
        state_reason: view.state_reason,
        labels: view.labels,
        assignees: view.assignees,
        not_applied: Object.entries(dropped).flatMap(([field, isDropped]) => (isDropped ? [field] : [])),
      }),
    };

    async function idOf(issue_number: number): Promise<number> {
      const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
      return (await github.request(route, { ...place, issue_number }, upstreamIssue)).data.id;
    }

    async function create() {
      const values = fields.set.length > 0 ? { issue_field_values: fields.set } : {};
      const parameters = { ...common, ...values, title: title ?? '', ...(typeof type === 'string' && { type }) };
      return (await github.request('POST /repos/{owner}/{repo}/issues', parameters, upstreamIssue)).data;
    }

    async function update(issue_number: number) {
      const changes = {
        ...common,
        ...(title !== undefined && { title }),
        ...(type !== undefined && { type }),
        ...(state !== undefined && { state }),
        ...(state_reason !== undefined && { state_reason }),
        ...(duplicate !== undefined && { duplicate_issue_id: duplicate }),
      };
      const route = '/repos/{owner}/{repo}/issues/{issue_number}' as const;
      const target = { ...place, issue_number };
      const { data } =
        Object.keys(changes).length > Object.keys(place).length
          ? await github.request(`PATCH ${route}`, { ...changes, ...target }, upstreamIssue)
          : await github.request(`GET ${route}`, target, upstreamIssue);
      await setFields(github, target, fields);
      return data;
    }
  },
});
