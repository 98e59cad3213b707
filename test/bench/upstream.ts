/**
 * The loopback upstream: one fixed issue of GitHub's shape for every question, after a fixed delay. Runs in a thread of
 * its own, so that neither the generator nor the log reader makes it late.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

export interface Upstream {
  /** Origin, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Stands in every answer, and so in every result of the call that is measured. */
export const MARKER = 'Checkout loses the cart when a session expires';

/** In: milliseconds before each answer. */
export async function startUpstream(delayMs: number): Promise<Upstream> {
  const thread = new Worker(new URL(import.meta.url), { workerData: { delayMs } });
  const port = await new Promise<number>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  const stop = async () => {
    await thread.terminate();
  };
  return { url: `http://127.0.0.1:${port}`, port, stop };
}

function user(login: string, id: number) {
  return { login, id, type: 'User', html_url: `https://github.com/${login}`, site_admin: false };
}

const BODY = [
  'When a session expires while somebody is at the checkout, the cart is empty after they sign in again.',
  '## Steps\n1. Put two things into the cart.\n2. Wait for the session to expire.\n3. Sign in again.',
  '## Expected\nThe cart still has both things, with the prices of the moment they were added.',
  '```ts\nconst cart = await carts.load(session.id);\nif (cart === undefined) throw new Error("cart lost");\n```',
].join('\n\n');

const ISSUE = JSON.stringify({
  id: 2_400_000_001,
  number: 1,
  title: MARKER,
  state: 'open',
  state_reason: null,
  locked: false,
  html_url: 'https://github.com/acme/web/issues/1',
  url: 'https://api.github.com/repos/acme/web/issues/1',
  repository_url: 'https://api.github.com/repos/acme/web',
  user: user('octocat', 1),
  assignees: [user('hubot', 2)],
  labels: [
    { id: 1, name: 'bug', color: 'd73a4a', description: 'Something is not working', default: true },
    { id: 2, name: 'checkout', color: '0e8a16', description: 'From cart to receipt', default: false },
  ],
  milestone: null,
  comments: 3,
  created_at: '2026-10-01T09:00:00Z',
  updated_at: '2026-10-03T17:30:00Z',
  closed_at: null,
  author_association: 'MEMBER',
  reactions: { total_count: 2, '+1': 2, '-1': 0, laugh: 0, hooray: 0, confused: 0, heart: 0, rocket: 0, eyes: 0 },
  body: `${BODY}\n\n${BODY}\n\n${BODY}`,
});
/** Asked for while somebody signs in. */
const ME = JSON.stringify(user('octocat', 583_231));

if (!isMainThread && parentPort !== null) {
  const { delayMs } = workerData as { delayMs: number };
  const server = createServer((request, response) => {
    const body = request.url === '/user' ? ME : ISSUE;
    const answer = () => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
      response.end(body);
    };
    request.resume();
    if (delayMs > 0) setTimeout(answer, delayMs);
    else answer();
  });
  // A pooled connection that we close while it is taken up again would be an error of ours, not of the peer's.
  server.keepAliveTimeout = 3_600_000;
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
}
