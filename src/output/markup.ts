/** HTML tags inside Markdown: hidden elements go, and of the others only the attributes that matter stay. Pure. */

interface Tag {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly closing: boolean;
  /** In lower case, first of each name. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Longest alternative text kept, in characters: it is shown only where an image fails. */
const MAX_ALT = 120;
const KEPT_ATTRIBUTES: ReadonlySet<string> = new Set(['href', 'src', 'alt']);
/** Elements whose content is never shown as it is. */
const UNSEEN: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript']);
const VOID: ReadonlySet<string> = new Set(['br', 'hr', 'img', 'input', 'source', 'wbr', 'area', 'col', 'link', 'meta']);
const HIDING_STYLE = /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d]*[1-9])/i;

/** A code span on one line, which is passed over, or the beginning of a tag. */
const START = /``[^\n]+?``|`[^`\n]+`|<(\/?)([a-z][a-z\d-]*)/gi;
/** CommonMark section 6.6. */
const ATTRIBUTE = /\s+([a-z_:][\w.:-]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?/iy;
const END = /\s*\/?>/y;

/**
 * In: Markdown outside of fenced code. Out: the same without elements that are not shown, and with `href`, `src` and a
 * short `alt` as the only attributes: all others are text that a model reads and a person does not see.
 */
export function withoutHiddenMarkup(text: string): string {
  const tags = tagsOf(text);
  let result = '';
  let from = 0;
  for (let index = 0; index < tags.length; index++) {
    const tag = tags[index];
    if (tag === undefined || tag.start < from) continue;
    result += text.slice(from, tag.start);
    const close = isHidden(tag) ? closingOf(tags, index) : undefined;
    if (close === undefined) {
      if (!isHidden(tag)) result += written(tag);
      from = tag.end;
    } else {
      from = close.end;
    }
  }
  return result + text.slice(from);
}

/** Text shown only where an image fails, kept short. */
export function shortAlt(text: string): string {
  const characters = [...text];
  return characters.length > MAX_ALT ? `${characters.slice(0, MAX_ALT).join('')}…` : text;
}

function tagsOf(text: string): Tag[] {
  const tags: Tag[] = [];
  for (const match of text.matchAll(START)) {
    const name = match[2]?.toLowerCase();
    if (name === undefined || match.index < (tags.at(-1)?.end ?? 0)) continue;
    const attributes = new Map<string, string>();
    let position = match.index + match[0].length;
    for (;;) {
      ATTRIBUTE.lastIndex = position;
      const attribute = ATTRIBUTE.exec(text);
      if (attribute === null) break;
      position = ATTRIBUTE.lastIndex;
      const key = (attribute[1] ?? '').toLowerCase();
      if (!attributes.has(key)) attributes.set(key, (attribute[2] ?? '').replace(/^(["'])([\s\S]*)\1$/, '$2'));
    }
    END.lastIndex = position;
    if (END.exec(text) === null) continue;
    tags.push({ start: match.index, end: END.lastIndex, name, closing: match[1] === '/', attributes });
  }
  return tags;
}

function isHidden({ name, closing, attributes }: Tag): boolean {
  if (closing) return false;
  const style = attributes.get('style');
  return (
    UNSEEN.has(name) ||
    attributes.has('hidden') ||
    attributes.get('aria-hidden') === 'true' ||
    (style !== undefined && HIDING_STYLE.test(style))
  );
}

/** The tag that ends the element; undefined where it has no content or is never closed. */
function closingOf(tags: readonly Tag[], opening: number): Tag | undefined {
  const name = tags[opening]?.name ?? '';
  if (VOID.has(name)) return undefined;
  let depth = 0;
  for (const tag of tags.slice(opening)) {
    if (tag.name !== name) continue;
    depth += tag.closing ? -1 : 1;
    if (depth === 0) return tag;
  }
  return undefined;
}

function written({ name, closing, attributes }: Tag): string {
  if (closing) return `</${name}>`;
  const kept = [...attributes].filter(([key]) => KEPT_ATTRIBUTES.has(key));
  const pairs = kept.map(
    ([key, value]) => ` ${key}="${(key === 'alt' ? shortAlt(value) : value).replaceAll('"', "'")}"`,
  );
  return `<${name}${pairs.join('')}>`;
}
