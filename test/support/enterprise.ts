/**
 * The embedded GitHub as a GitHub Enterprise Server has it: pages at the origin, REST below `/api/v3`, GraphQL at
 * `/api/graphql`. Keeps every request as it came, credentials and bodies too, which the embedded GitHub leaves out.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['rawHeaders'];
  readonly body: string;
}

export interface Enterprise {
  /** Origin, without a trailing slash. */
  readonly url: string;
  readonly requests: RawRequest[];
  /** Origin of the embedded GitHub, once it is known. */
  target: string;
  /** STAND-IN for a GitHub App, whose user tokens end: the embedded GitHub knows OAuth Apps only. */
  app: { readonly expiresIn: number; readonly afterRefresh: 'renewed' | 'bad_refresh_token' | 'down' } | undefined;
  stop(): Promise<void>;
}

const TOKEN_ENDPOINT = '/login/oauth/access_token';

/** Starts it on a free port of this machine. */
export async function startEnterprise(): Promise<Enterprise> {
  const requests: RawRequest[] = [];
  const server = createServer((req, res) => {
    pass(req, res).catch((error: unknown) => res.writeHead(502).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const enterprise: Enterprise = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    target: '',
    app: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function pass(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const [method, path] = [req.method ?? 'GET', req.url ?? '/'];
    const raw = { method, path, headers: req.rawHeaders, body: body.toString() };
    requests.push(raw);
    const json = (status: number, value: unknown) =>
      void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const used = new URLSearchParams(raw.body).get('refresh_token');
    if (path === TOKEN_ENDPOINT && used !== null) {
      const after = enterprise.app?.afterRefresh ?? 'bad_refresh_token';
      const token = used.replace(/^ghr_/, '');
      if (after === 'down') return json(502, { message: 'unicorn' });
      if (after === 'bad_refresh_token') return json(200, { error: after });
      return json(200, { access_token: token, expires_in: 28_800, refresh_token: `ghr_${token}` });
    }
    const inner = innerPath(path);
    if (inner === undefined) return json(404, { message: 'Not Found' });
    const headers = new Headers();
    for (const [name, value] of Object.entries(req.headers)) {
      if (!['host', 'connection', 'content-length', 'transfer-encoding', 'expect'].includes(name))
        headers.set(name, String(value));
    }
    const answer = await fetch(`${enterprise.target}${inner}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body.length > 0 && { body }),
    });
    if (path === TOKEN_ENDPOINT && enterprise.app !== undefined && answer.ok) {
      const issued = (await answer.json()) as { access_token: string };
      const more = { expires_in: enterprise.app.expiresIn, refresh_token: `ghr_${issued.access_token}` };
      return json(200, { ...issued, ...more });
    }
    const sent = new Headers(answer.headers);
    for (const name of ['content-encoding', 'content-length', 'transfer-encoding', 'connection']) sent.delete(name);
    const link = sent.get('link');
    if (link !== null) sent.set('link', link.replaceAll(`${enterprise.target}/`, `${enterprise.url}/api/v3/`));
    const location = sent.get('location');
    if (location !== null) sent.set('location', location.replace(enterprise.target, enterprise.url));
    res.writeHead(answer.status, Object.fromEntries(sent)).end(Buffer.from(await answer.arrayBuffer()));
  }
  return enterprise;
}

/** Where the embedded GitHub has what an Enterprise Server has at `path`; its API is nowhere else. */
function innerPath(path: string): string | undefined {
  if (path === '/api/graphql') return '/graphql';
  if (path.startsWith('/api/v3/')) return path.slice('/api/v3'.length);
  return /^\/(login|settings|avatars|_emulate)(\/|$)/.test(path) ? path : undefined;
}
