/**
 * What of a call's arguments may be kept. Pure. Content is replaced by its length and hash, fields that name a secret
 * and values that look like one by a mark, long values are clipped, and the whole is capped.
 */
import { createHash } from 'node:crypto';
import { isObject } from './json.ts';
import { isSuspect, NAMED_SHAPES, withoutSecrets } from './secret-shapes.ts';

/** Fields that hold what people wrote or files, at any depth: kept as length and hash. */
const CONTENT_FIELDS = new Set(['body', 'content', 'commit_message', 'patch', 'diff', 'text', 'message']);

/** Fields whose name says that the value is a secret. */
const SECRET_FIELD =
  /(?:token|secret|password|passwd|passphrase|authorization|api[_-]?key|access[_-]?key|private[_-]?key|credential|cookie)s?$/i;

/** What stands behind the name of an authentication scheme. In prose that is often a word. */
const CREDENTIALS = /(?<=\b(?:Bearer|DPoP|Basic)\s)[A-Za-z0-9._~+/=:-]{16,}/gi;

/** Looking behind at every place is dear: most text names no scheme. */
const SCHEME = /\b(?:bearer|dpop|basic)\s/i;
/** Characters of `DPoP`, a space and what CREDENTIALS takes at least. */
const SHORTEST_CREDENTIALS = 21;

const MARK = '[redacted]';
const MAX_STRING = 500;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;
/** Characters of JSON that one row keeps of its arguments. */
export const MAX_ARGUMENTS = 4000;
/** The same where the policy keeps texts, and of a single text. */
export const MAX_ARGUMENTS_WITH_TEXTS = 64_000;
const MAX_TEXT = 32_000;

/** Whether texts of people and files are kept as length and hash, or as they are but for secrets. */
export type Texts = 'hash' | 'keep';

/**
 * In: any text. Out: the same with everything that looks like a secret replaced by `[redacted]`. What hides one as a URL
 * writes it is kept as it reads.
 */
export function redactText(text: string): string {
  // A word needs no second look: what hides a secret, or names one, has one of these.
  if (!/[%:=\s]/.test(text) && !isSuspect(text)) return text;
  const plain = unescaped(text);
  if (plain !== text) {
    const kept = withoutAny(plain);
    if (kept !== plain) return kept;
  }
  return withoutAny(text);
}

function withoutAny(text: string): string {
  const known = withoutSecrets(text, () => MARK);
  const bare = SCHEME.test(known) ? known.replace(CREDENTIALS, MARK) : known;
  // What names a secret ends in one of them.
  return /[:=]/.test(bare) ? NAMED_SHAPES.reduce((kept, shape) => kept.replace(shape, MARK), bare) : bare;
}

/** Percent-encoding undone (RFC 3986 section 2.1), where there is any and it means something. */
function unescaped(text: string): string {
  if (!/%[\da-f]{2}/i.test(text)) return text;
  return text.replace(/(?:%[\da-f]{2})+/gi, (octets) => {
    try {
      return decodeURIComponent(octets);
    } catch {
      return octets;
    }
  });
}

/** A page of a file may begin inside a key block: then only its end says what it was. */
const KEY_TAIL = /^[A-Za-z0-9+/=\s]+-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----/;

/** Text without its secrets, and how many they were. */
export interface Redacted {
  readonly text: string;
  readonly count: number;
}

/**
 * In: text that is to be read, not kept. Out: the same with its secrets replaced, and how many they were. Unlike
 * `redactText`, it leaves words behind "Bearer" and "Basic" alone unless they have a digit, and never makes a text
 * longer, so that what was cut to fit still fits.
 */
export function redactShown(text: string): Redacted {
  let count = 0;
  const replaced = (secret: string) => {
    count += 1;
    return secret.length < MARK.length ? '*'.repeat(secret.length) : MARK;
  };
  const known = isSuspect(text) ? withoutSecrets(text, replaced).replace(KEY_TAIL, replaced) : text;
  if (known.length < SHORTEST_CREDENTIALS || !SCHEME.test(known)) return { text: known, count };
  return { text: known.replace(CREDENTIALS, (found) => (/\d/.test(found) ? replaced(found) : found)), count };
}

/**
 * In: the arguments of a call as they came, validated or not; what becomes of texts. Out: JSON that holds no secret this
 * gate can recognise, or null where there were none: of at most MAX_ARGUMENTS characters and without any content, or of
 * at most MAX_ARGUMENTS_WITH_TEXTS.
 */
export function redactArguments(args: unknown, texts: Texts = 'hash'): string | null {
  if (args === undefined || args === null) return null;
  const most = texts === 'keep' ? MAX_ARGUMENTS_WITH_TEXTS : MAX_ARGUMENTS;
  const json = JSON.stringify(redact(args, '', 0, texts));
  if (json.length <= most) return json;
  return JSON.stringify({ truncated: true, length: json.length, start: json.slice(0, most / 2) });
}

function redact(value: unknown, field: string, depth: number, texts: Texts): unknown {
  if (SECRET_FIELD.test(field) && value !== null && typeof value !== 'boolean') return MARK;
  if (typeof value === 'string') {
    const isContent = CONTENT_FIELDS.has(field);
    if (isContent && texts === 'hash') return digest(value);
    const kept = redactText(value);
    const most = isContent ? MAX_TEXT : MAX_STRING;
    return kept.length <= most ? kept : `${kept.slice(0, most)}… (${value.length} characters)`;
  }
  if (Array.isArray(value)) {
    if (depth >= MAX_DEPTH) return `[${value.length} items]`;
    const kept = value.slice(0, MAX_ITEMS).map((item) => redact(item, field, depth + 1, texts));
    return value.length > MAX_ITEMS ? [...kept, `… ${value.length - MAX_ITEMS} more`] : kept;
  }
  if (isObject(value)) {
    if (depth >= MAX_DEPTH) return '{…}';
    const entries = Object.entries(value).slice(0, MAX_ITEMS);
    return Object.fromEntries(
      entries.map(([key, item]) => [redactText(key).slice(0, 100), redact(item, key, depth + 1, texts)]),
    );
  }
  return value;
}

/** Enough to prove later what was sent, without keeping it. */
function digest(text: string): { length: number; sha256: string } {
  return { length: text.length, sha256: createHash('sha256').update(text).digest('hex') };
}
