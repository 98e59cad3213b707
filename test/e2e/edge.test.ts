/** The edge over real HTTP: what a client library would not send. */
import { once } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { expect, it } from 'vitest';
import { useStack } from '../support/stack.ts';

const running = useStack();

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request as given. In: chunks of the body, sent with `Transfer-Encoding: chunked` unless a length is given. */
async function send(
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  chunks: readonly Buffer[] = [],
): Promise<Answer> {
  const { host, port } = new URL(running().url);
  const sent = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: { host, ...headers },
  });
  const answered = once(sent, 'response');
  // The gate may answer and hang up while the body is still on its way.
  sent.on('error', () => undefined);
  for (const chunk of chunks) {
    if (!sent.write(chunk)) await Promise.race([once(sent, 'drain'), answered, once(sent, 'close')]);
  }
  sent.end();
  const [response] = await answered;
  let body = '';
  for await (const part of response) body += part;
  return { status: response.statusCode, headers: response.headers, body };
}

const MEGABYTE = Buffer.alloc(1024 * 1024, 'a');
const TEN = Array.from({ length: 10 }, () => MEGABYTE);
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

it.each(['evil.example', 'localhost', 'localhost.evil.example', '127.0.0.1', '169.254.169.254'])(
  'under the host %s there is nothing, on any path',
  async (host) => {
    for (const path of ['/', '/mcp', '/token', '/authorize', '/.well-known/oauth-authorization-server', '/healthz']) {
      for (const method of ['GET', 'POST']) {
        const answer = await send(method, path, { host });
        expect(answer.status, `${method} ${path}`).toBe(421);
        expect(JSON.parse(answer.body)).toBeTypeOf('object');
      }
    }
  },
);

it.each(['[', 'localhost:88:88', 'a b', '%zz'])('a host that is none, %s, is one that is not ours', async (host) => {
  for (const path of ['/', '/mcp', '/healthz']) expect((await send('GET', path, { host })).status, path).toBe(421);
});

it.each(['GET', 'HEAD', 'DELETE'])('a body that comes with %s changes nothing', async (method) => {
  for (const path of ['/', '/mcp', '/authorize', '/account', '/.well-known/oauth-authorization-server']) {
    const bare = await send(method, path);
    const answer = await send(method, path, { 'content-type': 'text/plain', 'content-length': '4' }, [
      Buffer.from('body'),
    ]);
    expect(answer.status, path).toBe(bare.status);
    expect(answer.status, path).toBeLessThan(500);
  }
});

it('an origin that is not the own one is refused before any token is looked at', async () => {
  const { url } = running();
  for (const origin of ['null', 'https://evil.example', `${url}.evil.example`, url.replace('http', 'https')]) {
    const mcp = await send('POST', '/mcp', { ...json, origin, authorization: 'Bearer garbage' }, [Buffer.from('{}')]);
    expect(mcp.status).toBe(403);
    expect(JSON.parse(mcp.body)).toMatchObject({ jsonrpc: '2.0', id: null });
    expect(mcp.headers['www-authenticate']).toBeUndefined();
    expect((await send('POST', '/register', { ...json, origin })).status).toBe(403);
  }
  const own = await send('POST', '/mcp', { ...json, origin: url }, [Buffer.from('{}')]);
  expect(own.status).toBe(401);
});

it('a body of 10 MB gets 413, whatever it says about its length', async () => {
  const lengths: OutgoingHttpHeaders[] = [{ 'content-length': String(10 * MEGABYTE.length) }, {}];
  for (const length of lengths) {
    const mcp = await send('POST', '/mcp', { ...json, ...length }, TEN);
    expect(mcp.status).toBe(413);
    expect(JSON.parse(mcp.body)).toMatchObject({ id: null, error: { data: { code: 'too_large' } } });
    for (const path of ['/token', '/register', '/authorize']) {
      const answer = await send('POST', path, { ...json, ...length }, TEN);
      expect(answer.status).toBe(413);
      expect(JSON.parse(answer.body)).toMatchObject({ error: 'invalid_request' });
    }
  }
});

it('every answer names its request, and one log line has that name', async () => {
  const { logs } = running();
  const secret = 'code-that-must-not-be-logged';
  const answers = await Promise.all([
    send('GET', '/'),
    send('GET', `/callback?code=${secret}&state=x`),
    send('POST', '/mcp', { ...json, authorization: `Bearer ${secret}` }, [Buffer.from('{}')]),
    send('GET', '/nowhere'),
    send('GET', '/', { host: 'evil.example' }),
  ]);
  await expect.poll(() => logs.filter(({ message }) => message.includes('"/nowhere"')).length).toBe(1);
  for (const { status, headers } of answers) {
    const id = String(headers['x-request-id']);
    expect(id).toMatch(/^req_[a-z2-7]{16}$/);
    const lines = logs.filter(({ message }) => message.includes(id));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]?.message ?? '')).toMatchObject({ request_id: id, status });
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  }
  expect(logs.some(({ message }) => message.includes(secret))).toBe(false);
});

it('a person who mistyped a page, or opens the address of clients, is shown the way', async () => {
  const { url } = running();
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  const lost = await send('GET', '/acount', browser);
  expect([lost.status, lost.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  for (const place of [`${url}/mcp`, `${url}/account`, `${url}/console`]) expect(lost.body).toContain(place);
  expect(lost.body).toContain(`href="${url}/"`);
  const endpoint = await send('GET', '/mcp', browser);
  expect([endpoint.status, endpoint.headers.location]).toEqual([302, `${url}/`]);
  // A client is challenged, whatever it accepts.
  for (const headers of [{ accept: 'text/event-stream' }, { ...browser, authorization: 'Bearer x' }])
    expect((await send('GET', '/mcp', headers)).status).toBe(401);
});

it('an MCP request to the origin is told the right URL', async () => {
  const answer = await send('POST', '/', json, [Buffer.from('{"jsonrpc":"2.0","id":1,"method":"initialize"}')]);
  expect(answer.status).toBe(404);
  expect(JSON.parse(answer.body).error.message).toContain(running().mcpUrl);
});
