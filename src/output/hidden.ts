/**
 * Takes out of Markdown what GitHub does not show: comments in HTML and in link definitions, hidden elements, attribute
 * texts. Pure. Meant for titles, bodies and comments, not for files, whose markup is their content.
 */
import { sanitiseText } from './sanitise.ts';

/** Rounds of removal: taking out one part can close another around it. */
const MAX_ROUNDS = 20;
/** Longest alternative text kept, in characters: it is shown only where an image fails. */
const MAX_ALT = 120;

/** Comments, declarations, processing instructions and CDATA (CommonMark section 6.6), closed or not. */
const COMMENT = /<!--[\s\S]*?(?:--!?>|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<\?[\s\S]*?(?:\?>|$)|<![a-z][^>]*(?:>|$)/gi;
/** Elements whose content no browser shows, closed or not. */
const UNSEEN_ELEMENT =
  /<(script|style|template|noscript|iframe|object|head|title|svg|math)\b[^>]*(?:\/>|>[\s\S]*?(?:<\/\1\s*>|$))/gi;
/** Elements that say of themselves that they are not shown. */
const HIDDEN_ELEMENT =
  /<([a-z][\w-]*)\b(?=[^>]*\s(?:hidden\b|aria-hidden\s*=\s*["']?true|style\s*=\s*["'][^"'>]*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0)))[^>]*>[\s\S]*?(?:<\/\1\s*>|$)/gi;
/** `[label]: target "title"` (CommonMark section 4.7), the target on the same line. */
const DEFINITION = /^[ ]{0,3}(?:>[ ]?)*\[((?:[^\]\\]|\\.)+)\]:[ \t]*(<[^>\n]*>|\S+)[^\n]*$/gm;
/** References to invisible characters. */
const REFERENCE =
  /&(?:#x([\da-f]{1,8})|#(\d{1,8})|(shy|zwn?j|lrm|rlm|ZeroWidthSpace|NoBreak|ic|it|af|InvisibleComma|InvisibleTimes|ApplyFunction));/gi;
const TAG = /<([a-z][\w-]*)((?:\s+[\w:-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)+)\s*(\/?)>/gi;
const ATTRIBUTE = /\s(href|src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))/gi;
const IMAGE_ALT = /!\[((?:[^\]\\]|\\.)*)\]/g;
const LINK_TITLE = /(\]\([^()\s]+)\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)/g;

/**
 * In: Markdown written by others. Out: what a person would see of it, sanitised. Comments go wherever they stand, inside
 * code too: telling code from prose is what an attacker would play with, and a comment lost from an example costs less.
 * Collapsed `<details>` stay, because a person can open them.
 */
export function withoutHidden(markdown: string): string {
  const text = sanitiseText(markdown).replace(REFERENCE, withoutInvisible);
  return withoutDefinitions(stripUntilStable(text))
    .replace(
      TAG,
      (_, name: string, attributes: string, close: string) => `<${name}${seenAttributes(attributes)}${close}>`,
    )
    .replace(IMAGE_ALT, (_, alt: string) => `![${short(alt)}]`)
    .replace(LINK_TITLE, '$1)')
    .replace(/\n{4,}/g, '\n\n\n');
}

function stripUntilStable(text: string): string {
  let current = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = current.replace(COMMENT, '').replace(UNSEEN_ELEMENT, '').replace(HIDDEN_ELEMENT, '');
    if (next === current) return current;
    current = next;
  }
  // Nested so deep only to hide something: nothing after the next opening is worth keeping.
  return current.split(/<[!?]/)[0] ?? '';
}

/** A definition is shown nowhere; it stays, without its title, where the text uses it for a real link. */
function withoutDefinitions(text: string): string {
  return text.replace(DEFINITION, (line, label: string, target: string) => {
    const uses = text.toLowerCase().split(`[${label.toLowerCase()}]`).length - 1;
    const isLink = /^<?(?:https?:\/\/|mailto:|\/|\.{0,2}\/)/i.test(target);
    return uses > 1 && isLink ? line.slice(0, line.indexOf(target) + target.length) : '';
  });
}

function withoutInvisible(reference: string, hex?: string, decimal?: string): string {
  const point = hex !== undefined ? Number.parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : 0x200b;
  if (point > 0x10ffff) return '';
  return sanitiseText(String.fromCodePoint(point)) === '' ? '' : reference;
}

function seenAttributes(attributes: string): string {
  return [...attributes.matchAll(ATTRIBUTE)]
    .map(([, name = '', double, single, bare]) => {
      const value = (double ?? single ?? bare ?? '').replaceAll('"', "'");
      return ` ${name}="${name.toLowerCase() === 'alt' ? short(value) : value}"`;
    })
    .join('');
}

function short(text: string): string {
  const characters = [...text];
  return characters.length > MAX_ALT ? `${characters.slice(0, MAX_ALT).join('')}…` : text;
}
