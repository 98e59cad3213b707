/**
 * STAND-IN for GitHub in a thread of its own, with as many people as one likes: the embedded GitHub answers more slowly
 * than the gate, so that a storm would only measure that. Sign-in, a profile, issues and comments; whoever asks for an
 * issue by one of the numbers of TROUBLE gets the trouble.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { comment, issue, someone } from '../unit/catalogue/upstream-samples.ts';

/** Numbers of issues that GitHub cannot show, each in another way. */
export const TROUBLE = { missing: 40_004, broken: 50_000, reset: 60_000, garbage: 70_000 } as const;
/** Pages of comments of every issue: more than one, so that a call that reads them reports progress. */
const COMMENT_PAGES = 3;

export const PEOPLE = Array.from({ length: 12 }, (_, i) => `person-${i + 1}`);

export interface StormUpstream {
  /** Origin, without a trailing slash; of the pages and of the API alike. */
  readonly url: string;
  stop(): Promise<void>;
}

export async function startStormUpstream(): Promise<StormUpstream> {
  const thread = new Worker(new URL(import.meta.url));
  const port = await new Promise<number>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await thread.terminate();
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, body: string): unknown {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
  const json = (status: number, value: unknown, headers: Record<string, string> = {}) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  const { pathname } = url;
  if (pathname === '/login/oauth/authorize') return authorize(request, response, url, body);
  if (pathname === '/login/oauth/access_token') {
    const login = (new URLSearchParams(body).get('code') ?? '').split('.')[0];
    return json(200, { access_token: `gho_${login}.${crypto.randomUUID()}`, token_type: 'bearer', scope: 'repo' });
  }
  if (pathname === '/user') {
    const login = /gho_([\w-]+)\./.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const id = PEOPLE.indexOf(login) + 1;
    return id > 0 ? json(200, { ...someone(login), id }) : json(401, { message: 'Bad credentials' });
  }
  if (request.method === 'POST' && pathname.endsWith('/issues')) {
    return json(201, issue(1, { title: String((JSON.parse(body) as { title?: unknown }).title) }));
  }
  const number = Number(/\/issues\/(\d+)/.exec(pathname)?.[1] ?? 0);
  if (number === TROUBLE.missing) return json(404, { message: 'Not Found' });
  if (number === TROUBLE.broken) return json(502, { message: 'Server Error' });
  if (number === TROUBLE.garbage) return response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  if (number === TROUBLE.reset) return request.socket.resetAndDestroy();
  if (pathname.endsWith('/comments')) {
    const page = Number(url.searchParams.get('page') ?? 1);
    const next = `<${url.origin}${pathname}?page=${page + 1}>; rel="next"`;
    return json(200, [comment(page)], page < COMMENT_PAGES ? { link: next } : {});
  }
  return json(200, issue(number));
}

/** One form for each person, as the page of the embedded GitHub has them. */
function authorize(request: IncomingMessage, response: ServerResponse, url: URL, body: string): void {
  const sent = new URLSearchParams(request.method === 'POST' ? body : url.search);
  const [redirect, state] = [sent.get('redirect_uri') ?? '', sent.get('state') ?? ''];
  const login = sent.get('login');
  if (login !== null) {
    const back = new URL(redirect);
    back.searchParams.set('code', `${login}.${crypto.randomUUID()}`);
    back.searchParams.set('state', state);
    response.writeHead(302, { location: back.href }).end();
    return;
  }
  const field = (name: string, value: string) =>
    `<input type="hidden" name="${name}" value="${value.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">`;
  const forms = PEOPLE.map(
    (person) =>
      `<form method="post" action="/login/oauth/authorize">${field('login', person)}${field('redirect_uri', redirect)}${field('state', state)}<button>${person}</button></form>`,
  );
  response.writeHead(200, { 'content-type': 'text/html' }).end(forms.join(''));
}

if (!isMainThread && parentPort !== null) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString()));
  });
  // A pooled connection that closes while it is taken up again would be an error of this stand-in's own.
  server.keepAliveTimeout = 3_600_000;
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
}
