/** What each tool asks the person first, and for which arguments it asks nothing. */
import { describe, expect, it } from 'vitest';
import type { CallContext, ToolDefinition } from '../../../src/catalogue/define.ts';
import { toolByName } from '../../../src/catalogue/index.ts';
import { answering, json, rejection } from '../github/answering.ts';
import { principal } from './calling.ts';
import { fullPull } from './conversation-samples.ts';
import { run } from './operation-samples.ts';

const web = { owner: 'acme', repo: 'web' };

/** The question of a tool, with a GitHub that has what is asked about, or nothing at all. */
function asking(there: boolean) {
  const pending = { id: 9, state: 'PENDING', user: { login: principal.user.login, id: 1 }, body: '' };
  const { github, asked } = answering(({ url: { pathname } }) => {
    if (!there) return json({ message: 'Not Found' }, 404);
    if (pathname.endsWith('/reviews')) return json([pending]);
    if (pathname.includes('/runs/')) return json(run(3));
    return json({ id: 1, name: 'Deploy', path: '.github/workflows/deploy.yml', state: 'active', color: 'ff0000' });
  });
  const context: CallContext = {
    github,
    principal,
    signal: new AbortController().signal,
    progress: async () => {},
  };
  const question = async (name: string, args: object) =>
    await (toolByName(name) as ToolDefinition).confirm?.({ ...web, ...args }, context);
  return { question, asked };
}

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
  ])('%s %o', async (name, args, expected) => {
    const { question, asked } = asking(true);
    expect(await question(name, args)).toBe(expected);
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it.each([
    ['actions_run_trigger', { method: 'run_workflow', workflow_id: 'gone.yml', ref: 'main' }],
    ['actions_run_trigger', { method: 'delete_workflow_run_logs', run_id: 3 }],
    ['label_write', { method: 'delete', name: 'gone' }],
    ['pull_request_review_write', { method: 'delete_pending', pullNumber: 7 }],
  ])('%s %o is not put to anybody where it could not be done', async (name, args) => {
    expect(await rejection(asking(false).question(name, args))).toMatchObject({ code: 'upstream_not_found' });
  });
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

  it('is not asked about once it is done', async () => {
    const done = answering(() => json(fullPull(7, { state: 'closed', merged: true })));
    const asked = Promise.resolve(merge.confirm?.(args, { ...context, github: done.github }));
    expect(await rejection(asked)).toMatchObject({ message: 'The pull request is merged already.' });
  });

  it('is not pinned where nobody was asked', async () => {
    await merge.run(args, { ...context, confirmed: {} });
    expect(asked.at(-1)?.body).toEqual({ merge_method: 'squash' });
  });
});
