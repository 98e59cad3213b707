import * as z from 'zod';
import type { GitHub } from '../../github/client.ts';
import { isFailed } from '../action-view.ts';
import { owner, ref, repo } from '../arguments.ts';
import { type Clock, clock } from '../clock.ts';
import { defineTool } from '../define.ts';
import { lean } from '../lean.ts';
import { type Look, POLL_TIMEOUT_MS, poll, timeoutSeconds } from '../poll.ts';
import { upstreamCheckRuns, upstreamStatus } from '../upstream-conversations.ts';

/** Milliseconds after which a commit without any check is taken to have none: they are made some seconds after a push. */
const APPEAR_MS = 20_000;
/** Most checks named in a list of the result, and most pages of 100 checks read at each look. */
const MAX_NAMED = 50;
const MAX_PAGES = 3;

interface Check {
  readonly name: string;
  readonly app?: string | undefined;
  readonly id?: number | undefined;
  readonly finished: boolean;
  readonly conclusion?: string | undefined;
}
interface State {
  readonly sha: string;
  readonly checks: readonly Check[];
}
type Place = { owner: string; repo: string };

const named = z
  .array(
    z.object({
      name: z.string(),
      app: z.string().optional(),
      id: z.int().optional().describe('job_id of get_job_logs where app is github-actions'),
      conclusion: z.string().optional(),
    }),
  )
  .optional();

/** In: the time to wait by. Out: the tool. */
export const createWaitForChecks = (time: Clock) =>
  defineTool({
    name: 'wait_for_checks',
    title: 'Wait for checks',
    description: 'Wait until all checks and statuses of a commit are finished. Where finished is false, call again.',
    toolset: 'actions',
    access: 'read',
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
    timeoutMs: POLL_TIMEOUT_MS,
    input: z.strictObject({
      owner,
      repo,
      ref: ref.describe('Branch, tag or SHA'),
      timeout_seconds: timeoutSeconds,
    }),
    output: z.object({
      finished: z.boolean(),
      conclusion: z.enum(['success', 'failure', 'pending', 'none']),
      sha: z.string(),
      checks: z.object({ total: z.int(), completed: z.int() }),
      failed: named,
      unfinished: named,
      waited_seconds: z.int(),
    }),
    async run({ owner: login, repo: name, ref: at, timeout_seconds }, context) {
      const place = { owner: login, repo: name };
      let sha: string | undefined;
      const { state, finished, waited_seconds } = await poll(context, time, timeout_seconds, async (waited) => {
        const seen = await look(context.github, place, sha ?? at, waited);
        sha = seen.state.sha;
        return seen;
      });
      const failed = state.checks.filter((check) => isFailed(check.conclusion) || BLOCKING.has(check.conclusion ?? ''));
      const unfinished = state.checks.filter((check) => !check.finished);
      const name_ = (checks: readonly Check[]) =>
        checks
          .slice(0, MAX_NAMED)
          .map(({ name: called, app, id, conclusion }) => lean({ name: called, app, id, conclusion }));
      return {
        data: {
          finished,
          conclusion: conclude(state.checks.length, failed.length, finished),
          sha: state.sha,
          checks: { total: state.checks.length, completed: state.checks.length - unfinished.length },
          ...lean({ failed: name_(failed), unfinished: name_(unfinished) }),
          waited_seconds,
        },
      };
    },
  });

export const waitForChecks = createWaitForChecks(clock);

function conclude(total: number, failed: number, finished: boolean) {
  if (failed > 0) return 'failure' as const;
  if (!finished) return 'pending' as const;
  return total === 0 ? ('none' as const) : ('success' as const);
}

/** Conclusions besides failures that keep a required check from passing. */
const BLOCKING: ReadonlySet<string> = new Set(['cancelled', 'action_required', 'stale', 'error']);

async function look(github: GitHub, place: Place, at: string, waitedMs: number): Promise<Look<State>> {
  const status = '/repos/{owner}/{repo}/commits/{ref}/status';
  const { data } = await github.request(`GET ${status}`, { ...place, ref: at, per_page: 100 }, upstreamStatus);
  const checks: Check[] = data.statuses.map(({ context, state }) => ({
    name: context,
    finished: state !== 'pending',
    conclusion: state === 'pending' ? undefined : state,
  }));
  const route = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
  // The commit, not the branch: it may move between two requests.
  const runs = github.pages(route, { ...place, ref: data.sha, per_page: 100 }, upstreamCheckRuns, MAX_PAGES);
  for await (const { data: page } of runs) {
    for (const { id, name, status: at, conclusion, app } of page.check_runs) {
      const finished = at === 'completed';
      checks.push({ id, name, app: app?.slug ?? undefined, finished, conclusion: conclusion ?? undefined });
    }
  }
  const done = checks.filter((check) => check.finished).length;
  const waiting = checks.filter((check) => !check.finished).map((check) => check.name);
  return {
    state: { sha: data.sha, checks },
    finished: waiting.length === 0 && (checks.length > 0 || waitedMs >= APPEAR_MS),
    done,
    total: Math.max(1, checks.length),
    message:
      checks.length === 0
        ? 'No checks yet'
        : `${done} of ${checks.length} checks done${waiting.length > 0 ? `; waiting for ${waiting.slice(0, 3).join(', ')}` : ''}`,
  };
}
