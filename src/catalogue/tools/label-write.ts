import * as z from 'zod';
import { owner, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { labelName, labelView, viewLabel } from '../label-view.ts';
import { given, withHint } from '../lean.ts';
import { upstreamLabel } from '../upstream-conversations.ts';

const ROUTE = '/repos/{owner}/{repo}/labels/{name}' as const;
const HINT = 'Call list_label for the names there are.';

export const labelWrite = defineTool({
  name: 'label_write',
  title: 'Create, update or delete label',
  description: 'Create, change or delete a label of a repository. issue_write labels issues.',
  toolset: 'labels',
  access: 'write',
  window: 'write',
  // Deleting takes the label from every issue.
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  input: z
    .strictObject({
      method: z.enum(['create', 'update', 'delete']),
      owner,
      repo,
      name: labelName,
      new_name: labelName.optional().describe('For update'),
      color: z.string().optional().describe('Six hexadecimal digits; needed for create'),
      description: text(100).optional(),
    })
    .superRefine(({ method, new_name, color, description }, context) => {
      const demand = (holds: boolean, field: string, message: string) => {
        if (!holds) context.addIssue({ code: 'custom', path: [field], message });
      };
      demand(color === undefined || /^[\da-f]{6}$/i.test(color), 'color', 'must be six hexadecimal digits, without #');
      demand(method !== 'create' || color !== undefined, 'color', 'is needed for create');
      demand(method === 'update' || new_name === undefined, 'new_name', 'is only for update');
      demand(method !== 'delete' || color === undefined, 'color', 'is not for delete');
      demand(method !== 'delete' || description === undefined, 'description', 'is not for delete');
      const changes = [new_name, color, description].some((change) => change !== undefined);
      demand(method !== 'update' || changes, 'method', 'update needs something to change');
    }),
  output: z.object({ label: labelView.optional(), deleted: z.boolean().optional() }),
  async confirm({ method, owner: login, repo, name }, { github }) {
    if (method !== 'delete') return undefined;
    await withHint(
      github.request(`GET ${ROUTE}`, { owner: login, repo, name }, upstreamLabel),
      'upstream_not_found',
      HINT,
    );
    return `Delete the label ${name} of ${login}/${repo}, on every issue that has it?`;
  },
  async run({ method, owner: login, repo, name, new_name, color, description }, { github }) {
    const target = { owner: login, repo, name };
    const looks = given({ color, description });
    if (method === 'create') {
      const { data } = await github.request(
        'POST /repos/{owner}/{repo}/labels',
        { ...target, ...looks },
        upstreamLabel,
      );
      return { data: { label: viewLabel(data) } };
    }
    if (method === 'delete') {
      await withHint(github.request(`DELETE ${ROUTE}`, target, z.unknown()), 'upstream_not_found', HINT);
      return { data: { deleted: true } };
    }
    const changes = { ...target, ...looks, ...given({ new_name }) };
    const { data } = await withHint(
      github.request(`PATCH ${ROUTE}`, changes, upstreamLabel),
      'upstream_not_found',
      HINT,
    );
    return { data: { label: viewLabel(data) } };
  },
});
