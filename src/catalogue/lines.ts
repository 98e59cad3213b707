/**
 * Choosing lines from a text that arrives in pieces and may be far larger than what is kept: a range, the end, or what
 * matches a search. Pure. Memory stays at about the room that the result may take, however long the text is.
 */
import { cutText, jsonBytes } from '../output/budget.ts';

/** Characters kept of one line. The rest of a longer one is dropped. */
const MAX_LINE = 65_536;
/** Lines shown on each side of a match. */
const CONTEXT = 2;
/** Characters shown of a line in search results; of a longer one, those around the match. */
const MAX_SHOWN = 400;
/** Characters that raw lines of a tail may have per byte of room: some of a log is taken out before it is shown. */
const SLACK = 4;

export interface Chosen {
  content: string;
  /** First and last line in `content`, from 1. */
  start_line?: number;
  end_line?: number;
  /** Known only where the text was read to its end. */
  total_lines?: number;
  /** Lines that match, also those not shown. */
  matches?: number;
  truncated?: boolean;
  line_cut?: boolean;
  next_start_line?: number;
}

/** Takes lines one after the other. */
export interface Chooser {
  /** Out: false once no further line can change the result. */
  take(line: string): boolean;
  /** In: whether the text was read to its end. */
  result(ended: boolean): Chosen;
}

/** In: bytes of UTF-8 in pieces. Out: the lines completed by each piece, the last at the end. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  decoder = new TextDecoder(),
): AsyncGenerator<string[], void, undefined> {
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (parts.pop() ?? '').slice(0, MAX_LINE);
    yield parts;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

/** In: lines in pieces, and what chooses among them. Out: what it chose; the rest is not read once it can tell. */
export async function choose(lines: AsyncIterable<readonly string[]>, chooser: Chooser): Promise<Chosen> {
  for await (const part of lines) {
    if (!part.every((line) => chooser.take(line))) return chooser.result(false);
  }
  return chooser.result(true);
}

/** The same for lines that are all there. */
export function chooseOf(lines: readonly string[], chooser: Chooser): Chosen {
  return chooser.result(lines.every((line) => chooser.take(line)));
}

/** In: the first and last line asked for, the bytes their text may take as JSON, and how a line is cleaned. */
export function rangeOf(start: number, end: number, room: number, clean: (line: string) => string): Chooser {
  const kept: string[] = [];
  let seen = 0;
  let used = 0;
  let cut = false;
  return {
    take(line) {
      seen++;
      if (seen < start) return true;
      if (seen > end || cut) return false;
      const text = clean(line);
      const bytes = bytesOf(text);
      if (used + bytes <= room) {
        kept.push(text);
        used += bytes;
        return true;
      }
      // A line longer than all of the room would never come out otherwise.
      if (kept.length > 0) return false;
      kept.push(cutText(text, room).text);
      cut = true;
      return true;
    },
    result(ended) {
      const last = start - 1 + kept.length;
      const more = !ended || last < seen;
      return {
        content: kept.join('\n'),
        ...(kept.length > 0 && { start_line: start, end_line: last }),
        ...(ended && { total_lines: seen }),
        ...(cut && { line_cut: true }),
        ...((more || cut) && { truncated: true }),
        ...(more && kept.length > 0 && { next_start_line: last + 1 }),
      };
    },
  };
}

/** In: how many lines from the end, the bytes their text may take as JSON, and how a line is cleaned. */
export function tailOf(count: number, room: number, clean: (line: string) => string): Chooser {
  const ring: string[] = [];
  let size = 0;
  let seen = 0;
  return {
    take(line) {
      seen++;
      ring.push(line);
      size += line.length + 1;
      while (ring.length > count || (size > room * SLACK && ring.length > 1)) size -= (ring.shift()?.length ?? 0) + 1;
      return true;
    },
    result() {
      const kept: string[] = [];
      let used = 0;
      let cut = false;
      for (let text = last(); text !== undefined; text = last()) {
        used += bytesOf(text);
        if (used > room) {
          cut = kept.length === 0;
          if (cut) kept.unshift(cutText(text, room).text);
          break;
        }
        kept.unshift(text);
      }
      const start = seen - kept.length + 1;
      return {
        content: kept.join('\n'),
        ...(kept.length > 0 && { start_line: start, end_line: seen }),
        total_lines: seen,
        ...(cut && { line_cut: true }),
        ...((start > 1 || cut) && { truncated: true }),
      };
    },
  };

  function last(): string | undefined {
    const line = ring.pop();
    return line === undefined ? undefined : clean(line);
  }
}

/**
 * In: text to look for in any case, the lines to look in, the bytes the result may take as JSON, and how a line is
 * cleaned. What comes out reads like `grep -n -i`: `12:` before a match, `12-` before its surroundings, `--` between.
 */
export function searchIn(
  search: string,
  start: number,
  end: number,
  room: number,
  clean: (line: string) => string,
): Chooser {
  const needle = search.toLowerCase();
  const kept: string[] = [];
  /** Lines before the next match, while they may still be shown. */
  let before: string[] = [];
  let seen = 0;
  let matches = 0;
  let used = 0;
  let last = 0;
  let after = 0;
  let next: number | undefined;

  /** Adds lines up to number `upTo`, all or none. */
  const add = (lines: readonly string[], upTo: number): boolean => {
    const gap = last > 0 && upTo - lines.length > last ? ['--'] : [];
    const added = [...gap, ...lines];
    const bytes = added.reduce((sum, line) => sum + bytesOf(line), 0);
    if (used + bytes > room) return false;
    kept.push(...added);
    used += bytes;
    last = upTo;
    return true;
  };

  return {
    take(line) {
      seen++;
      if (seen < start) return true;
      if (seen > end) return false;
      const text = clean(line);
      const at = text.toLowerCase().indexOf(needle);
      if (at >= 0) {
        matches++;
        const shown = `${seen}:${excerpt(text, at)}`;
        if (next === undefined && !add([...before, shown], seen) && !add([shown], seen)) next = seen;
        before = [];
        after = CONTEXT;
        return true;
      }
      if (next !== undefined) return true;
      const shown = `${seen}-${excerpt(text, 0)}`;
      if (after > 0) {
        after--;
        if (add([shown], seen)) return true;
      }
      before = [...before, shown].slice(-CONTEXT);
      return true;
    },
    result(ended) {
      return {
        content: kept.join('\n'),
        matches,
        ...(ended && { total_lines: seen }),
        ...(next !== undefined && { truncated: true, next_start_line: next }),
      };
    },
  };
}

function excerpt(text: string, at: number): string {
  if (text.length <= MAX_SHOWN) return text;
  const from = Math.max(0, Math.min(at - MAX_SHOWN / 4, text.length - MAX_SHOWN));
  const part = text.slice(from, from + MAX_SHOWN).toWellFormed();
  return `${from > 0 ? '…' : ''}${part}${from + MAX_SHOWN < text.length ? '…' : ''}`;
}

/** As part of a JSON string, with its newline. */
function bytesOf(text: string): number {
  return jsonBytes(text);
}
