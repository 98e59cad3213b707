/** A local server on a wire in memory: what becomes of calls when the log breaks, and when a client breaks a rule. */
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { afterEach, expect, it, vi } from 'vitest';
import { LocalCalls } from '../../../src/cli/stdio/calls.ts';
import { Connection } from '../../../src/cli/stdio/connection.ts';
import { Journal } from '../../../src/cli/stdio/journal.ts';
import { localConfig, localSelection } from '../../../src/cli/stdio/settings.ts';
import { buildServer } from '../../../src/mcp/server.ts';
import { SCOPE_NAMES } from '../../../src/policy/scopes.ts';

const principal = {
  tenant: 'local',
  user: { id: 'gh_1', login: 'octocat' },
  client: { id: 'stdio', name: 'stdio' },
  scopes: SCOPE_NAMES,
  repositories: null,
  grantId: '',
  tokenId: '',
  expiresAt: Number.MAX_SAFE_INTEGER,
};

/** A log that can be broken. `room` is how many bytes it still takes. */
const disk = { text: '', room: Number.POSITIVE_INFINITY };
const write = (text: string) => {
  if (disk.room <= 0) throw new Error('ENOSPC');
  const part = text.slice(0, disk.room);
  disk.text += part;
  return part.length;
};
const lines = () =>
  disk.text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });

const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  Object.assign(disk, { text: '', room: Number.POSITIVE_INFINITY });
});

/** A server and the client's end of its wire. Out: what to send with, what came back, and the end. */
async function connect(capabilities: object = {}) {
  const config = localConfig({ GITHUB_API_URL: 'http://127.0.0.1:1', GITHUB_URL: 'http://127.0.0.1:1' }, false);
  const selection = localSelection(config, undefined);
  const scope = { config, principal, upstreamToken: 'none', selection, clock: Date.now };
  const calls = new LocalCalls({ ...scope, journal: new Journal('the log', write) });
  const [client, wire] = InMemoryTransport.createLinkedPair();
  const connection = new Connection(wire, calls);
  const handle = serveStdio(() => connection.identified(buildServer(selection)), { transport: connection });
  const got: Record<string, unknown>[] = [];
  client.onmessage = (message) => got.push(message as unknown as Record<string, unknown>);
  await client.start();
  const end = async () => {
    await handle.close();
    await calls.end();
  };
  closing.push(end);
  const send = (message: object) => client.send({ jsonrpc: '2.0', ...message } as JSONRPCMessage);
  const answer = async (id: number) => await vi.waitUntil(() => got.find((message) => message.id === id));
  const clientInfo = { name: 'Wire', version: '1' };
  await send({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities, clientInfo } });
  await answer(0);
  await send({ method: 'notifications/initialized' });
  const call = (id: number, name: string, args = {}) =>
    send({ id, method: 'tools/call', params: { name, arguments: args } });
  return { send, call, answer, got, end };
}

it('refusals while the log cannot be written', async () => {
  const { call, answer } = await connect();
  disk.room = 30;
  await call(1, 'no_such_tool');
  await answer(1);
  expect(said).toHaveBeenCalledWith(expect.stringContaining('the log cannot be written'));
  disk.room = 0;
  await call(2, 'get_me');
  expect(JSON.stringify(await answer(2))).toContain('audit_unavailable');
  expect(lines()).toEqual([]);
  disk.room = Number.POSITIVE_INFINITY;
  await call(3, 'another_tool');
  await answer(3);
  // The line that was torn is there once more, whole; the refused call never ran and has none.
  expect(lines().map(({ tool_name }) => tool_name)).toEqual(['no_such_tool', 'another_tool']);
});

it('keeps the line of a call whose id is used again, and lets it go on', async () => {
  const { call, send, got, end } = await connect({ elicitation: { form: {} } });
  await call(1, 'create_repository', { name: 'asked-for' });
  await vi.waitUntil(() => got.some(({ method }) => method === 'elicitation/create'));
  await call(1, 'get_me');
  await send({ id: 1, method: 'ping' });
  await vi.waitUntil(() => got.filter(({ error, id }) => error !== undefined && id === undefined).length === 2);
  expect(lines()).toMatchObject([{ tool_name: 'get_me', result_status: 'error', error_code: 'invalid_request' }]);
  await end();
  expect(lines().slice(1)).toMatchObject([{ tool_name: 'create_repository', result_status: 'cancelled' }]);
});

it('closes a call that is cancelled while the person is asked', async () => {
  const { call, send, got } = await connect({ elicitation: { form: {} } });
  await call(1, 'create_repository', { name: 'asked-for' });
  await vi.waitUntil(() => got.some(({ method }) => method === 'elicitation/create'));
  await send({ method: 'notifications/cancelled', params: { requestId: 1 } });
  await vi.waitUntil(() => lines().length > 0);
  expect(lines()).toMatchObject([{ tool_name: 'create_repository', result_status: 'cancelled', client_name: 'Wire' }]);
});
