/** Ranges in the URI of a resource (`?lines=201-400`, `?files=11-20`): long content is read part by part. */
import * as z from 'zod';
import { sanitiseText } from '../output/sanitise.ts';
import type { ResourceContent } from './define.ts';
import { choose, rangeOf } from './lines.ts';

/** Bytes of text that one read answers with. */
export const MAX_READ = 512 * 1024;
/** Where a part says which URI reads on, in `_meta` of the content. */
export const NEXT_KEY = 'gatehouse/next';

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** `7`, `7-12` or `7-`. Out: both ends included; all where it is missing. */
export const range = z
  .string()
  .optional()
  .transform((value, context): Range => {
    if (value === undefined) return { start: 1, end: Number.MAX_SAFE_INTEGER };
    const [, from = '', dash, to = ''] = /^([1-9]\d{0,8})(-)?([1-9]\d{0,8})?$/.exec(value) ?? [];
    const start = Number(from);
    const end = to !== '' ? Number(to) : dash === undefined ? start : Number.MAX_SAFE_INTEGER;
    if (start >= 1 && end >= start && (dash !== undefined || to === '')) return { start, end };
    context.addIssue({ code: 'custom', message: 'must be a range from 1 such as 201-400 or 201-' });
    return z.NEVER;
  });

/** One part of a content: under a URI that names it, and with the URI of the next where there is more. */
export function partOf(
  uri: string,
  name: 'lines' | 'files',
  { start, end }: Range,
  next: number | undefined,
  mimeType: string,
  text: string,
): ResourceContent {
  const whole = uri.split('?')[0] ?? uri;
  const meta = next === undefined ? {} : { _meta: { [NEXT_KEY]: `${whole}?${name}=${next}-` } };
  return { uri: `${whole}?${name}=${start}-${end}`, mimeType, text, ...meta };
}

/**
 * In: the lines of a text, however long, and which of them. Out: those that fit in one read, whole lines; the text is
 * not read further than it takes.
 */
export async function readLines(
  uri: string,
  lines: AsyncIterable<readonly string[]>,
  { start, end }: Range,
  mimeType: string,
  clean: (line: string) => string = sanitiseText,
): Promise<ResourceContent> {
  const chosen = await choose(lines, rangeOf(start, end, MAX_READ, clean));
  const last = chosen.end_line ?? start;
  const wanted = chosen.next_start_line !== undefined && chosen.next_start_line <= end;
  return partOf(
    uri,
    'lines',
    { start, end: last },
    wanted ? chosen.next_start_line : undefined,
    mimeType,
    chosen.content,
  );
}
