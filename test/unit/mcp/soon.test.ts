/** What a session answers as JSON and what as a stream, with the SDK's own server and transport. */
import { Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../src/core/json.ts';
import { SoonAnswers } from '../../../src/mcp/soon.ts';

const SESSION = 'a-session';
const AUTH = { token: '', clientId: 'c', scopes: [] };
const HEADERS = {
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
  'mcp-protocol-version': '2025-11-25',
};
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 'init',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

type Say = () => Promise<void>;

/** A session whose only tool does what the test says. `say` sends a progress notification. */
async function session(
  work: (say: Say, close: (() => void) | undefined) => Promise<string>,
  soonMs = 10_000,
  keep: () => unknown = () => true,
) {
  const events: string[] = [];
  let begun = false;
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => SESSION,
    eventStore: {
      storeEvent: async (_, message) => {
        await (begun && keep());
        return String(events.push(JSON.stringify(message)));
      },
      replayEventsAfter: async () => '',
    },
  });
  const server = new Server({ name: 'test', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/call', async (_, ctx) => {
    const say = () =>
      ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } });
    return { content: [{ type: 'text', text: await work(say, ctx.http?.closeSSE) }] };
  });
  await server.connect(transport);
  const answers = new SoonAnswers(transport, soonMs);
  const send = (message: object, headers: object = { 'mcp-session-id': SESSION }) =>
    answers.handle(
      new Request('https://gate.example/mcp', { method: 'POST', headers: { ...HEADERS, ...headers } }),
      message as JsonValue,
      AUTH,
    );
  await (await send(INITIALIZE, {})).text();
  await send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  events.length = 0;
  begun = true;
  return { send, events, server };
}

const call = (id: string | number) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 't' } });
const typeOf = (response: Response) => response.headers.get('content-type');
const messagesIn = (text: string) =>
  [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data as string) as Record<string, unknown>);

describe('an answer of a session', () => {
  it('that is there soon is JSON, without an event', async () => {
    const { send, events } = await session(async () => 'done');
    const response = await send(call(1));
    expect(typeOf(response)).toContain('application/json');
    expect(response.headers.get('mcp-session-id')).toBe(SESSION);
    expect(await response.json()).toMatchObject({ id: 1, result: { content: [{ text: 'done' }] } });
    expect(events).toEqual([]);
  });

  it('that takes longer comes as a stream that can be resumed, and once', async () => {
    let finish: (text: string) => void = () => {};
    let runs = 0;
    const { send, events } = await session(() => {
      runs += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    }, 5);
    const response = await send(call(1));
    expect(typeOf(response)).toBe('text/event-stream');
    // The client has an id to come back with before there is anything else.
    expect(events).toEqual(['{}']);
    finish('late');
    expect(messagesIn(await response.text())).toMatchObject([{ id: 1, result: { content: [{ text: 'late' }] } }]);
    expect(runs).toBe(1);
    expect(events).toHaveLength(2);
  });

  it('that has something to say before is a stream, in the right order', async () => {
    const { send } = await session(async (say) => {
      await say();
      await say();
      return 'done';
    });
    const response = await send(call('a'));
    expect(typeOf(response)).toBe('text/event-stream');
    const messages = messagesIn(await response.text());
    expect(messages.map(({ method, id }) => method ?? id)).toEqual([
      'notifications/progress',
      'notifications/progress',
      'a',
    ]);
  });

  it('that comes while its stream is being opened goes there', async () => {
    const { send } = await session(async (say) => {
      void say();
      return 'done';
    });
    const messages = messagesIn(await (await send(call(1))).text());
    expect(messages.map(({ method, id }) => method ?? id)).toEqual(['notifications/progress', 1]);
  });

  it('can have its stream closed by the tool, to be fetched later', async () => {
    const { send, events } = await session(async (_, close) => {
      close?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return 'done';
    });
    const text = await (await send(call(1))).text();
    expect(messagesIn(text)).toEqual([]);
    await expect.poll(() => events.length).toBe(2);
  });

  it('is the error of a handler, too', async () => {
    const { send } = await session(async () => {
      throw new Error('broken');
    });
    expect(await (await send(call(1))).json()).toMatchObject({ id: 1, error: { code: -32603 } });
  });

  it('keeps many requests at once apart', async () => {
    let n = 0;
    const { send } = await session(async (say) => {
      const mine = ++n;
      if (mine % 3 === 0) await say();
      return `answer ${mine}`;
    });
    const texts = await Promise.all(Array.from({ length: 30 }, async (_, i) => (await send(call(i))).text()));
    texts.forEach((text, i) => {
      expect(text).toContain(`"id":${i}`);
      expect(text).toContain(`answer ${i + 1}"`);
    });
  });

  it.each([
    [{ 'mcp-session-id': 'another' }, 404],
    [{ 'mcp-session-id': SESSION, accept: 'application/json' }, 406],
    [{ 'mcp-session-id': SESSION, 'mcp-protocol-version': '1999-01-01' }, 400],
  ])('is the refusal of the transport where the headers are wrong: %j', async (headers, status) => {
    const { send } = await session(async () => 'done');
    expect((await send(call(1), headers)).status).toBe(status);
  });

  it('is an error, not silence, where its stream cannot be opened, and its id is free again', async () => {
    let keeps = false;
    const { send } = await session(
      () => (keeps ? Promise.resolve('done') : new Promise(() => {})),
      5,
      () => keeps || Promise.reject(new Error('no room for events')),
    );
    expect((await send(call(1))).status).toBe(400);
    keeps = true;
    expect(await (await send(call(1))).json()).toMatchObject({ id: 1, result: { content: [{ text: 'done' }] } });
  });

  it('is an end, not silence, where the session ends while a call runs', async () => {
    const { send, server } = await session(() => new Promise(() => {}), 30);
    const pending = send(call(1));
    await server.close();
    expect((await pending).status).toBe(404);
  });
});
