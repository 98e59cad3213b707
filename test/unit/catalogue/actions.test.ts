/** Tools of Actions: what they ask GitHub, what comes out, what they refuse. */
import { describe, expect, it } from 'vitest';
import { API, type Asked, answering, json, rejection } from '../github/answering.ts';
import { call } from './calling.ts';
import { ACTIONS, artifact, job, logOf, run, SHA, workflow } from './operation-samples.ts';

const place = { owner: 'octo', repo: 'hello' };
const STORE = 'https://store.test/signed';

/** Answers by the path below /actions; what is not named is a 404. */
const serving = (answers: Record<string, unknown>) =>
  answering(({ url }) => {
    const answer = answers[url.pathname.replace(ACTIONS, '')];
    if (answer instanceof Function) return (answer as (url: URL) => Response)(url);
    return answer === undefined ? json({ message: 'Not Found' }, 404) : json(answer);
  });
const list = (name: string, items: unknown[], total = items.length) => ({ total_count: total, [name]: items });

describe('actions_list', () => {
  it('lists workflows', async () => {
    const { github } = serving({ '/workflows': list('workflows', [workflow(7)]) });
    const { structuredContent } = await call(github, 'actions_list', { method: 'list_workflows', ...place });
    expect(structuredContent).toEqual({
      total_count: 1,
      workflows: [{ id: 7, name: 'CI', path: '.github/workflows/ci.yml', state: 'active' }],
    });
  });

  it('lists runs, of all workflows or of one, filtered, page by page', async () => {
    const { github, asked } = serving({
      '/runs': list('workflow_runs', [run(1)]),
      '/workflows/ci.yml/runs': () =>
        json(list('workflow_runs', [run(2, { run_attempt: 3 })], 9), 200, {
          link: `<${API}${ACTIONS}/workflows/ci.yml/runs?page=3&per_page=1>; rel="next"`,
        }),
    });
    const method = 'list_workflow_runs';
    const filter = { actor: 'dependabot[bot]', branch: 'main', event: 'push', status: 'failure' };
    const all = await call(github, 'actions_list', { method, ...place, workflow_runs_filter: filter });
    expect(all.structuredContent.workflow_runs).toEqual([
      {
        id: 1,
        workflow: 'CI',
        workflow_id: 7,
        title: 'Round prices',
        number: 42,
        event: 'pull_request',
        status: 'completed',
        conclusion: 'failure',
        branch: 'fix',
        sha: SHA,
        actor: 'mona',
        pull_requests: [12],
        created_at: '2026-01-01T00:00:00Z',
        updated_at: '2026-01-01T00:05:00Z',
      },
    ]);
    expect(Object.fromEntries(asked[0]?.url.searchParams ?? [])).toEqual({ ...filter, page: '1', per_page: '30' });
    const one = await call(github, 'actions_list', { method, ...place, resource_id: 'ci.yml', page: 2, per_page: 1 });
    expect(one.structuredContent).toMatchObject({
      total_count: 9,
      workflow_runs: [{ id: 2, attempt: 3 }],
      next: { page: 3, per_page: 1 },
    });
  });

  it('lists jobs with what failed or runs, and artifacts', async () => {
    const jobs = [
      job(1, { conclusion: 'failure' }),
      job(2, {
        status: 'in_progress',
        conclusion: null,
        steps: [{ number: 1, name: 'Build', status: 'in_progress', conclusion: null }],
      }),
    ];
    const { github, asked } = serving({
      '/runs/99/jobs': list('jobs', jobs),
      '/runs/99/artifacts': list('artifacts', [artifact]),
    });
    const of = (method: string, more = {}) =>
      call(github, 'actions_list', { method, ...place, resource_id: '99', ...more });
    const listed = await of('list_workflow_jobs', { workflow_jobs_filter: { filter: 'all' } });
    expect(listed.structuredContent.jobs).toMatchObject([{ failed_steps: ['npm test'] }, { running_step: 'Build' }]);
    expect(JSON.stringify(listed.structuredContent)).not.toContain('null');
    expect(asked[0]?.url.searchParams.get('filter')).toBe('all');
    expect((await of('list_workflow_run_artifacts')).structuredContent.artifacts).toEqual([
      { id: 5, name: 'coverage', size_in_bytes: 100, created_at: artifact.created_at, expires_at: artifact.expires_at },
    ]);
  });

  it('keeps a page of large runs within the budget, losing none', async () => {
    const runs = Array.from({ length: 100 }, (_, i) => run(i + 1, { display_title: `${i} ${'t'.repeat(200)}` }));
    const { github } = answering(({ url }) => {
      const [page, size] = ['page', 'per_page'].map((name) => Number(url.searchParams.get(name)));
      const from = ((page ?? 1) - 1) * (size ?? 30);
      const more = from + (size ?? 30) < runs.length;
      const next = `<${API}${ACTIONS}/runs?page=${(page ?? 1) + 1}&per_page=${size}>; rel="next"`;
      return json(list('workflow_runs', runs.slice(from, from + (size ?? 30)), 100), 200, more ? { link: next } : {});
    });
    const seen: number[] = [];
    for (let next: object | undefined = { page: 1, per_page: 100 }; next !== undefined; ) {
      const { structuredContent } = await call(github, 'actions_list', {
        method: 'list_workflow_runs',
        ...place,
        ...next,
      });
      seen.push(...(structuredContent.workflow_runs as { id: number }[]).map(({ id }) => id));
      next = structuredContent.next as object | undefined;
    }
    expect(seen).toEqual(runs.map(({ id }) => id));
  });

  it('wants the id of a run for jobs and artifacts, and no path in it', async () => {
    const { github, asked } = serving({});
    const refused = (more: object) => rejection(call(github, 'actions_list', { ...place, ...more }));
    const error = { code: 'invalid_arguments', message: expect.stringContaining('resource_id') };
    expect(await refused({ method: 'list_workflow_jobs' })).toMatchObject(error);
    expect(await refused({ method: 'list_workflow_run_artifacts', resource_id: 'ci.yml' })).toMatchObject(error);
    expect(await refused({ method: 'list_workflow_runs', resource_id: '../../user' })).toMatchObject(error);
    expect(asked).toHaveLength(0);
    expect(await refused({ method: 'list_workflows' })).toMatchObject({ code: 'upstream_not_found' });
  });
});

describe('actions_get', () => {
  const to = (url: string) => () => new Response(null, { status: 302, headers: { location: url } });
  const get = (method: string, resource_id: string, answers: Record<string, unknown>) =>
    call(serving(answers).github, 'actions_get', { method, ...place, resource_id });

  it('gets a workflow, a run, a job with its steps, usage', async () => {
    const one = await get('get_workflow', 'ci.yml', { '/workflows/ci.yml': workflow(7) });
    expect(one.structuredContent).toMatchObject({ workflow: { id: 7 } });
    expect((await get('get_workflow_run', '99', { '/runs/99': run(99) })).structuredContent).toMatchObject({
      workflow_run: { id: 99, conclusion: 'failure' },
    });
    const steps = await get('get_workflow_job', '3', { '/jobs/3': job(3, { conclusion: 'failure' }) });
    expect(steps.structuredContent.job).toMatchObject({
      steps: [
        { number: 1, name: 'Set up', conclusion: 'success' },
        { number: 2, name: 'npm test', conclusion: 'failure' },
      ],
    });
    const billable = { UBUNTU: { total_ms: 60_000, jobs: 2, job_runs: [] } };
    const usage = await get('get_workflow_run_usage', '99', { '/runs/99/timing': { billable, run_duration_ms: 5 } });
    expect(usage.structuredContent).toEqual({
      usage: { run_duration_ms: 5, billable: [{ os: 'UBUNTU', jobs: 2, total_ms: 60_000 }] },
    });
  });

  it('says where archives are, without fetching them', async () => {
    const logs = await get('get_workflow_run_logs_url', '99', { '/runs/99/logs': to(STORE) });
    expect(logs.structuredContent).toEqual({ download_url: STORE });
    const answers = { '/artifacts/5': artifact, '/artifacts/5/zip': to(STORE) };
    const zip = await get('download_workflow_run_artifact', '5', answers);
    expect(zip.structuredContent).toMatchObject({ artifact: { id: 5 }, download_url: STORE });
  });

  it('wants ids in digits but for workflows', async () => {
    expect(await rejection(get('get_workflow_run', 'ci.yml', {}))).toMatchObject({ code: 'invalid_arguments' });
    expect(await rejection(get('get_workflow_run', '5', {}))).toMatchObject({ code: 'upstream_not_found' });
    expect(await rejection(get('get_workflow_run', '5', { '/runs/5': { id: 'x' } }))).toMatchObject({
      code: 'upstream_malformed',
    });
  });
});

describe('get_job_logs', () => {
  const lines = Array.from({ length: 2000 }, (_, i) => `step ${i + 1}${i === 1500 ? ' ##[error]boom' : ''}`);
  const logs = (texts: Record<string, string>, more: Record<string, unknown> = {}) =>
    answering(({ url }: Asked) => {
      if (url.origin === 'https://store.test') {
        const text = texts[url.pathname.slice(1)];
        return text === undefined ? new Response('gone', { status: 404 }) : new Response(text);
      }
      const id = /\/jobs\/(\d+)\/logs$/.exec(url.pathname)?.[1];
      if (id !== undefined)
        return new Response(null, { status: 302, headers: { location: `https://store.test/${id}` } });
      const answer = more[url.pathname.replace(ACTIONS, '')];
      return answer === undefined ? json({ message: 'Not Found' }, 404) : json(answer);
    });
  const one = (args: object) =>
    call(logs({ 5: logOf(lines) }).github, 'get_job_logs', { ...place, job_id: 5, ...args });
  const first = async (args: object) => ((await one(args)).structuredContent.logs as Record<string, unknown>[])[0];

  it('reads the end, by default and as many lines as asked for', async () => {
    const usual = await first({});
    expect(usual).toMatchObject({ job_id: 5, end_line: 2000, total_lines: 2000, start_line: 1501, truncated: true });
    expect(usual?.content).toMatch(/^step 1501 ##\[error\]boom\nstep 1502\n/);
    expect(await first({ tail_lines: 2 })).toMatchObject({ content: 'step 1999\nstep 2000', start_line: 1999 });
    expect((await first({ tail_lines: 1, timestamps: true }))?.content).toBe('2026-01-01T00:00:00.1234567Z step 2000');
  });

  it('reads a range and searches', async () => {
    expect(await first({ start_line: 10, end_line: 11 })).toMatchObject({ content: 'step 10\nstep 11', end_line: 11 });
    expect(await first({ search: '##[ERROR]' })).toMatchObject({
      content: '1499-step 1499\n1500-step 1500\n1501:step 1501 ##[error]boom\n1502-step 1502\n1503-step 1503',
      matches: 1,
      total_lines: 2000,
    });
    expect(await first({ search: 'step', start_line: 5, end_line: 6 })).toMatchObject({ matches: 2 });
  });

  it('gives an address where no text is wanted', async () => {
    expect(await first({ return_content: false })).toEqual({ job_id: 5, download_url: 'https://store.test/5' });
  });

  it('reads all failed jobs of a run within one budget, and says what could not be read', async () => {
    const jobs = Array.from({ length: 12 }, (_, i) => job(i + 1, { conclusion: i % 6 === 5 ? 'success' : 'failure' }));
    const texts = Object.fromEntries([1, 2, 4, 5, 7, 8, 9].map((id) => [id, logOf(lines)]));
    const { github, asked } = logs(texts, { '/runs/99/jobs': list('jobs', jobs) });
    const { structuredContent, steps, content } = await call(github, 'get_job_logs', {
      ...place,
      run_id: 99,
      failed_only: true,
    });
    const read = structuredContent.logs as Record<string, unknown>[];
    expect(structuredContent.failed_jobs).toBe(10);
    expect(read.map(({ job_id }) => job_id)).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11]);
    expect(read[0]?.content).toMatch(/step 2000$/);
    expect(read[2]).toMatchObject({ name: 'job 3', problem: 'GitHub no longer has this content.' });
    expect(read[9]).toEqual({ job_id: 11, name: 'job 11', truncated: true });
    expect(content.reduce((sum, item) => sum + (item.type === 'text' ? item.text.length : 0), 0)).toBeGreaterThan(
      15_000,
    );
    expect(steps).toHaveLength(8);
    expect(asked.some(({ url, headers }) => url.origin === 'https://store.test' && headers.has('authorization'))).toBe(
      false,
    );
  });

  it('says where no job failed', async () => {
    const { github } = logs({}, { '/runs/99/jobs': list('jobs', [job(1)]) });
    const { structuredContent } = await call(github, 'get_job_logs', { ...place, run_id: 99, failed_only: true });
    expect(structuredContent).toEqual({ logs: [], failed_jobs: 0 });
  });

  it.each([
    [{}, 'job_id'],
    [{ job_id: 1, run_id: 2, failed_only: true }, 'job_id'],
    [{ run_id: 2 }, 'failed_only'],
    [{ job_id: 1, failed_only: true }, 'failed_only'],
    [{ job_id: 1, start_line: 5, end_line: 4 }, 'end_line'],
    [{ job_id: 1, tail_lines: 5, search: 'x' }, 'tail_lines'],
    [{ job_id: 1, search: '' }, 'search'],
    [{ job_id: 0 }, 'job_id'],
  ])('refuses %j', async (args, field) => {
    const { github, asked } = logs({});
    const error = await rejection(call(github, 'get_job_logs', { ...place, ...args }));
    expect(error).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining(field) });
    expect(asked).toHaveLength(0);
  });

  it('tells that a log is gone', async () => {
    expect(await rejection(call(logs({}).github, 'get_job_logs', { ...place, job_id: 5 }))).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('Run the workflow again'),
    });
  });
});

describe('actions_run_trigger', () => {
  const trigger = async (args: object, answer = () => new Response(null, { status: 201 })) => {
    const { github, asked } = answering(answer);
    const { structuredContent } = await call(github, 'actions_run_trigger', { ...place, ...args });
    return {
      structuredContent,
      asked: asked.map(({ method, url, body }) => [method, url.pathname.replace(ACTIONS, ''), body]),
    };
  };

  it('starts a workflow with its inputs as text, and says which run it is where GitHub does', async () => {
    const args = {
      method: 'run_workflow',
      workflow_id: 'deploy.yml',
      ref: 'main',
      inputs: { dry: true, count: 2, to: 'eu' },
    };
    const started = await trigger(args, () => json({ workflow_run_id: 77, run_url: 'x', html_url: 'x' }));
    expect(started.structuredContent).toEqual({ done: 'run_workflow', run_id: 77 });
    const body = { ref: 'main', return_run_details: true, inputs: { dry: 'true', count: '2', to: 'eu' } };
    expect(started.asked).toEqual([['POST', '/workflows/deploy.yml/dispatches', body]]);
    const silent = await trigger(args, () => new Response(null, { status: 204 }));
    expect(silent.structuredContent).toEqual({ done: 'run_workflow' });
  });

  it.each([
    ['rerun_workflow_run', 'POST', '/runs/9/rerun'],
    ['rerun_failed_jobs', 'POST', '/runs/9/rerun-failed-jobs'],
    ['cancel_workflow_run', 'POST', '/runs/9/cancel'],
    ['delete_workflow_run_logs', 'DELETE', '/runs/9/logs'],
  ])('%s', async (method, verb, path) => {
    const { structuredContent, asked } = await trigger({ method, run_id: 9 });
    expect(structuredContent).toEqual({ done: method, run_id: 9 });
    expect(asked).toEqual([[verb, path, undefined]]);
  });

  it.each([
    [{ method: 'run_workflow', ref: 'main' }, 'workflow_id'],
    [{ method: 'run_workflow', workflow_id: 'a.yml' }, 'ref'],
    [{ method: 'run_workflow', workflow_id: 'a.yml', ref: 'main', run_id: 1 }, 'run_id'],
    [{ method: 'run_workflow', workflow_id: '../x', ref: 'main' }, 'workflow_id'],
    [{ method: 'rerun_workflow_run' }, 'run_id'],
    [{ method: 'cancel_workflow_run', run_id: 1, ref: 'main' }, 'ref'],
    [{ method: 'run_workflow', workflow_id: 'a.yml', ref: 'main', inputs: { a: [] } }, 'inputs'],
  ])('refuses %j', async (args, field) => {
    expect(await rejection(trigger(args))).toMatchObject({
      code: 'invalid_arguments',
      message: expect.stringContaining(field),
    });
  });

  it('says what to do where a workflow cannot be started so', async () => {
    const args = { method: 'run_workflow', workflow_id: 'ci.yml', ref: 'main' };
    const refused = trigger(args, () => json({ message: "Workflow does not have 'workflow_dispatch' trigger" }, 422));
    expect(await rejection(refused)).toMatchObject({
      code: 'upstream_invalid',
      hint: expect.stringContaining('workflow_dispatch'),
    });
  });
});
