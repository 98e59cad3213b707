/** The diff of a pull request, page by page, from GitHub's list of its files. */
import * as z from 'zod';
import { AppError } from '../core/errors.ts';
import type { GitHub } from '../github/client.ts';
import { jsonBytes, RESERVE, RESULT_BUDGET } from '../output/budget.ts';
import { sanitiseText } from '../output/sanitise.ts';
import type { CallContext } from './define.ts';
import { fileHeader, patchIn, takePatch } from './diff.ts';
import { lean, nextAfter } from './lean.ts';
import { upstreamFiles } from './upstream.ts';

/** Files on one page of GitHub's list, and the most that it lists (GitHub REST, "List pull requests files"). */
const PAGE = 100;
const MOST_FILES = 3000;
/** Bytes of a whole diff; GitHub refuses longer ones (20,000 lines, 300 files, 1 MB). */
const MAX_DIFF = 4 * 1024 * 1024;
/** Names of files without a patch take at most this part of a result. */
const MISSING_ROOM = 4096;

export const diffOutput = {
  diff: z.string().optional(),
  missing: z.array(z.string()).optional(),
  head_sha: z.string().optional(),
};

export interface PullPlace {
  readonly owner: string;
  readonly repo: string;
  readonly pull_number: number;
}

/**
 * In: a pull request, the head it has, how many files, and where an earlier page ended (the head it had, the file and
 * the line of its patch, both from 0). Out: the next page. Throws
 * `upstream_conflict` where commits were pushed between two pages.
 */
export async function readDiff(
  context: CallContext,
  place: PullPlace,
  pull: { readonly head: string; readonly files: number | undefined },
  after: string | undefined,
) {
  const [head, from = 0, fromLine = 0] = after?.split(':') ?? [pull.head];
  if (head !== pull.head) {
    throw new AppError('upstream_conflict', 'The pull request has new commits since the first page of its diff.', {
      hint: 'Call again without after.',
    });
  }
  let room = RESULT_BUDGET - RESERVE - MISSING_ROOM;
  let diff = '';
  const missing: string[] = [];
  let whole: Promise<string | undefined> | undefined;
  let at = Number(from);
  let line = Number(fromLine);
  for await (const file of filesFrom(context, place, at)) {
    const changes = file.additions + file.deletions;
    if (!file.patch && changes > 0) whole ??= wholeDiff(context.github, place);
    const patch = file.patch || patchIn((await whole) ?? '', file.filename);
    const header = fileHeader(file);
    const left = room - (jsonBytes(header) - 2);
    const piece = patch ? takePatch(patch, line, left, diff === '') : { text: '' };
    const stuck = left < 0 || (piece.text === '' && piece.next !== undefined);
    if (patch === undefined && changes > 0) missing.push(`${file.filename} (+${file.additions} -${file.deletions})`);
    if (!stuck) {
      const why = changes > 0 ? '(too large for GitHub to show)' : '(binary, or its content is unchanged)';
      const text = `${header}${patch ? piece.text : `${why}\n`}`;
      diff += text;
      room -= jsonBytes(text) - 2;
    }
    if (stuck || piece.next !== undefined || jsonBytes(missing) > MISSING_ROOM / 2) {
      const next = stuck ? [at, line] : piece.next !== undefined ? [at, piece.next] : [at + 1, 0];
      return page([pull.head, ...next].join(':'));
    }
    at += 1;
    line = 0;
  }
  if (pull.files !== undefined && pull.files > at && at >= MOST_FILES) {
    missing.push(`${pull.files - at} more files, which GitHub does not list`);
  }
  return page();

  function page(following?: string) {
    return {
      diff,
      head_sha: pull.head,
      ...lean({ missing, truncated: following === undefined ? undefined : true }),
      ...nextAfter(following),
    };
  }
}

/** The files that a pull request changes, from number `from` on, counted from 0; GitHub lists 3,000 at most. */
export async function* filesFrom(
  { github, progress }: Pick<CallContext, 'github' | 'progress'>,
  place: PullPlace,
  from: number,
) {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files';
  const first = Math.floor(from / PAGE);
  const parameters = { ...place, page: first + 1, per_page: PAGE };
  for await (const { data, fetched } of github.pages(route, parameters, upstreamFiles, MOST_FILES / PAGE)) {
    await progress({ done: fetched, message: `Read ${(first + fetched - 1) * PAGE + data.length} changed files` });
    yield* fetched === 1 ? data.slice(from - first * PAGE) : data;
  }
}

/** Undefined where GitHub refuses it for its size. */
async function wholeDiff(github: GitHub, place: PullPlace): Promise<string | undefined> {
  try {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
    const { data } = await github.bytes(route, place, MAX_DIFF, 'diff');
    return sanitiseText(new TextDecoder().decode(data));
  } catch (error) {
    if (error instanceof AppError && ['too_large', 'upstream_invalid', 'upstream_not_found'].includes(error.code))
      return;
    throw error;
  }
}
