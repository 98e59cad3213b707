/**
 * Takes out of text what a person cannot see and a model still reads: invisible characters, direction overrides, tag
 * characters, control characters. Pure. Emoji sequences and the joiners that some scripts need stay whole.
 */

/**
 * What is looked at: all that Unicode says to ignore in display (UAX #44, Default_Ignorable_Code_Point: zero width,
 * joiners, variation selectors, tags, fillers, bidi controls), all control characters except newline and tab, line
 * separators, interlinear annotation marks, and code points that are never characters.
 */
const SUSPECT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb]/gu;

/** What text without it has nothing to be taken out of: most text, told in one look. */
const UNUSUAL = /[^\t\n -~]/;

const ZERO_WIDTH_NON_JOINER = '\u200c';
const ZERO_WIDTH_JOINER = '\u200d';
const TEXT_STYLE = '\ufe0e';
const EMOJI_STYLE = '\ufe0f';
const KEYCAP = '\u20e3';

const PICTOGRAPH_BEFORE = /\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?$/u;
const STYLED_BEFORE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u;
const PICTOGRAPH_AFTER = /^\p{Extended_Pictographic}/u;
/** Scripts in which a joiner between two letters changes how they are written (Unicode Standard, section 23.2). */
const JOINING =
  '[\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Mong}\\p{scx=Nkoo}\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Khmr}\\p{scx=Mymr}]';
const JOINING_BEFORE = new RegExp(`(?=[\\p{L}\\p{M}])${JOINING}$`, 'u');
const JOINING_AFTER = new RegExp(`^(?=[\\p{L}\\p{M}])${JOINING}`, 'u');

/**
 * In: text written by others. Out: the same text as it is seen: `\r\n`, `\r` and Unicode line separators become `\n`,
 * half surrogate pairs become U+FFFD, and invisible characters are gone.
 */
export function sanitiseText(text: string): string {
  if (!UNUSUAL.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(SUSPECT, (character, offset: number, whole: string) =>
      isSeen(character, offset, whole) ? character : '',
    );
}

/** Whether a suspect character is part of something visible where it stands. */
function isSeen(character: string, offset: number, whole: string): boolean {
  if (character === EMOJI_STYLE || character === TEXT_STYLE) {
    const after = whole.slice(offset + 1, offset + 2);
    return STYLED_BEFORE.test(before(whole, offset)) || (after === KEYCAP && /[\d#*]$/.test(before(whole, offset)));
  }
  if (character !== ZERO_WIDTH_JOINER && character !== ZERO_WIDTH_NON_JOINER) return false;
  const after = whole.slice(offset + 1, offset + 3);
  const joined = JOINING_BEFORE.test(before(whole, offset)) && JOINING_AFTER.test(after);
  if (character === ZERO_WIDTH_NON_JOINER) return joined;
  return joined || (PICTOGRAPH_BEFORE.test(before(whole, offset)) && PICTOGRAPH_AFTER.test(after));
}

/** The few code units in front: enough for a pictograph with a modifier. */
function before(whole: string, offset: number): string {
  return whole.slice(Math.max(0, offset - 4), offset);
}
