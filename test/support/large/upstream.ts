/** A GitHub with answers of a size that nobody should hold at once, made while they are sent. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const FILE_LINES = 200_000;
export const LOG_LINES = 200_000;
export const PULL_FILES = 250;
/** Bytes of the answer that is far too large. */
const FLOOD = 50 * 1024 * 1024;

export interface LargeUpstream {
  readonly url: string;
  /** Bytes of the last long answer that were sent before the other side had enough. */
  sent(): number;
  stop(): Promise<void>;
}

/** Starts it on a free port of this machine. */
export async function startLarge(): Promise<LargeUpstream> {
  let sent = 0;
  /** Lines in pieces of about 64 KB, as fast as they are taken. */
  const stream = async (response: ServerResponse, count: number, line: (n: number) => string) => {
    sent = 0;
    const closed = new Promise((go) => response.once('close', go));
    for (let from = 1; from <= count && !response.destroyed; from += 1_000) {
      let piece = '';
      for (let n = from; n < from + 1_000 && n <= count; n++) piece += `${line(n)}\n`;
      sent += piece.length;
      if (!response.write(piece)) await Promise.race([closed, new Promise((go) => response.once('drain', go))]);
    }
    response.end();
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname.replace('/repos/octo/hello', '');
    const json = (body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    if (path === '/contents/big.txt') {
      if (request.headers.accept?.includes('raw')) return void stream(response, FILE_LINES, fileLine);
      const size = 10 * 1024 * 1024;
      return json({
        type: 'file',
        name: 'big.txt',
        path: 'big.txt',
        sha: 'a'.repeat(40),
        size,
        encoding: 'none',
        content: '',
      });
    }
    if (path === '/actions/jobs/5/logs') return void response.writeHead(302, { location: '/store/log' }).end();
    if (path === '/store/log')
      return void stream(response, LOG_LINES, (n) => `2026-01-01T00:00:00.0000000Z step ${n} ${'.'.repeat(40)}`);
    if (path === '/pulls/7') return json(pull);
    if (path === '/pulls/7/files') {
      const page = Number(url.searchParams.get('page') ?? 1);
      const rest = PULL_FILES > page * 100;
      const link = `<http://${request.headers.host}${url.pathname}?per_page=100&page=${page + 1}>; rel="next"`;
      return json(changedFiles.slice((page - 1) * 100, page * 100), rest ? { link } : {});
    }
    // Never answers.
    if (path === '/issues/1') return undefined;
    if (path === '/issues/2') {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"body":"');
      return void stream(response, FLOOD / 1024, () => 'x'.repeat(1023));
    }
    response.writeHead(404).end('{}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sent: () => sent,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** 52 characters: 10 MB in all. */
export function fileLine(n: number): string {
  return `${String(n).padStart(8, '0')} ${'é'.repeat(4)}${'.'.repeat(39)}`;
}

const user = { login: 'mona' };
const head = { ref: 'fix', sha: 'c'.repeat(40), label: 'octo:fix' };
const pull = {
  ...{ id: 7, number: 7, title: 'Much', state: 'open', html_url: 'https://x.test/7', user, body: '', labels: [] },
  ...{ assignees: [], created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
  ...{ head, base: { ref: 'main', sha: 'd'.repeat(40) }, changed_files: PULL_FILES },
};
const changedFiles = Array.from({ length: PULL_FILES }, (_, n) => ({
  ...{
    sha: 'b'.repeat(40),
    filename: `src/file-${n}.ts`,
    status: 'modified',
    additions: 80,
    deletions: 0,
    changes: 80,
  },
  patch: `@@ -0,0 +1,80 @@\n${Array.from({ length: 80 }, (_, line) => `+line ${line} of file ${n} ${'.'.repeat(40)}`).join('\n')}`,
}));
