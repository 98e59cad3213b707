import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import { number, owner, repo, text } from '../arguments.ts';
import { defineTool } from '../define.ts';
import { given, lean, withHint } from '../lean.ts';
import { getPull } from '../pull-readers.ts';
import { upstreamMerge } from '../upstream-conversations.ts';

const HINT =
  'It may be a draft, closed, conflicting, or wait for reviews or checks: pull_request_read with get, get_reviews and get_check_runs tells. Another merge_method may be allowed.';

export const mergePullRequest = defineTool({
  name: 'merge_pull_request',
  title: 'Merge pull request',
  description: 'Merge a pull request into its base branch.',
  toolset: 'pull_requests',
  access: 'write',
  window: 'write',
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  input: z.strictObject({
    owner,
    repo,
    pullNumber: number,
    merge_method: z.enum(['merge', 'squash', 'rebase']).optional(),
    commit_title: text(500).optional(),
    commit_message: text(65_536).optional(),
  }),
  output: z.object({ merged: z.boolean(), sha: z.string().optional(), message: z.string().optional() }),
  async confirm({ owner: login, repo: name, pullNumber, merge_method = 'merge' }, { github }) {
    const { head, base, state, merged } = await getPull(github, { owner: login, repo: name, pull_number: pullNumber });
    if (state !== 'open')
      throw new AppError('upstream_invalid', `The pull request is ${merged ? 'merged' : state} already.`);
    const text = `Merge pull request ${pullNumber} of ${login}/${name} at commit ${head.sha.slice(0, 12)} into ${base.ref} (${merge_method})?`;
    return { text, pins: { sha: head.sha } };
  },
  async run({ owner: login, repo: name, pullNumber, merge_method = 'merge', ...message }, { github, confirmed }) {
    // What was pushed after the question was asked is not what the person agreed to: GitHub refuses it by the head.
    const head = given({ sha: confirmed?.sha });
    const parameters = { owner: login, repo: name, pull_number: pullNumber, merge_method, ...given(message), ...head };
    const route = 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge';
    const { data } = await withHint(github.request(route, parameters, upstreamMerge), 'upstream_invalid', HINT);
    return { data: lean(data) };
  },
});
