/**
 * Tells fenced code from prose in Markdown, on the safe side. Pure. What is called code here is shown as code by GitHub;
 * what is called prose may be either. Where a fence could be inside something else, it counts as prose.
 */

export interface Segment {
  readonly code: boolean;
  /** Whole lines, with their newlines except perhaps the last. */
  readonly text: string;
}

interface Fence {
  readonly mark: string;
  readonly indent: number;
}

/** Quote marks, list marks and indentation in front of a line's own content. */
const CONTAINERS = /^(?:[ \t]|>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))*/;
/** CommonMark section 4.5: no backtick after a fence of backticks. */
const OPENING = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})/;
/** CommonMark section 4.6, kinds 1 to 5: what opens a block that blank lines do not end, and what ends it. */
const LONG_BLOCKS: readonly (readonly [RegExp, RegExp])[] = [
  [/^<(?:script|pre|style|textarea)(?:\s|>|$)/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [/^<![a-z]/i, />/],
];

/** In: Markdown. Out: its lines in order, as stretches of prose and of code, fences included. */
export function splitFences(markdown: string): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  let code = false;
  const turn = (at: number, isCode: boolean) => {
    if (isCode === code) return;
    if (at > from) segments.push({ code, text: markdown.slice(from, at) });
    from = at;
    code = isCode;
  };
  let fence: Fence | undefined;
  let blockEnd: RegExp | undefined;
  // A block of HTML (kinds 6 and 7) swallows fences until the next blank line.
  let afterTag = false;
  // Most lines have neither a mark nor a tag, and cost no look.
  let mark = nextMark(markdown, 0);
  let tag = -1;
  for (let start = 0, end = 0; start < markdown.length; start = end) {
    if (mark < start) mark = nextMark(markdown, start);
    if (tag < start) tag = nextOr(markdown.indexOf('<', start));
    if (mark === Infinity && fence === undefined) {
      // No line from here on can be code.
      turn(start, false);
      break;
    }
    if (blockEnd === undefined && !afterTag && !fence?.indent) {
      // Nothing begins or ends before the next line with a mark, or with a tag in prose.
      turn(start, fence !== undefined);
      const next = fence === undefined ? Math.min(mark, tag) : mark;
      if (next === Infinity) break;
      start = markdown.lastIndexOf('\n', next) + 1;
    }
    end = markdown.indexOf('\n', start) + 1 || markdown.length;
    const line = markdown.slice(start, end);
    if (fence !== undefined && !leaves(fence, line)) {
      turn(start, true);
      if (mark < end && closes(fence, line)) fence = undefined;
      continue;
    }
    fence = undefined;
    if (blockEnd !== undefined) {
      if (blockEnd.test(line)) blockEnd = undefined;
      turn(start, false);
      continue;
    }
    if (afterTag && line.trim() === '') afterTag = false;
    const opening = mark < end && !afterTag ? OPENING.exec(line.trimEnd()) : null;
    turn(start, opening !== null);
    if (opening !== null) {
      fence = { mark: opening[2] ?? '', indent: opening[1]?.length ?? 0 };
      continue;
    }
    const content = tag < end ? line.replace(CONTAINERS, '').trimEnd() : '';
    if (!content.startsWith('<')) continue;
    afterTag = true;
    const closing = LONG_BLOCKS.find(([opens]) => opens.test(content))?.[1];
    if (closing !== undefined && !closing.test(content.slice(2))) blockEnd = closing;
  }
  turn(markdown.length, !code);
  return segments;
}

function nextMark(text: string, from: number): number {
  return Math.min(nextOr(text.indexOf('```', from)), nextOr(text.indexOf('~~~', from)));
}

function nextOr(index: number): number {
  return index === -1 ? Infinity : index;
}

/** An indented fence may stand in a list item, which a line with less indentation ends, and the fence with it. */
function leaves(fence: Fence, line: string): boolean {
  return fence.indent > 0 && line.trim() !== '' && line.search(/[^ ]/) < fence.indent;
}

function closes(fence: Fence, line: string): boolean {
  const mark = /^ {0,3}(`+|~+)[ \t]*$/.exec(line.trimEnd())?.[1];
  return mark?.startsWith(fence.mark) ?? false;
}
