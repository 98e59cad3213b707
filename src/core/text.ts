/** Text from elsewhere, made safe to show on one line. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]|[\u{e0000}-\u{e0fff}]/gu;

/**
 * In: any text and a length in characters. Out: the text without control, bidi, tag and other invisible characters, on
 * one line, clipped.
 */
export function oneLine(text: string, max: number): string {
  return text.replace(UNSEEN, ' ').replace(/ {2,}/g, ' ').trim().slice(0, max).toWellFormed();
}
