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
  const segments: { code: boolean; text: string }[] = [];
  const push = (code: boolean, line: string) => {
    const last = segments.at(-1);
    if (last?.code === code) last.text += line;
    else segments.push({ code, text: line });
  };
  let fence: Fence | undefined;
  let blockEnd: RegExp | undefined;
  // A block of HTML (kinds 6 and 7) swallows fences until the next blank line.
  let afterTag = false;
  for (const line of markdown.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const content = line.replace(CONTAINERS, '').trimEnd();
    if (fence !== undefined && !leaves(fence, line)) {
      push(true, line);
      if (closes(fence, line)) fence = undefined;
      continue;
    }
    fence = undefined;
    if (blockEnd !== undefined) {
      if (blockEnd.test(line)) blockEnd = undefined;
      push(false, line);
      continue;
    }
    if (line.trim() === '') afterTag = false;
    const opening = OPENING.exec(line.trimEnd());
    if (opening !== null && !afterTag) {
      fence = { mark: opening[2] ?? '', indent: opening[1]?.length ?? 0 };
      push(true, line);
      continue;
    }
    if (content.startsWith('<')) {
      afterTag = true;
      const end = LONG_BLOCKS.find(([start]) => start.test(content))?.[1];
      if (end !== undefined && !end.test(content.slice(2))) blockEnd = end;
    }
    push(false, line);
  }
  return segments;
}

/** An indented fence may stand in a list item, which a line with less indentation ends, and the fence with it. */
function leaves(fence: Fence, line: string): boolean {
  return fence.indent > 0 && line.trim() !== '' && line.search(/[^ ]/) < fence.indent;
}

function closes(fence: Fence, line: string): boolean {
  const mark = /^ {0,3}(`+|~+)[ \t]*$/.exec(line.trimEnd())?.[1];
  return mark?.startsWith(fence.mark) ?? false;
}
