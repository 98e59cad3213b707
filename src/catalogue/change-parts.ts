/** The patches of a change as the text of a resource, file by file. */
import { utf8Bytes } from '../output/budget.ts';
import type { ResourceContent } from './define.ts';
import { type FileChange, fileHeader } from './diff.ts';
import { MAX_READ, partOf, type Range } from './ranges.ts';

/**
 * In: the files of a change from number `start` of the range on, and a text to stand before them. Out: as many whole
 * files of the range as fit in one read, at least one.
 */
export async function readChanges(
  uri: string,
  files: AsyncIterable<FileChange>,
  { start, end }: Range,
  before = '',
): Promise<ResourceContent> {
  const parts = before === '' ? [] : [before];
  let room = MAX_READ - utf8Bytes(before);
  let at = start;
  let next: number | undefined;
  for await (const file of files) {
    if (at > end) break;
    const said = patchOf(file);
    room -= utf8Bytes(said);
    if (room < 0 && at > start) {
      next = at;
      break;
    }
    parts.push(said);
    at += 1;
  }
  const text = parts.join('\n');
  if (start === 1 && next === undefined && end === Number.MAX_SAFE_INTEGER)
    return { uri, mimeType: 'text/plain', text };
  return partOf(uri, 'files', { start, end: Math.max(start, at - 1) }, next, 'text/plain', text);
}

function patchOf(file: FileChange): string {
  return `${fileHeader(file)}${file.patch ? `${file.patch}\n` : '(no patch: binary, renamed only, or too large for GitHub)\n'}`;
}
