/** Tools that wait, with a clock that a test turns: growing intervals, progress by jobs, an end in every case. */
import { describe, expect, it } from 'vitest';
import { type Clock, clock } from '../../../src/catalogue/clock.ts';
import type { Progress, ToolDefinition } from '../../../src/catalogue/define.ts';
import { createWaitForChecks } from '../../../src/catalogue/tools/wait-for-checks.ts';
import { createWaitForWorkflowRun } from '../../../src/catalogue/tools/wait-for-workflow-run.ts';
import { validateArguments } from '../../../src/catalogue/validate.ts';
import { type Answer, answering, json, rejection } from '../github/answering.ts';
import { principal } from './calling.ts';
import { ACTIONS, job, run, SHA } from './operation-samples.ts';

const place = { owner: 'octo', repo: 'hello' };

/** A clock that jumps, and remembers how far. */
function jumping(onWait: (waits: readonly number[]) => void = () => undefined): Clock & { waits: number[] } {
  let time = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => time,
    wait: async (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
      time += ms;
      onWait(waits);
      signal.throwIfAborted();
    },
  };
}

async function waitWith(
  create: (time: Clock) => unknown,
  args: object,
  answer: Answer,
  options: { time?: ReturnType<typeof jumping>; abort?: AbortController } = {},
) {
  const { time = jumping(), abort = new AbortController() } = options;
  const tool = create(time) as ToolDefinition;
  const { github, asked } = answering(answer);
  const steps: Progress[] = [];
  const context = {
    github,
    principal,
    signal: abort.signal,
    progress: async (step: Progress) => void steps.push(step),
  };
  const { data } = await tool.run(validateArguments(tool, { ...place, ...args }), context);
  return { data: tool.output.strict().parse(data) as Record<string, unknown>, steps, waits: time.waits, asked };
}

/** A run whose jobs finish one by one with every look; forever where `jobs` is infinite. */
function running(looksToFinish: number, conclusion = 'success'): Answer {
  let looks = 0;
  return ({ url }) => {
    if (url.pathname === `${ACTIONS}/runs/9`) {
      looks++;
      const over = looks > looksToFinish;
      return json(run(9, { status: over ? 'completed' : 'in_progress', conclusion: over ? conclusion : null }));
    }
    const jobs = [1, 2, 3].map((id) => {
      if (looks > id) return job(id, { conclusion: id === 3 ? conclusion : 'success' });
      return job(id, { status: id === looks ? 'in_progress' : 'queued', conclusion: null });
    });
    return json({ total_count: 3, jobs });
  };
}

describe('wait_for_workflow_run', () => {
  it('waits with growing intervals, reports jobs done, and tells what failed', async () => {
    const { data, steps, waits } = await waitWith(createWaitForWorkflowRun, { run_id: 9 }, running(3, 'failure'));
    expect(data).toMatchObject({
      finished: true,
      workflow_run: { id: 9, conclusion: 'failure' },
      jobs: { total: 3, completed: 3 },
      failed_jobs: [{ id: 3, name: 'job 3', conclusion: 'failure' }],
      waited_seconds: 10,
    });
    expect(data.unfinished_jobs).toBeUndefined();
    expect(waits).toEqual([2000, 3000, 4500]);
    expect(steps.map(({ done }) => Math.floor(done))).toEqual([0, 1, 2, 3]);
    expect(steps.map(({ total }) => total)).toEqual([3, 3, 3, 3]);
    expect(steps[1]?.message).toBe('1 of 3 jobs done; running: job 2');
  });

  it('answers at once where the run is finished', async () => {
    const { data, waits } = await waitWith(createWaitForWorkflowRun, { run_id: 9 }, running(0));
    expect(data).toMatchObject({ finished: true, waited_seconds: 0 });
    expect(waits).toEqual([]);
  });

  it('ends when the time is over, with what is not finished', async () => {
    const { data, steps, waits } = await waitWith(
      createWaitForWorkflowRun,
      { run_id: 9, timeout_seconds: 280 },
      running(Number.POSITIVE_INFINITY),
    );
    expect(data).toMatchObject({ finished: false, workflow_run: { status: 'in_progress' }, waited_seconds: 280 });
    expect(Math.max(...waits)).toBe(15_000);
    expect(waits.length).toBeLessThan(30);
    // Reports go on also while no job ends, and each is above the one before.
    expect(steps.length).toBeGreaterThan(15);
    expect(steps.every(({ done }, i) => done > (steps[i - 1]?.done ?? -1))).toBe(true);
    expect(steps.every(({ done, total = 0 }) => done <= total)).toBe(true);
  });

  it('stops when the call is aborted', async () => {
    const abort = new AbortController();
    const time = jumping((waits) => waits.length === 2 && abort.abort(new Error('gone')));
    const waiting = waitWith(createWaitForWorkflowRun, { run_id: 9 }, running(99), { time, abort });
    expect(await rejection(waiting)).toMatchObject({ message: 'gone' });
    expect(time.waits).toHaveLength(2);
  });

  it('outlasts short failures of GitHub, not long ones, and no refusals', async () => {
    const failing = (times: number, status: number): Answer => {
      const healthy = running(0);
      let failed = 0;
      return (asked) => (++failed <= times ? json({}, status) : healthy(asked));
    };
    const wait = (times: number, status: number) =>
      waitWith(createWaitForWorkflowRun, { run_id: 9 }, failing(times, status));
    expect((await wait(3, 502)).data.finished).toBe(true);
    expect(await rejection(wait(99, 502))).toMatchObject({ code: 'upstream_unavailable' });
    expect(await rejection(wait(1, 404))).toMatchObject({ code: 'upstream_not_found' });
  });

  it('refuses longer waits than the time limit of the call allows', async () => {
    const waiting = waitWith(createWaitForWorkflowRun, { run_id: 9, timeout_seconds: 281 }, running(0));
    expect(await rejection(waiting)).toMatchObject({
      code: 'invalid_arguments',
      message: 'timeout_seconds must be at most 280.',
    });
    expect(createWaitForWorkflowRun(clock).timeoutMs).toBeGreaterThan(281_000);
  });
});

describe('wait_for_checks', () => {
  const check = (id: number, conclusion: string | null) => ({
    id,
    name: `check ${id}`,
    status: conclusion === null ? 'in_progress' : 'completed',
    conclusion,
    head_sha: SHA,
    app: { slug: 'github-actions' },
  });
  const status = (context: string, state: string) => ({ context, state, description: null, target_url: null });
  const commit = (looks: readonly { checks?: object[]; statuses?: object[] }[]): Answer => {
    let look = -1;
    return ({ url }) => {
      if (url.pathname.endsWith('/status')) {
        look = Math.min(look + 1, looks.length - 1);
        const { statuses = [] } = looks[look] ?? {};
        return json({ state: 'pending', sha: SHA, total_count: statuses.length, statuses });
      }
      const { checks = [] } = looks[look] ?? {};
      return json({ total_count: checks.length, check_runs: checks });
    };
  };

  it('waits for check runs and statuses alike, of the commit that the branch had first', async () => {
    const looks = [
      { checks: [check(1, null)], statuses: [status('legacy', 'pending')] },
      { checks: [check(1, 'success')], statuses: [status('legacy', 'pending')] },
      { checks: [check(1, 'success'), check(2, 'skipped')], statuses: [status('legacy', 'success')] },
    ];
    const { data, asked, steps } = await waitWith(createWaitForChecks, { ref: 'feature/a' }, commit(looks));
    expect(data).toEqual({
      finished: true,
      conclusion: 'success',
      sha: SHA,
      checks: { total: 3, completed: 3 },
      waited_seconds: 5,
    });
    expect(asked[0]?.url.pathname).toBe('/repos/octo/hello/commits/feature/a/status');
    expect(asked.slice(1).every(({ url }) => url.pathname.includes(SHA))).toBe(true);
    expect(steps.at(-1)).toMatchObject({ done: 3, total: 3 });
  });

  it.each(['failure', 'timed_out', 'cancelled', 'action_required'])('tells a check that ended as %s', async (end) => {
    const looks = [{ checks: [check(1, 'success'), check(2, end)], statuses: [status('legacy', 'error')] }];
    const { data } = await waitWith(createWaitForChecks, { ref: 'main' }, commit(looks));
    expect(data).toMatchObject({
      conclusion: 'failure',
      failed: [
        { name: 'legacy', conclusion: 'error' },
        { name: 'check 2', id: 2, app: 'github-actions', conclusion: end },
      ],
    });
  });

  it('gives checks time to appear, and says where none do', async () => {
    const late = await waitWith(
      createWaitForChecks,
      { ref: 'main' },
      commit([{}, {}, { checks: [check(1, 'success')] }]),
    );
    expect(late.data).toMatchObject({ finished: true, conclusion: 'success' });
    const none = await waitWith(createWaitForChecks, { ref: 'main' }, commit([{}]));
    expect(none.data).toMatchObject({ finished: true, conclusion: 'none', checks: { total: 0 } });
    expect(none.data.waited_seconds).toBeGreaterThanOrEqual(20);
  });

  it('ends when the time is over', async () => {
    const looks = [{ checks: [check(1, null)] }];
    const { data } = await waitWith(createWaitForChecks, { ref: 'main', timeout_seconds: 5 }, commit(looks));
    expect(data).toMatchObject({
      finished: false,
      conclusion: 'pending',
      unfinished: [{ name: 'check 1' }],
      waited_seconds: 5,
    });
  });

  it('tells that there is no such commit', async () => {
    const waiting = waitWith(createWaitForChecks, { ref: 'nope' }, () => json({ message: 'Not Found' }, 404));
    expect(await rejection(waiting)).toMatchObject({ code: 'upstream_not_found' });
  });
});

describe('the clock of the server', () => {
  it('waits, and stops at once with the signal', async () => {
    const { signal } = new AbortController();
    const before = clock.now();
    await clock.wait(5, signal);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    const abort = new AbortController();
    const waiting = clock.wait(60_000, abort.signal);
    abort.abort(new Error('gone'));
    expect(await rejection(waiting)).toMatchObject({ message: 'gone' });
    expect(await rejection(clock.wait(1, abort.signal))).toMatchObject({ message: 'gone' });
  });
});
