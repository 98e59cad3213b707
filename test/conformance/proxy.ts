/**
 * Stands between the suite, which cannot send an Authorization header, and the gate. Everything passes as it came, in
 * both directions and as it arrives; only requests to `/mcp` without a token of their own get one.
 *
 * The gate is told that the proxy's address is its own (`PUBLIC_URL`), so Host and Origin need no rewriting and the
 * suite's attacks on them reach the gate's edge untouched.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenProxy {
  /** Origin, without a trailing slash. */
  readonly url: string;
  /** Where requests go from now on: an origin on loopback. */
  target: string | undefined;
  /** Access token for `/mcp`. */
  token: string | undefined;
  stop(): Promise<void>;
}

/** Listens on any free port of 127.0.0.1. Until it has a target it answers 503. */
export async function openProxy(): Promise<TokenProxy> {
  const server = createServer((incoming, outgoing) => pass(incoming, outgoing, proxy));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: TokenProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target: undefined,
    token: undefined,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, { target, token }: TokenProxy): void {
  if (target === undefined) {
    outgoing.writeHead(503).end();
    return;
  }
  const { hostname, port } = new URL(target);
  const headers = [...incoming.rawHeaders];
  const wantsToken = new URL(incoming.url ?? '/', target).pathname === '/mcp' && !('authorization' in incoming.headers);
  if (token !== undefined && wantsToken) headers.push('authorization', `Bearer ${token}`);
  const onward = send({ hostname, port, method: incoming.method, path: incoming.url, headers, agent: false });
  incoming.pipe(onward);
  onward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  onward.on('error', () => outgoing.destroy());
  // Whoever asked has left: the gate must see that too.
  outgoing.on('close', () => onward.destroy());
}
