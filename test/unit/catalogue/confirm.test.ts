/** What each tool asks the person first, and for which arguments it asks nothing. */
import { describe, expect, it } from 'vitest';
import type { CallContext, ToolDefinition } from '../../../src/catalogue/define.ts';
import { toolByName } from '../../../src/catalogue/index.ts';
import { answering, json } from '../github/answering.ts';
import { principal } from './calling.ts';
import { fullPull } from './conversation-samples.ts';

const web = { owner: 'acme', repo: 'web' };

/** The question of a tool whose arguments say it all: a look at GitHub would fail. */
const question = (name: string, args: object) =>
  (toolByName(name) as ToolDefinition).confirm?.({ ...web, ...args }, {} as CallContext);

describe('the question of', () => {
  it.each([
    ['create_repository', { name: 'new' }, 'Create the private repository new?'],
    [
      'create_repository',
      { name: 'new', organization: 'acme', private: false },
      'Create the PUBLIC repository acme/new?',
    ],
    ['fork_repository', {}, 'Create a fork of acme/web in your account?'],
    [
      'actions_run_trigger',
      { method: 'run_workflow', workflow_id: 'deploy.yml', ref: 'main' },
      'Start the workflow deploy.yml of acme/web on main?',
    ],
    ['actions_run_trigger', { method: 'delete_workflow_run_logs', run_id: 3 }, 'Delete the logs of run 3 of acme/web?'],
    ['actions_run_trigger', { method: 'cancel_workflow_run', run_id: 3 }, undefined],
    ['actions_run_trigger', { method: 'rerun_workflow_run', run_id: 3 }, undefined],
    ['label_write', { method: 'delete', name: 'bug' }, 'Delete the label bug of acme/web, on every issue that has it?'],
    ['label_write', { method: 'create', name: 'bug' }, undefined],
    [
      'pull_request_review_write',
      { method: 'delete_pending', pullNumber: 7 },
      'Delete your pending review of acme/web#7?',
    ],
    ['pull_request_review_write', { method: 'create', pullNumber: 7 }, undefined],
    ['issue_write', { method: 'create' }, undefined],
  ])('%s %o', (name, args, expected) => expect(question(name, args)).toBe(expected));
});

describe('a merge', () => {
  const merge = toolByName('merge_pull_request') as ToolDefinition;
  const args = { ...web, pullNumber: 7, merge_method: 'squash' };
  const { github, asked } = answering(({ method }) =>
    json(method === 'PUT' ? { merged: true, sha: 'e'.repeat(40), message: 'Merged' } : fullPull(7)),
  );
  const context: CallContext = {
    github,
    principal,
    signal: new AbortController().signal,
    progress: async () => {},
  };

  it('is asked about at the commit that the pull request has, and done at that commit only', async () => {
    const { sha } = (fullPull(7) as { head: { sha: string } }).head;
    const question = await merge.confirm?.(args, context);
    expect(question).toEqual({
      text: `Merge pull request 7 of acme/web at commit ${sha.slice(0, 12)} into main (squash)?`,
      pins: { sha },
    });
    await merge.run(args, { ...context, confirmed: { sha } });
    expect(asked.at(-1)).toMatchObject({ method: 'PUT', body: { sha, merge_method: 'squash' } });
  });

  it('is not pinned where nobody was asked', async () => {
    await merge.run(args, { ...context, confirmed: {} });
    expect(asked.at(-1)?.body).toEqual({ merge_method: 'squash' });
  });
});
