/** Patches as GitHub gives them, one for each file, cut into pages by file, hunk and, inside a long hunk, line. Pure. */
import { cutText, jsonBytes } from '../output/budget.ts';

export interface FileChange {
  readonly filename: string;
  readonly previous_filename?: string | null | undefined;
  readonly status: string;
  readonly patch?: string | null | undefined;
}

export interface Piece {
  readonly text: string;
  /** The line of the patch, from 0, that did not fit; undefined where the patch is through. */
  readonly next?: number;
}

/** `@@ -12,3 +14,5 @@ function name()`; a count that is missing is 1. */
const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;
/** The start of one file in a diff. */
const FILE = /^diff --git /m;

/** In: a changed file. Out: the lines above its hunks, as git writes them. */
export function fileHeader({ filename, previous_filename, status }: FileChange): string {
  const [before, after] = [previous_filename ?? filename, filename].map((name) => name.replace(/\s+/g, ' '));
  const marks: Readonly<Record<string, string>> = { added: 'new file', removed: 'deleted file' };
  const moved = status === 'renamed' ? `rename from ${before}\nrename to ${after}` : status;
  return `diff --git a/${before} b/${after}\n${marks[status] ?? moved}\n`;
}

/**
 * In: a patch, the line of it to begin with, and the bytes there are. Out: as many whole hunks as fit. Where `first`, at
 * least something comes: of a hunk that is too long alone, the lines that fit.
 */
export function takePatch(patch: string, from: number, room: number, first: boolean): Piece {
  let text = '';
  let line = from;
  for (const hunk of hunksFrom(patch, from)) {
    const whole = `${hunk.lines.join('\n')}\n`;
    if (bytesOf(text + whole) <= room) {
      text += whole;
      line = hunk.end;
    } else if (text !== '' || !first) {
      return { text, next: line };
    } else {
      return takeLines(hunk, room);
    }
  }
  return { text };
}

/** In: a diff of many files, as `application/vnd.github.diff`. Out: the hunks of one of them, or undefined. */
export function patchIn(diff: string, filename: string): string | undefined {
  const parts = diff.split(FILE);
  const part = parts.find((text) => text.slice(0, text.indexOf('\n')).endsWith(` b/${filename}`));
  const start = part?.search(/^@@ /m) ?? -1;
  return start < 0 ? undefined : part?.slice(start).replace(/\n$/, '');
}

interface Hunk {
  /** Its header first. */
  readonly lines: readonly string[];
  /** Lines of the patch up to and with this hunk. */
  readonly end: number;
}

/** The hunks of a patch from a line on; one that began before gets a header that says where it goes on. */
function hunksFrom(patch: string, from: number): Hunk[] {
  const hunks: { lines: string[]; end: number }[] = [];
  let before = 0;
  let after = 0;
  for (const [index, line] of patch.split('\n').entries()) {
    const header = HUNK.exec(line);
    if (header !== null) [before, after] = [Number(header[1]), Number(header[2])];
    if (index >= from) {
      if (header !== null) hunks.push({ lines: [line], end: index + 1 });
      else {
        if (hunks.length === 0) hunks.push({ lines: [`@@ -${before} +${after} @@ (continued)`], end: index });
        const hunk = hunks.at(-1);
        hunk?.lines.push(line);
        if (hunk) hunk.end = index + 1;
      }
    }
    if (header !== null || line.startsWith('\\')) continue;
    if (!line.startsWith('+')) before += 1;
    if (!line.startsWith('-')) after += 1;
  }
  return hunks;
}

function takeLines({ lines: [header = '', ...body], end }: Hunk, room: number): Piece {
  const left = room - bytesOf(`${header}\n (line cut)\n`);
  const cut = cutText(body.join('\n'), left);
  // One endless line: its beginning stands for it.
  const taken = Math.max(1, cut.lines);
  const next = end - body.length + taken;
  return { text: `${header}\n${cut.text}${cut.lineCut ? ' (line cut)' : ''}\n`, ...(taken < body.length && { next }) };
}

/** Bytes inside a JSON string. */
function bytesOf(text: string): number {
  return jsonBytes(text) - 2;
}
