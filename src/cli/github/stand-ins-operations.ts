/**
 * STAND-INS, for local use and tests only. `emulate` has no Actions runs, notifications or security alerts, so these
 * answers are invented, see seed-operations.ts; they exist for `acme/web` alone and live as long as the process:
 *  - workflows, runs, jobs, artifacts, usage; a run goes on by one job each time it is looked at; dispatch, rerun, cancel;
 *  - logs, by a redirect to the same server under another name (`localhost`), a store that refuses who shows a token;
 *  - notifications, the same three for everybody; marking them read or done;
 *  - alerts of code scanning, secret scanning, Dependabot (one page each, cursors for the last);
 *  - the combined status of a commit: the commit is the emulator's, and no statuses. Its check runs are the emulator's.
 */
import { isObject } from '../../core/json.ts';
import { artifact, asJob, asRun, filtered, workflow } from './runs.ts';
import * as seed from './seed-operations.ts';
import { type Call, githubError } from './stand-ins.ts';
import { type Answer, jsonAnswer, readJson } from './upstream.ts';

type Handler = (parts: readonly string[], call: Call) => Answer | Promise<Answer>;

/** The path of logs and archives at the store. */
export const STORE = /^\/_store\//;
const HOME = '/repos/acme/web';
const empty = (status: number): Answer => ({ status, headers: {}, body: Buffer.alloc(0) });
const notFound = () => githubError(404, 'Not Found');

export interface Operations {
  /** The answer to a call of the API, or undefined where it is not stood in here. */
  answer(call: Call): Promise<Answer | undefined>;
  /** What the store has at a path. It knows no accounts and refuses whoever shows a token. */
  store(path: string, authorization: string | undefined): Answer;
}

export function createOperations(): Operations {
  const runs = seed.runs();
  const inboxes = new Map<string, seed.Thread[]>();
  const inbox = (login: string) => {
    const threads = inboxes.get(login) ?? seed.threads();
    inboxes.set(login, threads);
    return threads;
  };
  const findRun = (id: string | undefined) => runs.find((run) => run.id === Number(id));
  const findJob = (id: string | undefined) => {
    for (const run of runs) {
      const index = run.jobs.findIndex((job) => job.id === Number(id));
      if (index >= 0) return { run, index, job: run.jobs[index] as seed.Job };
    }
    return undefined;
  };
  const onRun =
    (act: (run: seed.Run, call: Call) => Answer): Handler =>
    ([id], call) => {
      const run = findRun(id);
      return run === undefined ? notFound() : act(run, call);
    };
  const toStore = (call: Call, path: string): Answer => ({
    ...empty(302),
    headers: { location: `http://localhost:${call.url.port}/_store/${path}?signature=not-a-secret` },
  });
  const start = (run: seed.Run): Answer => {
    Object.assign(run, { attempt: run.attempt + 1, left: run.jobs.length, cancelled: false });
    return empty(201);
  };

  const routes: readonly (readonly [string, RegExp, Handler])[] = [
    ['GET', at('/actions/workflows'), () => list('workflows', seed.WORKFLOWS)],
    ['GET', at('/actions/workflows/([^/]+)'), ([id]) => found(workflow(id))],
    [
      'GET',
      at('/actions/workflows/([^/]+)/runs'),
      ([id], call) => list('workflow_runs', filtered(runs, call, workflow(id)?.id)),
    ],
    ['GET', at('/actions/runs'), (_, call) => list('workflow_runs', filtered(runs, call))],
    [
      'GET',
      at('/actions/runs/(\\d+)'),
      onRun((run) => {
        const seen = asRun(run);
        run.left = Math.max(0, run.left - 1);
        return jsonAnswer(200, seen);
      }),
    ],
    [
      'GET',
      at('/actions/runs/(\\d+)/jobs'),
      onRun((run) =>
        list(
          'jobs',
          run.jobs.map((_, i) => asJob(run, i)),
        ),
      ),
    ],
    ['GET', at('/actions/runs/(\\d+)/artifacts'), onRun((run) => list('artifacts', [artifact(run)]))],
    [
      'GET',
      at('/actions/runs/(\\d+)/timing'),
      onRun(() => jsonAnswer(200, { billable: { UBUNTU: { total_ms: 180000, jobs: 2 } }, run_duration_ms: 95000 })),
    ],
    ['GET', at('/actions/runs/(\\d+)/logs'), onRun((run, call) => toStore(call, `runs/${run.id}.zip`))],
    ['GET', at('/actions/artifacts/(\\d+)'), ([id]) => found(runs.map(artifact).find((one) => one.id === Number(id)))],
    ['GET', at('/actions/artifacts/(\\d+)/zip'), ([id], call) => toStore(call, `artifacts/${id}.zip`)],
    [
      'GET',
      at('/actions/jobs/(\\d+)'),
      ([id]) => {
        const at = findJob(id);
        return found(at && asJob(at.run, at.index));
      },
    ],
    [
      'GET',
      at('/actions/jobs/(\\d+)/logs'),
      ([id], call) => (findJob(id)?.run.logs === true ? toStore(call, `jobs/${id}.txt`) : notFound()),
    ],
    ['POST', at('/actions/runs/(\\d+)/rerun'), onRun(start)],
    ['POST', at('/actions/runs/(\\d+)/rerun-failed-jobs'), onRun(start)],
    [
      'POST',
      at('/actions/runs/(\\d+)/cancel'),
      onRun((run) => {
        if (run.left === 0) return githubError(409, 'Cannot cancel a workflow run that is completed.');
        Object.assign(run, { left: 0, cancelled: true });
        return jsonAnswer(202, {});
      }),
    ],
    [
      'DELETE',
      at('/actions/runs/(\\d+)/logs'),
      onRun((run) => {
        run.logs = false;
        return empty(204);
      }),
    ],
    [
      'POST',
      at('/actions/workflows/([^/]+)/dispatches'),
      ([id], call) => {
        const body: unknown = JSON.parse(call.body?.toString('utf8') ?? 'null');
        if (workflow(id)?.id !== 102) return githubError(422, "Workflow does not have 'workflow_dispatch' trigger");
        const branch = isObject(body) ? String(body.ref) : '';
        const run = { id: 2001 + runs.length, workflow: 102, title: 'Deploy', event: 'workflow_dispatch', branch };
        const state = { attempt: 1, left: 2, cancelled: false, logs: true };
        runs.push({ ...run, jobs: seed.deployJobs(3001 + runs.length * 2), ...state });
        return jsonAnswer(200, { workflow_run_id: run.id, run_url: '', html_url: '' });
      },
    ],
    ['GET', at('/commits/(.+)/status'), combinedStatus],
    ['GET', at('/code-scanning/alerts'), () => jsonAnswer(200, seed.CODE_ALERTS)],
    ['GET', at('/code-scanning/alerts/(\\d+)'), ([id]) => found(byNumber(seed.CODE_ALERTS, id))],
    ['GET', at('/secret-scanning/alerts'), () => jsonAnswer(200, seed.SECRET_ALERTS)],
    ['GET', at('/secret-scanning/alerts/(\\d+)'), ([id]) => found(byNumber(seed.SECRET_ALERTS, id))],
    ['GET', at('/dependabot/alerts'), (_, call) => dependabotPage(call)],
    ['GET', at('/dependabot/alerts/(\\d+)'), ([id]) => found(byNumber(seed.DEPENDABOT_ALERTS, id))],
    ['GET', /^(?:\/repos\/acme\/web)?\/notifications$/, (_, call) => jsonAnswer(200, shown(inbox(call.login), call))],
    [
      'PUT',
      /^(?:\/repos\/acme\/web)?\/notifications$/,
      (_, call) => {
        for (const thread of inbox(call.login)) thread.unread = false;
        return empty(205);
      },
    ],
    ['GET', /^\/notifications\/threads\/(\d+)$/, ([id], call) => found(shown(inbox(call.login), call, id)[0])],
    [
      'PATCH',
      /^\/notifications\/threads\/(\d+)$/,
      ([id], call) => {
        const thread = inbox(call.login).find((one) => one.id === id);
        if (thread !== undefined) thread.unread = false;
        return thread === undefined ? notFound() : empty(205);
      },
    ],
    [
      'DELETE',
      /^\/notifications\/threads\/(\d+)$/,
      ([id], call) => {
        inboxes.set(
          call.login,
          inbox(call.login).filter((one) => one.id !== id),
        );
        return empty(204);
      },
    ],
  ];

  return {
    async answer(call) {
      for (const [method, pattern, handler] of routes) {
        const parts = method === call.method ? pattern.exec(call.url.pathname) : null;
        if (parts !== null) return handler(parts.slice(1), call);
      }
      return undefined;
    },
    store(path, authorization) {
      if (authorization !== undefined) return { ...empty(400), body: Buffer.from('InvalidAuthenticationInfo') };
      const job = findJob(/^\/_store\/jobs\/(\d+)\.txt/.exec(path)?.[1])?.job;
      if (job === undefined) return { ...empty(404), body: Buffer.from('BlobNotFound') };
      return {
        status: 200,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: Buffer.from(seed.logOf(job)),
      };
    },
  };
}

function at(path: string): RegExp {
  return new RegExp(`^${HOME}${path}$`);
}

function list(name: string, items: readonly unknown[]): Answer {
  return jsonAnswer(200, { total_count: items.length, [name]: items });
}

function found(item: unknown): Answer {
  return item === undefined ? notFound() : jsonAnswer(200, item);
}

function byNumber<Item extends { readonly number: number }>(items: readonly Item[], number: string | undefined) {
  return items.find((item) => item.number === Number(number));
}

function shown(threads: readonly seed.Thread[], { url }: Call, id?: string) {
  const base = `${url.origin}${HOME}`;
  return threads
    .filter((thread) => (id === undefined ? thread.unread || url.searchParams.get('all') === 'true' : thread.id === id))
    .map(({ path, title, type, ...thread }) => ({
      ...thread,
      repository: { full_name: 'acme/web' },
      subject: { title, type, url: path === '' ? null : `${base}/${path}` },
      updated_at: '2026-11-20T09:05:00Z',
      last_read_at: thread.unread ? null : '2026-11-20T09:06:00Z',
    }));
}

function dependabotPage({ url }: Call): Answer {
  const from = Number(url.searchParams.get('after') ?? 0);
  const to = from + Number(url.searchParams.get('per_page') ?? 30);
  const next = new URL(url);
  next.searchParams.set('after', String(to));
  const link = to < seed.DEPENDABOT_ALERTS.length ? { link: `<${next}>; rel="next"` } : {};
  return jsonAnswer(200, seed.DEPENDABOT_ALERTS.slice(from, to), link);
}

async function combinedStatus([ref]: readonly string[], { headers, upstream }: Call): Promise<Answer> {
  const commit = await upstream.ask({ path: `${HOME}/commits/${ref}`, headers });
  const body = readJson(commit);
  if (commit.status !== 200 || !isObject(body)) return commit;
  return jsonAnswer(200, { state: 'pending', sha: body.sha, total_count: 0, statuses: [] });
}
