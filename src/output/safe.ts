/**
 * What may leave towards a model: text as a person sees it, without secrets. Pure. Every string of a result, resource or
 * prompt goes through here, and nowhere around.
 */
import { Buffer } from 'node:buffer';
import { mapStrings } from '../core/json.ts';
import { redactShown, redactText } from '../core/redaction.ts';
import { sanitiseText } from './sanitise.ts';

export interface Safe<Value> {
  readonly value: Value;
  /** How many secrets were replaced. */
  readonly redacted: number;
}

/**
 * In: any JSON value. Out: a copy with every string in it, names of members too, sanitised and then redacted: in the
 * other order an invisible character inside a token would hide it. Undefined members are left out.
 */
export function safeJson<Value>(value: Value): Safe<Value> {
  let redacted = 0;
  const safe = mapStrings(value, (found) => {
    const shown = redactShown(sanitiseText(found));
    redacted += shown.count;
    return shown.text;
  });
  return { value: safe, redacted };
}

/**
 * The same for errors, which are read and never worked with: they lose also what is a secret by the words before it,
 * such as `password=…`, which a model must be able to read in code.
 */
export function safeError<Value>(value: Value): Safe<Value> {
  const { value: shown, redacted } = safeJson(value);
  return { value: mapStrings(shown, redactText), redacted };
}

/** In: bytes in base64. Out: the same, their secrets replaced where they hold any. */
export function safeBase64(blob: string): Safe<string> {
  // One character per byte, so that a key inside a binary file is found and the rest stays what it was.
  const { text, count } = redactShown(Buffer.from(blob, 'base64').toString('latin1'));
  return { value: count === 0 ? blob : Buffer.from(text, 'latin1').toString('base64'), redacted: count };
}
