/** Cursors of lists that GitHub has none for: where to read on, bound to the call that they came from. */

import { unfit } from '../github/guard.ts';
import { utf8Bytes } from '../output/budget.ts';

/** Longest cursor read, in bytes. */
const MAX_CURSOR = 500;
/** Characters of the digest kept: enough that none fits by mistake. A cursor opens nothing that its caller may not see. */
const DIGEST = 16;

type State = readonly (string | number)[];

/** In: what identifies the call, and where to read on. Out: the value of its argument `after`. */
export async function toCursor(call: string, state: State): Promise<string> {
  const written = JSON.stringify(state);
  return `${await digest(call + written)}${toBase64Url(written)}`;
}

/** In: the same call and its argument `after`. Out: where to read on. Throws `invalid_arguments` for any other cursor. */
export async function fromCursor(call: string, cursor: string): Promise<State> {
  const wrong = unfit('after', 'must be a next_cursor of an earlier result of the same call');
  if (utf8Bytes(cursor) > MAX_CURSOR || !/^[\w-]+$/.test(cursor)) throw wrong;
  try {
    const written = new TextDecoder().decode(fromBase64Url(cursor.slice(DIGEST)));
    if ((await digest(call + written)) === cursor.slice(0, DIGEST)) return JSON.parse(written) as State;
  } catch {
    // Not base64url, so not ours.
  }
  throw wrong;
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return toBase64Url(String.fromCharCode(...new Uint8Array(bytes))).slice(0, DIGEST);
}

/** RFC 4648 section 5, of characters below 256. */
function toBase64Url(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}
