/** One request to the emulator behind the shim, answered whole. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:http';

export interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

export interface Ask {
  readonly method?: string;
  /** Path with its query. */
  readonly path: string;
  readonly headers?: IncomingHttpHeaders | Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
  readonly signal?: AbortSignal;
}

export interface Upstream {
  ask(ask: Ask): Promise<Answer>;
  close(): void;
}

/** Headers that belong to one connection and not to the message (RFC 9110 section 7.6.1), and those set anew. */
const PER_HOP = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'date',
  'expect',
  'accept-encoding',
];

/** In: the emulator's port on loopback. Rejects when it cannot be reached or the signal aborts. */
export function connectUpstream(port: number): Upstream {
  // A connection each: one that is kept may be closed by the other side in the moment in which it is used again.
  const agent = new Agent({ keepAlive: false, maxSockets: 64 });
  const ask = ({ method = 'GET', path, headers = {}, body, signal }: Ask): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = { ...endToEnd(headers), ...(body !== undefined && { 'content-length': String(body.length) }) };
      const options = { host: '127.0.0.1', port, method, path, headers: sent, agent };
      const outgoing = request(signal === undefined ? options : { ...options, signal }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 502,
            headers: endToEnd(incoming.headers),
            body: Buffer.concat(chunks),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return { ask, close: () => agent.destroy() };
}

function endToEnd(headers: IncomingHttpHeaders | Readonly<Record<string, string>>): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => value !== undefined && !PER_HOP.includes(name)),
  ) as OutgoingHttpHeaders;
}

/** An answer in JSON. */
export function jsonAnswer(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** The body of an answer as JSON; `undefined` when it is none. */
export function readJson(answer: Answer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    return undefined;
  }
}
