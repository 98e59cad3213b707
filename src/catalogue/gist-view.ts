/** A gist as a model sees it, and its files within the budget. */
import * as z from 'zod';
import { segmentProblem } from '../github/guard.ts';
import { cutText, jsonBytes } from '../output/budget.ts';
import { idText, text } from './arguments.ts';
import { lean } from './lean.ts';
import type { upstreamGist, upstreamGists } from './upstream-repositories.ts';

/** Bytes of a description, and names of files in a list. */
const MAX_DESCRIPTION = 500;
const MAX_NAMES = 20;
/** Bytes a file's part must have to be worth sending. */
const LEAST_PART = 500;

export const gistId = idText;
/** GitHub keeps gists as flat Git repositories. */
export const gistFilename = text(255, 1).superRefine((value, context) => {
  const message = segmentProblem(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

export const gistView = z.object({
  id: z.string(),
  html_url: z.string().optional(),
  description: z.string().optional(),
  public: z.boolean().optional(),
  owner: z.string().optional(),
  comments: z.int().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

/** In: a gist as GitHub gives it. Out: the same without its files, lean. */
export function viewGist(gist: z.output<typeof upstreamGists>[number]): z.input<typeof gistView> {
  return lean({
    id: gist.id,
    html_url: gist.html_url,
    description: cutText(gist.description ?? '', MAX_DESCRIPTION).text,
    public: gist.public,
    owner: gist.owner?.login,
    comments: gist.comments || undefined,
    created_at: gist.created_at,
    updated_at: gist.updated_at,
  });
}

/** The names of a gist's files. */
export function namesOf(gist: z.output<typeof upstreamGists>[number]): string[] {
  return Object.values(gist.files)
    .flatMap((file) => file?.filename ?? [])
    .slice(0, MAX_NAMES);
}

export const gistFile = z.object({
  filename: z.string(),
  language: z.string().optional(),
  size: z.int().optional(),
  content: z.string().optional(),
  start_line: z.int().optional(),
  cut_by_github: z.boolean().optional(),
});
type GistFile = z.input<typeof gistFile>;

/** Bytes that a part adds to what is said of a file: the names of its members. */
const PART_NAMES = ',"content":"","start_line":12345678,'.length;

/**
 * In: files of a gist, the line of the first to begin with, and the bytes for all. Out: the files in front that fit, the
 * last of them perhaps in part, and the file (from 0) and line (from 1) to read on at.
 */
export function fitGistFiles(
  files: readonly NonNullable<z.output<typeof upstreamGist>['files'][string]>[],
  start: number,
  room: number,
): { readonly shown: GistFile[]; readonly next?: { readonly file: number; readonly line: number } } {
  const shown: GistFile[] = [];
  let left = room;
  for (const [index, file] of files.entries()) {
    const from = index === 0 ? start : 1;
    const about = {
      filename: file.filename ?? '',
      ...lean({ language: file.language, size: file.size, cut_by_github: file.truncated || undefined }),
      ...(from > 1 && { start_line: from }),
    };
    left -= jsonBytes(about) + PART_NAMES;
    if (left < LEAST_PART && index > 0) return { shown, next: { file: index, line: from } };
    const { content, next } = partOf(file.content ?? '', from, left);
    shown.push({ ...about, content });
    left -= jsonBytes(content);
    if (next !== undefined) return { shown, next: { file: index, line: next } };
  }
  return { shown };
}

function partOf(content: string, start: number, room: number): { readonly content: string; readonly next?: number } {
  const lines = content.split('\n');
  const cut = cutText(start === 1 ? content : lines.slice(start - 1).join('\n'), room);
  const next = start + Math.max(1, cut.lines);
  // Of one endless line the beginning stands for it.
  return { content: cut.text, ...(cut.truncated && next <= lines.length && { next }) };
}
