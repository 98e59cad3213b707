/** The compact form of a JWS (RFC 7515 section 7.1), read strictly: one text for one meaning. Pure. */
import { isObject } from '../../core/json.ts';

export interface CompactJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What was signed: header and payload as they came (RFC 7515 section 5.2 step 8). */
  readonly signed: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** In: any text. Out: its parts where header and payload are JSON objects, or undefined. Checks no signature. */
export function parseJws(text: string): CompactJws | undefined {
  const parts = text.split('.');
  const [head = '', payload = '', tail = ''] = parts;
  if (parts.length !== 3) return undefined;
  const header = jsonObject(head);
  const claims = jsonObject(payload);
  const signature = fromBase64url(tail);
  if (header === undefined || claims === undefined || signature === undefined) return undefined;
  return { header, claims, signature, signed: Buffer.from(`${head}.${payload}`, 'ascii') };
}

/**
 * In: base64url without padding (RFC 7515 section 2). Out: its bytes, at least one, or undefined. The unused bits at the
 * end have to be zero: otherwise two texts would be the same signature, and a changed proof would still verify.
 */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** A byte order mark is kept, so that JSON refuses it. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function jsonObject(part: string): Record<string, unknown> | undefined {
  const bytes = fromBase64url(part);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(UTF8.decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
