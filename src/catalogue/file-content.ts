/** Reading one file: what GitHub sends inline and what it sends only raw, and telling text from binary. */
import type * as z from 'zod';
import { AppError } from '../core/errors.ts';
import type { GitHub } from '../github/client.ts';
import { withHint } from './lean.ts';
import { linesOf } from './lines.ts';
import { upstreamContents } from './upstream.ts';

export type Contents = z.output<typeof upstreamContents>;
export type FileEntry = Exclude<Contents, readonly unknown[]>;

/** Most bytes of a file that are held at once; longer text is read line by line. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Most bytes that GitHub sends within its JSON; a larger file is read from its raw content, as far as is needed. */
export const MAX_INLINE = 1024 * 1024;
/** GitHub itself stops here (GitHub REST, "Get repository content"). */
const MAX_STREAMED = 100 * 1024 * 1024;
/** Bytes looked at for a NUL, as git does it (`buffer_is_binary`). */
const BINARY_WINDOW = 8000;

export interface FilePlace {
  readonly owner: string;
  readonly repo: string;
  readonly path: string;
  /** Branch, tag or commit; the default branch where undefined. */
  readonly ref?: string | undefined;
}

const NOT_FOUND_HINT =
  'Check owner, repo, path and ref; leave path out to list the root. GitHub also says "not found" for what the account may not see.';

/** The file or directory at a place (GitHub REST, "Get repository content"). */
export async function readContents(github: GitHub, { owner, repo, path, ref }: FilePlace): Promise<Contents> {
  const parameters = { owner, repo, path, ...(ref !== undefined && { ref }) };
  const request = github.request('GET /repos/{owner}/{repo}/contents/{path}', parameters, upstreamContents);
  return (await withHint(request, 'upstream_not_found', NOT_FOUND_HINT)).data;
}

/**
 * The bytes of a file. GitHub sends up to 1 MB inline as base64 and larger files only raw. Throws `too_large` above
 * `MAX_FILE_BYTES`.
 */
export async function readBytes(github: GitHub, place: FilePlace, entry: FileEntry): Promise<Uint8Array<ArrayBuffer>> {
  if (entry.size > MAX_FILE_BYTES) {
    throw new AppError('too_large', `The file has ${entry.size} bytes; at most ${MAX_FILE_BYTES} can be read.`, {
      hint: 'Read another file, or tell the person to open this one at GitHub.',
      details: { size_bytes: entry.size, limit_bytes: MAX_FILE_BYTES },
    });
  }
  if (entry.encoding === 'base64' && typeof entry.content === 'string') return fromBase64(entry.content);
  if (entry.size === 0) return new Uint8Array();
  const { owner, repo, path, ref } = place;
  const parameters = { owner, repo, path, ...(ref !== undefined && { ref }) };
  return (await github.bytes('GET /repos/{owner}/{repo}/contents/{path}', parameters, MAX_FILE_BYTES)).data;
}

/** Thrown while the lines of a file are read that turns out to be no text. */
class NotText extends Error {}

/** The lines of a file as they arrive. Throws `NotText`, which `unlessBinary` takes. */
export async function* linesOfFile(github: GitHub, place: FilePlace, entry: FileEntry): AsyncGenerator<string[]> {
  const { owner, repo, path, ref } = place;
  const parameters = { owner, repo, path, ...(ref !== undefined && { ref }) };
  const chunks =
    entry.encoding === 'base64' && typeof entry.content === 'string' && entry.size <= MAX_INLINE
      ? [fromBase64(entry.content)]
      : github.download('GET /repos/{owner}/{repo}/contents/{path}', parameters, MAX_STREAMED, 'raw');
  let looked = 0;
  const textual = async function* () {
    for await (const chunk of chunks) {
      if (looked < BINARY_WINDOW && chunk.subarray(0, BINARY_WINDOW - looked).includes(0)) throw new NotText();
      looked += chunk.byteLength;
      yield chunk;
    }
  };
  try {
    for await (const lines of linesOf(textual(), new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }))) {
      yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
    }
  } catch (error) {
    // What the decoder throws at bytes that are not UTF-8.
    throw error instanceof TypeError ? new NotText() : error;
  }
}

/** Undefined where the file was no text. */
export async function unlessBinary<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotText) return undefined;
    throw error;
  }
}

/** In: the bytes of a file. Out: its text, or undefined where it is not UTF-8 or holds a NUL near its beginning. */
export function asText(bytes: Uint8Array): string | undefined {
  if (bytes.subarray(0, BINARY_WINDOW).includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Standard base64 of any bytes. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // In parts, because the arguments of one call are limited.
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text.replace(/\s+/g, '')), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new AppError('upstream_malformed', 'GitHub sent a file that is not well-formed base64.', { cause });
  }
}
