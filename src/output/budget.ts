/** How much of a result a model gets at once, and where to cut. Pure. Sizes are bytes of compact JSON in UTF-8. */

import { Buffer } from 'node:buffer';

/** Bytes of text in one tool result. */
export const RESULT_BUDGET = 24_576;
/** What a tool leaves free for links and for the brackets around its lists. */
export const RESERVE = 1_536;

/** Bytes of `text` in UTF-8. */
export function utf8Bytes(text: string): number {
  return Buffer.byteLength(text);
}

/** Bytes of `value` as compact JSON in UTF-8; 0 for undefined. */
export function jsonBytes(value: unknown): number {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? 0 : utf8Bytes(text);
}

/** Whether `text` has at most `max` bytes in UTF-8. Far below it nothing is encoded: no code unit has more than three. */
export function fits(text: string, max: number): boolean {
  return text.length * 3 <= max || utf8Bytes(text) <= max;
}

/** Whether `value` has at most `max` bytes as compact JSON in UTF-8. Far below it nothing is written. */
export function jsonFits(value: unknown, max: number): boolean {
  return mostBytes(value) <= max || jsonBytes(value) <= max;
}

/** As many bytes as JSON may take, at least: a code unit has at most six (`\u0000`), a number 24. */
function mostBytes(value: unknown): number {
  if (typeof value === 'string') return value.length * 6 + 2;
  if (typeof value !== 'object' || value === null) return 24;
  let bytes = 2;
  for (const [name, member] of Object.entries(value)) bytes += name.length * 6 + 4 + mostBytes(member);
  return bytes;
}

export interface CutText {
  readonly text: string;
  readonly truncated: boolean;
  /** Lines begun in `text`; 0 where it is empty. */
  readonly lines: number;
  /** Whether the last line in `text` is only the beginning of a longer one. */
  readonly lineCut: boolean;
}

/**
 * In: text and the bytes it may take as a JSON string, quotes not counted. Out: as many whole lines as fit; where not
 * even the first fits, its beginning, never ending inside a code point.
 */
export function cutText(text: string, maxBytes: number): CutText {
  if (escapedBytes(text) <= maxBytes) return { text, truncated: false, lines: countLines(text), lineCut: false };
  let used = 0;
  let end = 0;
  let lineEnd = -1;
  for (const character of text) {
    used += escapedBytes(character);
    // A line fits also where only its newline does not.
    if (character === '\n' && used - 2 <= maxBytes) lineEnd = end;
    if (used > maxBytes) break;
    end += character.length;
  }
  const kept = text.slice(0, lineEnd >= 0 ? lineEnd : end);
  return {
    text: kept,
    truncated: true,
    lines: kept === '' && lineEnd < 0 ? 0 : kept.split('\n').length,
    lineCut: lineEnd < 0,
  };
}

/** In: items and the bytes they may take. Out: how many from the front fit whole, each with the comma behind it. */
export function countFitting(items: readonly unknown[], maxBytes: number): number {
  let used = 0;
  for (const [index, item] of items.entries()) {
    used += jsonBytes(item) + 1;
    if (used > maxBytes) return index;
  }
  return items.length;
}

/** Arguments that read on. */
export interface NextPage {
  readonly page: number;
  readonly perPage: number;
}

/** GitHub's largest page. */
const MAX_PER_PAGE = 100;

/**
 * In: how many items were skipped before this list, how many fit, and how many it has. Out: how many to keep and the
 * page that begins right after them. A page can begin only at a multiple of its size, so fewer may be kept than fit,
 * but nothing is lost or seen twice.
 */
export function cutPage(skipped: number, fitting: number, count: number): { keep: number; next?: NextPage } {
  if (fitting >= count) return { keep: count };
  let best = { keep: Math.min(1, count), next: pageAfter(skipped + 1) };
  for (let keep = fitting; keep > 1; keep--) {
    const next = pageAfter(skipped + keep);
    // A page size far below what fits would make reading on slow; prefer keeping less now.
    if (next.perPage >= Math.min(keep, MAX_PER_PAGE / 2)) return { keep, next };
    if (next.perPage > best.next.perPage) best = { keep, next };
  }
  return best;
}

/** The largest page that begins after `offset` items. */
export function pageAfter(offset: number): NextPage {
  for (let perPage = Math.min(MAX_PER_PAGE, Math.max(1, offset)); perPage > 1; perPage--) {
    if (offset % perPage === 0) return { page: offset / perPage + 1, perPage };
  }
  return { page: offset + 1, perPage: 1 };
}

function escapedBytes(text: string): number {
  return jsonBytes(text) - 2;
}

function countLines(text: string): number {
  return text === '' ? 0 : text.split('\n').length;
}
