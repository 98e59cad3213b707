/** Text of others, made fit to be read beside ours. Pure. JSX escapes it; this is about what escaping leaves. */
import { redactText } from './redaction.ts';

/**
 * Characters that show nothing or change how their neighbours are shown: controls, soft hyphen, zero-width characters,
 * bidirectional controls (UAX #9), variation selectors, invisible operators, tags, fillers that render as a blank.
 */
const UNSEEN =
  /\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}|\p{Zl}|\p{Zp}|\u034f|[\u115f\u1160]|\u17b4|\u17b5|[\u180b-\u180f]|\u2800|\u3164|[\ufe00-\ufe0f]|\uffa0|[\u{e0000}-\u{e0fff}]/gu;

/** More marks on one letter than any script stacks: text that climbs over the lines around it. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/**
 * In: any text, the most characters to keep. Out: one line without anything unseen and without secrets, clipped with an
 * ellipsis: half a secret would no longer be recognised by whoever comes next. What it makes of a name may be empty: say
 * something else then.
 */
export function plainText(text: string, max: number): string {
  return clip(redactText(ONE_PLAIN_WORD.test(text) ? text : readable(text)), max);
}

/** Nothing of what is taken away can be in it. */
const ONE_PLAIN_WORD = /^[!-~]*$/;

function readable(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(UNSEEN, '')
    .replace(STACKED_MARKS, '$1')
    .replace(/\s+/gu, ' ')
    .trim();
}

/**
 * Text that is evidence: nothing is taken away, but what could not be seen is written as its code point, `⟨U+202E⟩`.
 * In: any text, the most characters to keep. Out: the same text, with its line breaks where `lines` says so.
 */
export function evidenceText(text: string, max: number, lines = false): string {
  return clip(text, max)
    .replace(UNSEEN, (character) => {
      if (lines && character === '\n') return character;
      return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
    })
    .replace(STACKED_MARKS, '$1⟨…⟩');
}

/** A host, clipped at its start: whose it is stands at its end. */
export function hostText(host: string, max = 100): string {
  const line = plainText(host, 2048);
  const points = [...line];
  return points.length <= max ? line : `…${points.slice(points.length - max + 1).join('')}`;
}

function clip(line: string, max: number): string {
  if (line.length <= max) return line;
  const points = [...line];
  return points.length <= max ? line : `${points.slice(0, max - 1).join('')}…`;
}
