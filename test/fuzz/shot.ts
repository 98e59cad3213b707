/**
 * One request as bytes on a socket, so that nothing between the generator and the gate makes it well-formed, and what
 * came back.
 */
import { connect } from 'node:net';

export interface Shot {
  readonly method: string;
  /** Path with its query, as it stands in the request line. */
  readonly target: string;
  /** `host` and `content-length` are added where they are not here. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string | Buffer | undefined;
  /** Closes the connection before the whole body was sent. */
  readonly breakOff?: boolean;
}

export interface Hit {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** The time was over before the answer was. */
  readonly timedOut: boolean;
}

/** Milliseconds for a whole answer. Tools may take 30 s, but nothing here waits for anything. */
const LONGEST_MS = 15_000;
/** What is enough of an answer to judge it. */
const MOST_BYTES = 2 ** 22;

/** In: the port of the gate on 127.0.0.1. Never rejects. */
export function shoot(port: number, shot: Shot): Promise<Hit> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (timedOut: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...parseAnswer(Buffer.concat(chunks)), timedOut });
    };
    const timer = setTimeout(() => done(true), LONGEST_MS);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      // A listening stream stays open for as long as the client likes.
      if (size > MOST_BYTES || (shot.method === 'GET' && isStream(chunks))) done(false);
    });
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
    socket.on('connect', () => {
      const bytes = requestBytes(port, shot);
      if (shot.breakOff === true) {
        socket.write(bytes.subarray(0, Math.max(1, bytes.length - 10)), () => done(false));
      } else socket.write(bytes);
    });
  });
}

function isStream(chunks: readonly Buffer[]): boolean {
  const head = Buffer.concat(chunks).toString('latin1');
  return head.includes('\r\n\r\n') && /^content-type: text\/event-stream/im.test(head);
}

function requestBytes(port: number, { method, target, headers, body }: Shot): Buffer {
  const has = (name: string) => headers.some(([key]) => key.toLowerCase() === name);
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const lines = [`${method} ${target} HTTP/1.1`];
  if (!has('host')) lines.push(`host: localhost:${port}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (bytes !== undefined && !has('content-length') && !has('transfer-encoding')) {
    lines.push(`content-length: ${bytes.length}`);
  }
  lines.push('connection: close');
  // Header values are bytes: what is no Latin-1 goes out as UTF-8, as clients do it.
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return bytes === undefined ? head : Buffer.concat([head, bytes]);
}

/** In: the bytes of an answer, whole or not. */
export function parseAnswer(bytes: Buffer): Omit<Hit, 'timedOut'> {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, end < 0 ? bytes.length : end).toString('latin1');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  const headers = new Map<string, string>();
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const raw = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 4);
  const body = headers.get('transfer-encoding') === 'chunked' ? unchunked(raw) : raw;
  return { status, headers, body: body.toString('utf8') };
}

/** RFC 9112 section 7.1, as far as it arrived. */
function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf('\r\n', at);
    const size = line < 0 ? Number.NaN : Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    if (!(size > 0)) break;
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
