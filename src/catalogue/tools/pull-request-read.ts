import * as z from 'zod';
import { after, number, owner, page, perPage, repo } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { pullOutput, READERS } from '../pull-readers.ts';

const METHODS = [
  'get',
  'get_diff',
  'get_status',
  'get_files',
  'get_commits',
  'get_review_comments',
  'get_reviews',
  'get_comments',
  'get_check_runs',
] as const satisfies readonly (keyof typeof READERS)[];
/** Read on with `after` only. */
const BY_CURSOR: ReadonlySet<string> = new Set(['get_diff', 'get_review_comments']);

export const pullRequestRead = defineTool({
  name: 'pull_request_read',
  title: 'Get pull request details',
  description:
    'Read one pull request. get_status and get_check_runs: CI of its head commit. get_review_comments: threads on lines of code. get_comments: the conversation.',
  toolset: 'pull_requests',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z
    .strictObject({
      method: z.enum(METHODS),
      owner,
      repo,
      pullNumber: number,
      page: page.optional(),
      perPage: perPage.optional(),
      after,
    })
    .superRefine(({ method, page: number }, context) => {
      const demand = (holds: boolean, field: string, message: string) => {
        if (!holds) context.addIssue({ code: 'custom', path: [field], message });
      };
      const first = number === undefined || number === 1;
      demand(!BY_CURSOR.has(method) || first, 'page', `is not for ${method}: read on with after`);
    }),
  output: pullOutput,
  async run({ method, owner: login, repo: name, pullNumber: pull_number, ...options }, context) {
    return await READERS[method]({ owner: login, repo: name, pull_number }, context, options);
  },
});
