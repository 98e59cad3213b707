/** The conformance tests' proxy: what passes through it must arrive as it was sent, when it was sent. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { TokenProxy } from '../conformance/proxy.ts';
import { openProxy } from '../conformance/proxy.ts';

let proxy: TokenProxy | undefined;
let server: Server | undefined;

async function proxied(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  proxy = await openProxy();
  proxy.target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.token = 'secret';
  return proxy.url;
}

afterEach(async () => {
  await proxy?.stop();
  server?.closeAllConnections();
  server?.close();
});

describe('the proxy of the conformance tests', () => {
  it('brings a token to /mcp, where the request has none of its own', async () => {
    const url = await proxied((request, response) => response.end(request.headers.authorization ?? 'none'));
    const asked = (path: string, headers = {}) => fetch(`${url}${path}`, { headers }).then((answer) => answer.text());
    expect(await asked('/mcp')).toBe('Bearer secret');
    expect(await asked('/mcp', { authorization: 'Bearer own' })).toBe('Bearer own');
    expect(await asked('/token')).toBe('none');
  });

  it('passes Host and Origin as they came', async () => {
    const url = await proxied(({ headers }, response) => response.end(`${headers.host} ${headers.origin}`));
    const answer = await fetch(`${url}/mcp`, { headers: { origin: 'http://evil.example' } });
    expect(await answer.text()).toBe(`${new URL(url).host} http://evil.example`);
  });

  it('passes a stream on while it is written', async () => {
    let finish = () => {};
    const url = await proxied((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      finish = () => response.end('data: 2\n\n');
    });
    const reader = (await fetch(`${url}/mcp`)).body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('data: 1\n\n');
    finish();
    expect((await reader?.read())?.value).toBe('data: 2\n\n');
  });

  it('passes on that the caller has left', async () => {
    const left = Promise.withResolvers<void>();
    const url = await proxied((request, response) => {
      request.on('close', () => left.resolve());
      response.writeHead(200).write('waiting');
    });
    const leaving = new AbortController();
    await fetch(`${url}/mcp`, { signal: leaving.signal });
    leaving.abort();
    await left.promise;
  });
});
