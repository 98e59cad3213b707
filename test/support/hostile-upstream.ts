/**
 * A GitHub that does what no server should. Which misdeed it is stands in the number of the issue that is asked for:
 * `numberOf(name)`, or 1000 and an HTTP status. It works on bare sockets, because most of it no HTTP library would send.
 */
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { issue, someone } from '../unit/catalogue/upstream-samples.ts';

type Misdeed = (socket: Socket) => void;

const MB = 2 ** 20;
const JSON_TYPE = 'content-type: application/json';

/** A whole answer. In: status line without the version, header lines, body. */
function answer(status: string, headers: readonly string[], body: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(body);
  const lines = [`HTTP/1.1 ${status}`, ...headers, `content-length: ${bytes.length}`, 'connection: close', '', ''];
  return Buffer.concat([Buffer.from(lines.join('\r\n')), bytes]);
}

const sends =
  (bytes: string | Buffer): Misdeed =>
  (socket) =>
    socket.end(bytes);
const redirects = (to: string): Misdeed => sends(answer('302 Found', [`location: ${to}`]));
const head = (length: number) => `HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\ncontent-length: ${length}\r\n\r\n`;
const CHUNKED = `HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\ntransfer-encoding: chunked\r\n\r\n`;

/** Ends by itself, or does so once the gate has had enough. */
const ENDING = {
  'closes without a word': (socket) => socket.end(),
  'resets the connection': (socket) => socket.resetAndDestroy(),
  'speaks no HTTP': sends('SSH-2.0-OpenSSH_9.9\r\n'),
  'breaks off inside the head': sends('HTTP/1.1 200 OK\r\ncontent-'),
  'sends less than it announced': sends(`${head(1000)}{"number":`),
  'breaks off inside a chunk': (socket) => socket.write(`${CHUNKED}ff\r\n{"number":`, () => socket.resetAndDestroy()),
  'sends a chunk of nonsense': sends(`${CHUNKED}zz\r\n{}\r\n0\r\n\r\n`),
  'sends HTML': sends(answer('200 OK', ['content-type: text/html'], '<html>maintenance</html>')),
  'sends half of a JSON': sends(answer('200 OK', [JSON_TYPE], '{"number": 1, "title": ')),
  'sends nothing': sends(answer('200 OK', [JSON_TYPE])),
  'sends null': sends(answer('200 OK', [JSON_TYPE], 'null')),
  'sends a list': sends(answer('200 OK', [JSON_TYPE], '[]')),
  'sends another shape': sends(answer('200 OK', [JSON_TYPE], '{"number":"one","user":{"login":{}}}')),
  'sends depth': sends(answer('200 OK', [JSON_TYPE], '['.repeat(200_000))),
  'sends bytes that are no text': sends(answer('200 OK', [JSON_TYPE], Buffer.from([0xff, 0xfe, 0, 1, 2, 0xc0]))),
  'says gzip and is not': sends(answer('200 OK', [JSON_TYPE, 'content-encoding: gzip'], '{"number":1}')),
  'sends 32 MB': sends(answer('200 OK', [JSON_TYPE], Buffer.alloc(32 * MB, ' '))),
  'announces 10 GB': (socket) => socket.write(`${head(10 * 1024 * MB)}${' '.repeat(1000)}`),
  'sends headers without end': sends(
    answer('200 OK', [JSON_TYPE, ...Array(3000).fill(`x-filler: ${'x'.repeat(100)}`)]),
  ),
  'redirects elsewhere': redirects('http://127.0.0.1:9/elsewhere'),
  'redirects to a file': redirects('file:///etc/passwd'),
  'redirects to itself': (socket) => socket.end(answer('302 Found', [`location: /repos/acme/web/issues/${LOOP}`])),
  'redirects nowhere': sends(answer('302 Found', [])),
} satisfies Record<string, Misdeed>;

/** Goes on for ever. */
const ENDLESS = {
  'never answers': () => undefined,
  'never ends its head': (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x-more: 1\r\n'),
  'never begins its body': (socket) => socket.write(head(100)),
  'never ends its body': (socket) => drip(socket, `${CHUNKED}1\r\n{\r\n`, '1\r\n \r\n'),
} satisfies Record<string, Misdeed>;

const ALL: Readonly<Record<string, Misdeed>> = { ...ENDING, ...ENDLESS };
const NAMES = Object.keys(ALL);
export const ENDING_NAMES = Object.keys(ENDING);
export const ENDLESS_NAMES = Object.keys(ENDLESS);

/** Number of the issue that has it done. */
export const numberOf = (name: string): number => NAMES.indexOf(name) + 1;
const LOOP = numberOf('redirects to itself');
/** Number of the issue that is answered with a status, from 200 to 599. */
export const statusNumber = (status: number): number => 1000 + status;
/** Number of an issue that is there. */
export const GOOD = 999;

function drip(socket: Socket, first: string, again: string): void {
  socket.write(first);
  const timer = setInterval(() => socket.write(again), 500);
  socket.on('close', () => clearInterval(timer));
}

export interface HostileUpstream {
  /** Origin of the API, without a trailing slash. */
  readonly url: string;
  /** Connections that are waiting for the end of an answer. */
  readonly open: number;
  stop(): Promise<void>;
}

export async function startHostileUpstream(): Promise<HostileUpstream> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    let asked = '';
    socket.on('data', (chunk) => {
      asked += chunk.toString('latin1');
      if (asked.includes('\r\n\r\n')) respond(socket, / (\S+) HTTP/.exec(asked)?.[1] ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return open.size;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function respond(socket: Socket, path: string): void {
  if (path === '/user') return void socket.end(answer('200 OK', [JSON_TYPE], JSON.stringify(someone('octocat'))));
  const number = Number(/\/issues\/(\d+)/.exec(path)?.[1] ?? 0);
  if (number === GOOD) return void socket.end(answer('200 OK', [JSON_TYPE], JSON.stringify(issue(GOOD))));
  if (number > 1000) return void socket.end(answer(`${number - 1000} Status`, [JSON_TYPE], '{"message":"So be it"}'));
  ALL[NAMES[number - 1] ?? '']?.(socket);
}
