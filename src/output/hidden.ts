/**
 * Takes out of Markdown what GitHub does not show: comments, in HTML and as link definitions, hidden elements, attribute
 * texts. Pure. Meant for titles, bodies and comments, not for files, whose markup is their content.
 */
import { splitFences } from './fences.ts';
import { shortAlt, withoutHiddenMarkup } from './markup.ts';
import { sanitiseText } from './sanitise.ts';

/** Rounds of removal: taking out one part can close another around it. */
const MAX_ROUNDS = 20;

/** Comments, declarations, processing instructions and CDATA (CommonMark section 6.6), closed or not. */
const COMMENT = /<!--[\s\S]*?(?:--!?>|$)|<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<\?[\s\S]*?(?:\?>|$)|<![a-z][^>]*(?:>|$)/gi;
/** `[label]: target "title"` (CommonMark section 4.7), also in quotes and lists, also over several lines. */
const DEFINITION =
  /^((?:[ \t]|>|[-+*][ \t]|\d{1,9}[.)][ \t])*)\[(?!\^)((?:[^[\]\\]|\\.){1,999})\]:[ \t]*\n?[ \t]*(<[^<>\n]*>|[^\s<]\S*)(?:(?:[ \t]+|[ \t]*\n[ \t]*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?[ \t]*$/gm;
/** `[^label]: text`, with the lines that go on (GitHub's footnotes): shown only where the text refers to it. */
const FOOTNOTE =
  /^[ \t]{0,3}\[\^([^\]\n]{1,200})\]:[^\n]*(?:\n(?:[ \t]*\n)*(?: {4}|\t)[^\n]*|\n(?![ \t]*(?:\n|$|\[))[^\n]+)*/gm;
const LABEL = /\[((?:[^[\]\\]|\\.)+)\]/g;
/** References to characters, of which some are invisible. */
const REFERENCE =
  /&(?:#x([\da-f]{1,8})|#(\d{1,8})|(?:shy|zwn?j|lrm|rlm|ZeroWidthSpace|NoBreak|ic|it|af|InvisibleComma|InvisibleTimes|ApplyFunction));/gi;
const IMAGE_ALT = /!\[((?:[^\]\\]|\\.){0,2000})\]/g;
const LINK_TITLE = /(\]\([^()\s]+)\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)/g;

/**
 * In: Markdown written by others. Out: what a person sees of it, sanitised. Fenced code stays as it is; what only might
 * be code does not count as such, so that a comment inside it is lost rather than hidden text let through. Collapsed
 * `<details>` stay, because a person can open them.
 */
export function withoutHidden(markdown: string): string {
  const segments = splitFences(sanitiseText(markdown)).map(({ code, text }) => ({
    code,
    text: code ? text : stripUntilStable(withoutReferences(text), withoutHiddenMarkup),
  }));
  const uses = usesOf(segments.filter(({ code }) => !code).map(({ text }) => text));
  return segments.map(({ code, text }) => (code ? text : withoutDefinitions(text, uses))).join('');
}

/**
 * In: text that GitHub shows as it is, such as a title, a name or a label. Out: the same, sanitised and without comments,
 * which have no business there.
 */
export function withoutComments(text: string): string {
  return stripUntilStable(sanitiseText(text), (part) => part);
}

function stripUntilStable(text: string, alsoStrip: (text: string) => string): string {
  // All that is stripped begins with it.
  if (!text.includes('<')) return text;
  let current = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = alsoStrip(current.replace(COMMENT, ''));
    if (next === current) return current;
    current = next;
  }
  // Nested so deep only to hide something: nothing after the next opening is worth keeping.
  return current.split(/<[!?]/)[0] ?? '';
}

/** The labels that the text refers to, outside of definitions. */
function usesOf(proses: readonly string[]): ReadonlySet<string> {
  return new Set(
    proses.flatMap((prose) => {
      if (!prose.includes(']')) return [];
      const rest = prose.replace(DEFINITION, '').replace(FOOTNOTE, '');
      return [...rest.matchAll(LABEL)].map(([, label = '']) => folded(label));
    }),
  );
}

/** A definition is shown nowhere; it stays, without its title, where the text uses it for a real link. */
function withoutDefinitions(prose: string, uses: ReadonlySet<string>): string {
  // Every one of them has it, and much prose has none.
  if (!prose.includes(']')) return prose;
  return prose
    .replace(DEFINITION, (_, lead: string, label: string, target: string) =>
      uses.has(folded(label)) && /^<?(?:https?:\/\/|mailto:|\.{0,2}\/)/i.test(target)
        ? `${lead}[${label}]: ${target}`
        : '',
    )
    .replace(FOOTNOTE, (note, label: string) => (uses.has(folded(`^${label}`)) ? note : ''))
    .replace(IMAGE_ALT, (_, alt: string) => `![${shortAlt(alt)}]`)
    .replace(LINK_TITLE, '$1)');
}

/** Labels match without regard to case and runs of white space. */
function folded(label: string): string {
  return label.trim().replace(/\s+/g, ' ').toLowerCase();
}

function withoutReferences(text: string): string {
  return text.includes('&') ? text.replace(REFERENCE, withoutInvisible) : text;
}

function withoutInvisible(reference: string, hex?: string, decimal?: string): string {
  const point = hex !== undefined ? Number.parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : 0x200b;
  if (point > 0x10ffff) return '';
  return sanitiseText(String.fromCodePoint(point)) === '' ? '' : reference;
}
