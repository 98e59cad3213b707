/** One line of a log as a person sees it at GitHub. Pure. */
import { sanitiseText } from '../output/sanitise.ts';

/** What Actions puts in front of each line; in front of the first stands a byte order mark. */
const TIMESTAMP = /^\ufeff?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ?/;
/** Colours and cursor movements (ECMA-48, section 5.4), and links and titles of terminals. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;

/** Out: a function that takes a raw line and gives it without times (unless kept), colours and invisible characters. */
export function cleanerOf(timestamps: boolean): (line: string) => string {
  return (raw) => {
    const line = timestamps ? raw : raw.replace(TIMESTAMP, '');
    const plain = line.includes('\u001b') ? line.replace(ESCAPES, '') : line;
    return sanitiseText(overwritten(plain)).replaceAll('\n', ' ');
  };
}

/** Progress bars write over their line: what stands there in the end is seen. */
function overwritten(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}
