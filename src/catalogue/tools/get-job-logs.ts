import * as z from 'zod';
import { AppError } from '../../core/errors.ts';
import { RESERVE, RESULT_BUDGET } from '../../output/budget.ts';
import { after, id, line, owner, paged, repo, text } from '../arguments.ts';
import type { CallContext } from '../define.ts';
import { defineTool } from '../define.ts';
import { failedJobs, MAX_LOG_BYTES, OF_ONE_JOB } from '../job-logs.ts';
import { type Chooser, choose, linesOf, rangeOf, searchIn, tailOf } from '../lines.ts';
import { cleanerOf } from '../log-line.ts';
import { logLink } from '../uris.ts';

/** Lines from the end unless something else is asked for, as GitHub's own server has it. */
const USUAL_TAIL = 500;
/** Failed jobs of a run whose logs are read at once, and most that are named. */
const MAX_READ = 8;
const MAX_NAMED = 50;
/** Bytes that the fields beside the text of one job take. */
const FRAME = 300;

const input = z
  .strictObject({
    owner,
    repo,
    job_id: id.optional(),
    run_id: id.optional().describe('With failed_only'),
    failed_only: z.boolean().optional(),
    return_content: z.boolean().optional().describe('false: only its address'),
    tail_lines: line.optional().describe(`From the end; ${USUAL_TAIL} unless given`),
    start_line: line.optional(),
    end_line: line.optional(),
    search: text(200, 1).optional().describe('Text in any case, such as "##[error]"'),
    after,
    timestamps: z.boolean().optional(),
  })
  .superRefine((args, context) => {
    const demand = (holds: boolean, field: string, message: string) => {
      if (!holds) context.addIssue({ code: 'custom', path: [field], message });
    };
    const { job_id, run_id, failed_only: failed = false, start_line: start, end_line: end } = args;
    demand((job_id === undefined) !== (run_id === undefined), 'job_id', 'or run_id is needed, and only one of them');
    demand(run_id === undefined || failed, 'failed_only', 'must be true with run_id; or give the job_id of one job');
    demand(job_id === undefined || !failed, 'failed_only', 'needs run_id instead of job_id');
    demand(end === undefined || end >= (start ?? 1), 'end_line', 'must not be less than start_line');
    const others = [start, end, args.search].some((value) => value !== undefined);
    demand(args.tail_lines === undefined || !others, 'tail_lines', 'excludes start_line, end_line and search');
  });
type Args = z.output<typeof input>;

const logView = z.object({
  job_id: z.int(),
  name: z.string().optional(),
  content: z.string().optional().describe('With search like grep -n'),
  start_line: z.int().optional(),
  end_line: z.int().optional(),
  total_lines: z.int().optional(),
  matches: z.int().optional(),
  truncated: z.boolean().optional(),
  line_cut: z.boolean().optional(),
  download_url: z.string().optional().describe('Opens to anyone who has it, for a minute'),
  problem: z.string().optional(),
});
type LogView = z.input<typeof logView>;
/** With the line to read on at. */
type ReadLog = LogView & { readonly next?: number | undefined };

export const getJobLogs = defineTool({
  name: 'get_job_logs',
  title: 'Get job logs',
  description:
    'Read the log of a job (job_id) or of all failed jobs of a run (run_id, failed_only): its end, a range of lines, or what matches a search.',
  toolset: 'actions',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  timeoutMs: 60_000,
  input,
  output: z.object({
    logs: z.array(logView),
    failed_jobs: z.int().optional(),
    ...paged,
  }),
  async run(args, context) {
    const all = RESULT_BUDGET - RESERVE;
    if (args.job_id !== undefined) {
      const { next, ...log } = await readLog(context, args, args.job_id, all - FRAME);
      const more = next && { truncated: true, next: { start_line: next } };
      const links = log.truncated ? [logLink(args.owner, args.repo, args.job_id)] : [];
      return { data: { logs: [log], ...more }, links };
    }
    const failed = await failedJobs(context.github, { ...args, run_id: args.run_id ?? 0 });
    const read = failed.slice(0, MAX_READ);
    const rest = failed.slice(MAX_READ, MAX_NAMED).map(({ id: job_id, name }) => ({ job_id, name, truncated: true }));
    const room = Math.floor((all - rest.length * (FRAME / 2)) / Math.max(1, read.length)) - FRAME;
    const logs: LogView[] = [];
    for (const job of read) {
      const { next: _, ...log } = await logOrProblem(context, args, job.id, room);
      logs.push({ name: job.name, ...log });
      await context.progress({ done: logs.length, total: read.length, message: `Read the log of ${job.name}` });
    }
    // Each goes on by its own job_id; the whole of each is behind its link.
    const cut = logs.filter(({ truncated }) => truncated);
    const links = cut.map(({ job_id }) => logLink(args.owner, args.repo, job_id));
    return { data: { logs: [...logs, ...rest], failed_jobs: failed.length }, links };
  },
});

async function logOrProblem(context: CallContext, args: Args, job_id: number, room: number): Promise<ReadLog> {
  try {
    return await readLog(context, args, job_id, room);
  } catch (error) {
    if (!(error instanceof AppError) || !OF_ONE_JOB.has(error.code)) throw error;
    return { job_id, problem: error.message };
  }
}

async function readLog({ github }: CallContext, args: Args, job_id: number, room: number): Promise<ReadLog> {
  const route = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs';
  const place = { owner: args.owner, repo: args.repo, job_id };
  if (args.return_content === false) return { job_id, download_url: (await github.location(route, place)).href };
  const lines = linesOf(github.download(route, place, MAX_LOG_BYTES));
  const { next_start_line: next, ...chosen } = await choose(lines, chooserOf(args, room));
  return { job_id, ...chosen, next };
}

function chooserOf({ search, start_line, end_line, tail_lines, timestamps = false }: Args, room: number): Chooser {
  const clean = cleanerOf(timestamps);
  const start = start_line ?? 1;
  const end = end_line ?? Number.MAX_SAFE_INTEGER;
  if (search !== undefined) return searchIn(search, start, end, room, clean);
  if (start_line !== undefined || end_line !== undefined) return rangeOf(start, end, room, clean);
  return tailOf(tail_lines ?? USUAL_TAIL, room, clean);
}
