/** The files of a change and their patches, in parts: whole files where they fit, then whole hunks, then lines. */
import * as z from 'zod';
import { jsonBytes, pageAfter } from '../output/budget.ts';
import { type Collected, fitPage } from './collect.ts';
import type { Position } from './define.ts';
import { takePatch } from './diff.ts';
import { lean } from './lean.ts';
import type { upstreamFiles } from './upstream.ts';

export const changedFile = z.object({
  filename: z.string(),
  previous_filename: z.string().optional(),
  status: z.string(),
  additions: z.int(),
  deletions: z.int(),
  patch: z.string().optional(),
  no_patch: z.boolean().optional().describe('Binary, or too large for GitHub'),
  start_line: z.int().optional(),
});
export type ChangedFile = z.input<typeof changedFile>;

/** In: a file of a change as GitHub gives it, and whether its patch is wanted. Out: the same, lean. */
export function viewChange(file: z.output<typeof upstreamFiles>[number], withPatch: boolean): ChangedFile {
  const { filename, previous_filename, status, additions, deletions, patch } = file;
  const changed = additions + deletions > 0 || status !== 'renamed';
  return lean({
    filename,
    previous_filename,
    status,
    additions,
    deletions,
    ...(withPatch && { patch, no_patch: (!patch && changed) || undefined }),
  });
}

/**
 * In: one page of a change's files, the bytes they may take, and the line of the first one's patch to begin with. Out:
 * what fits, and where to read on; a patch that is longer than all the room comes in parts, `start_line` by `start_line`.
 */
export function fitChanges(
  files: readonly ChangedFile[],
  page: Omit<Collected<unknown>, 'items'>,
  room: number,
  start = 1,
): { shown: ChangedFile[]; truncated?: true; total?: number; next?: Position } {
  const [first, ...others] = files;
  if (first?.patch === undefined || (start === 1 && jsonBytes(first) <= room)) return fitPage(files, page, room);
  const { part, following } = partOf(first, start, room);
  if (following !== undefined) {
    const next = { page: page.skipped + 1, perPage: 1, start_line: following };
    return { shown: [part], truncated: true, next };
  }
  // Parts are read one file at a time; after the last one the pages may be larger again.
  const next = page.next && others.length === 0 ? pageAfter(page.skipped + 1) : page.next;
  return fitPage([part, ...others], { ...page, next }, room);
}

function partOf(file: ChangedFile, start: number, room: number): { part: ChangedFile; following: number | undefined } {
  const about = lean({ ...file, patch: '', start_line: start === 1 ? undefined : start });
  const left = room - jsonBytes(about) - '"patch":"",'.length;
  const { text, next } = takePatch(file.patch ?? '', start - 1, left, true);
  return { part: { ...about, patch: text.replace(/\n$/, '') }, following: next === undefined ? undefined : next + 1 };
}
