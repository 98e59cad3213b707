/**
 * Actions, checks, notifications and alerts on the whole path, in both eras, against the stand-ins of
 * stand-ins-operations.ts; check runs and commits are the emulator's own. Writes are read back.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person } from '../../src/cli/clients.ts';
import type { ScopeBox } from '../../src/cli/sign-in.ts';
import { type CallOptions, ERAS } from '../support/eras.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack({ CONFIRM_OFF: 'all', LIMIT_CLIENT: '10000/1', LIMIT_USER: '10000/1', LIMIT_WRITE: '10000/1' });

const web = { owner: 'acme', repo: 'web' };
const everything = (boxes: readonly ScopeBox[]) => boxes.map(({ scope }) => scope);
type Data = Record<string, unknown>;

describe.each(ERAS)('in the $era era', ({ era, connect, call }) => {
  // Each era its own person: notifications are marked read, and that is kept for each.
  const login = era === 'modern' ? 'octocat' : 'hubot';
  const person = new Person({ clientName: `Operations ${era}`, choose: everything, login });
  let connected: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    connected = await connect(stack().mcpUrl, { person });
  });
  afterAll(async () => await connected.close());

  async function data(name: string, args: Data, options?: CallOptions): Promise<Data> {
    const result = await call(connected.client, name, args, options);
    expect(result.isError, JSON.stringify(result.content)).not.toBe(true);
    return result.structuredContent as Data;
  }

  async function code(name: string, args: Data): Promise<unknown> {
    const result = await call(connected.client, name, args);
    expect(result.isError).toBe(true);
    return /^Error (\w+):/.exec((result.content as { text: string }[])[0]?.text ?? '')?.[1];
  }

  const actions = (name: string, method: string, more: Data = {}) => data(name, { ...web, method, ...more });

  it('lists and gets workflows, runs, jobs, artifacts, usage', async () => {
    expect(await actions('actions_list', 'list_workflows')).toMatchObject({
      workflows: [{ name: 'CI' }, { name: 'Deploy' }],
    });
    const failed = { resource_id: 'ci.yml', workflow_runs_filter: { status: 'failure' } };
    expect(await actions('actions_list', 'list_workflow_runs', failed)).toMatchObject({
      total_count: 1,
      workflow_runs: [{ id: 2002, title: 'Round prices half up', conclusion: 'failure' }],
    });
    expect(await actions('actions_list', 'list_workflow_jobs', { resource_id: '2002' })).toMatchObject({
      jobs: [{ name: 'lint' }, { name: 'test', failed_steps: ['Run npm test'] }],
    });
    expect(await actions('actions_get', 'get_workflow_job', { resource_id: '3004' })).toMatchObject({
      job: {
        conclusion: 'failure',
        steps: expect.arrayContaining([{ number: 4, name: 'Run npm test', conclusion: 'failure' }]),
      },
    });
    expect(await actions('actions_get', 'get_workflow_run_usage', { resource_id: '2001' })).toMatchObject({
      usage: { billable: [{ os: 'UBUNTU', jobs: 2 }] },
    });
    expect(await actions('actions_list', 'list_workflow_run_artifacts', { resource_id: '2001' })).toMatchObject({
      artifacts: [{ id: 6001, name: 'coverage' }],
    });
    const zip = await actions('actions_get', 'download_workflow_run_artifact', { resource_id: '6001' });
    expect(zip.download_url).toContain('/_store/artifacts/6001.zip');
    expect(await code('actions_get', { ...web, method: 'get_workflow_run', resource_id: '1' })).toBe(
      'upstream_not_found',
    );
  });

  it('reads logs through the redirect, without the token, by tail, range, search, and of failed jobs', async () => {
    stack().github.reset();
    const { logs } = (await data('get_job_logs', { ...web, run_id: 2002, failed_only: true })) as { logs: Data[] };
    expect(logs).toMatchObject([{ job_id: 3004, name: 'test', truncated: true }]);
    expect(logs[0]?.content).toMatch(
      /✖ half a cent is rounded up\n.*\n##\[error\]Process completed with exit code 1\.$/,
    );
    const first = async (args: Data) =>
      ((await data('get_job_logs', { ...web, job_id: 3004, ...args })).logs as Data[])[0];
    expect(await first({ start_line: 1, end_line: 1 })).toMatchObject({
      content: '##[group]Set up job',
      end_line: 1,
      truncated: true,
    });
    const whole = await data('get_job_logs', { ...web, job_id: 3004, start_line: 1 });
    const rest = await data('get_job_logs', { ...web, job_id: 3004, start_line: 1, after: whole.next_cursor });
    expect((rest.logs as Data[])[0]?.start_line).toBe(((whole.logs as Data[])[0]?.end_line as number) + 1);
    expect(await first({ search: 'assertionerror' })).toMatchObject({ matches: 1, total_lines: 3015 });
    const store = stack().github.requests.filter(({ path }) => path.startsWith('/_store/'));
    expect(store.length).toBe(5);
    expect(store.every(({ status, headers }) => status === 200 && headers.host?.startsWith('localhost'))).toBe(true);
    expect(await code('get_job_logs', { ...web, job_id: 1 })).toBe('upstream_not_found');
  });

  it('starts a workflow, waits for it with progress, cancels and runs again', async () => {
    const started = await actions('actions_run_trigger', 'run_workflow', { workflow_id: 'deploy.yml', ref: 'main' });
    const run_id = Number(started.run_id);
    const steps: number[] = [];
    const waited = await data(
      'wait_for_workflow_run',
      { ...web, run_id },
      { onprogress: ({ progress }) => steps.push(progress) },
    );
    expect(waited).toMatchObject({
      finished: true,
      workflow_run: { conclusion: 'success' },
      jobs: { total: 2, completed: 2 },
    });
    expect(steps.length).toBeGreaterThanOrEqual(2);
    await actions('actions_run_trigger', 'rerun_workflow_run', { run_id });
    await actions('actions_run_trigger', 'cancel_workflow_run', { run_id });
    const after = await actions('actions_get', 'get_workflow_run', { resource_id: String(run_id) });
    expect(after).toMatchObject({ workflow_run: { conclusion: 'cancelled', attempt: 2 } });
    expect(await code('actions_run_trigger', { ...web, method: 'cancel_workflow_run', run_id })).toBe(
      'upstream_conflict',
    );
    await actions('actions_run_trigger', 'delete_workflow_run_logs', { run_id });
    const { jobs } = (await actions('actions_list', 'list_workflow_jobs', { resource_id: String(run_id) })) as {
      jobs: Data[];
    };
    expect(await code('get_job_logs', { ...web, job_id: jobs[0]?.id })).toBe('upstream_not_found');
    const wrong = { ...web, method: 'run_workflow', workflow_id: 'ci.yml', ref: 'main' };
    expect(await code('actions_run_trigger', wrong)).toBe('upstream_invalid');
  });

  it('stops waiting when the client goes', async () => {
    await actions('actions_run_trigger', 'rerun_workflow_run', { run_id: 2003 });
    const heal = stack().github.inject({ path: /\/actions\/runs\/2003(\?|$)/, status: 502 });
    const abort = new AbortController();
    const waiting = call(connected.client, 'wait_for_workflow_run', { ...web, run_id: 2003 }, { signal: abort.signal });
    const looks = () => stack().github.requests.filter(({ path }) => path.endsWith('/actions/runs/2003')).length;
    const before = looks();
    await expect.poll(looks, { timeout: 5000 }).toBeGreaterThan(before);
    abort.abort();
    await expect(waiting).rejects.toThrow();
    heal();
    const where = "client_id = ? AND tool_name = 'wait_for_workflow_run' AND result_status = 'cancelled'";
    const [row] = await rowsOf(stack(), 1, where, person.clientId);
    expect(row?.error_code).toBe('cancelled');
  });

  it('waits for the checks of a commit', async () => {
    const octocat = stack().github.as('octocat');
    const head_sha = String(((await octocat('GET', '/repos/acme/web/commits/locales')).body as Data).sha);
    const { body } = await octocat('POST', '/repos/acme/web/check-runs', {
      name: `lint ${era}`,
      head_sha,
      status: 'in_progress',
    });
    const waiting = data('wait_for_checks', { ...web, ref: 'locales' });
    const done = { status: 'completed', conclusion: 'failure' };
    await octocat('PATCH', `/repos/acme/web/check-runs/${(body as Data).id}`, done);
    expect(await waiting).toMatchObject({
      finished: true,
      conclusion: 'failure',
      sha: head_sha,
      failed: expect.arrayContaining([expect.objectContaining({ name: `lint ${era}`, conclusion: 'failure' })]),
    });
    expect(await code('wait_for_checks', { ...web, ref: 'no-such-branch' })).toMatch(/^upstream_(not_found|invalid)$/);
  });

  it('reads notifications, and marks them', async () => {
    const unread = async () => ((await data('list_notifications', {})).notifications as Data[]).map(({ id }) => id);
    expect(await unread()).toEqual(['501', '502']);
    expect(await data('get_notification_details', { notificationID: '501' })).toMatchObject({
      type: 'Issue',
      number: 1,
    });
    await data('dismiss_notification', { threadID: '501', state: 'done' });
    expect(await unread()).toEqual(['502']);
    expect(await code('get_notification_details', { notificationID: '501' })).toBe('upstream_not_found');
    await data('mark_all_notifications_read', {});
    expect(await unread()).toEqual([]);
    const all = await data('list_notifications', { filter: 'include_read_notifications' });
    expect(all.notifications).toMatchObject([{ id: '502', unread: false }, { id: '503' }]);
  });

  it('reads alerts, never a secret', async () => {
    expect(await data('list_code_scanning_alerts', web)).toMatchObject({
      alerts: [{ rule: 'js/missing-rate-limiting' }],
    });
    expect((await data('get_code_scanning_alert', { ...web, alertNumber: 1 })).help).toContain('Limit how often');
    const secrets = [
      await data('list_secret_scanning_alerts', web),
      await data('get_secret_scanning_alert', { ...web, alertNumber: 1 }),
    ];
    expect(secrets[1]).toMatchObject({ secret_type: 'acme_api_key', path: 'src/server.ts' });
    expect(JSON.stringify(secrets)).not.toContain('must-not-come-out');
    const page = await data('list_dependabot_alerts', { ...web, perPage: 1 });
    expect(page).toMatchObject({
      alerts: [{ package: 'anvil-parser', patched_version: '2.0.1' }],
      next_cursor: expect.any(String),
    });
    expect(await code('list_dependabot_alerts', { ...web, perPage: 1, after: '1' })).toBe('invalid_arguments');
    const rest = await data('list_dependabot_alerts', { ...web, perPage: 1, after: page.next_cursor });
    expect(rest).toMatchObject({ alerts: [{ package: 'magnetize' }] });
    expect(rest.next_cursor).toBeUndefined();
    expect(await data('get_dependabot_alert', { ...web, alertNumber: 1 })).toMatchObject({ cvss: 7.5 });
    for (const name of ['get_code_scanning_alert', 'get_secret_scanning_alert', 'get_dependabot_alert']) {
      expect(await code(name, { ...web, alertNumber: 99 })).toBe('upstream_not_found');
    }
  });

  it('searches inside a file', async () => {
    const found = await data('get_file_contents', { ...web, path: 'src/products.ts', search: 'ACME-0100' });
    expect(found).toMatchObject({ matches: 1, total_lines: 436 });
    expect(found.content).toMatch(/^\d+:.*ACME-0100/m);
    expect(await code('get_file_contents', { ...web, path: 'src', search: 'x' })).toBe('invalid_arguments');
  });
});
