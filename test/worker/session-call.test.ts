/** Where a plain call of a session runs: in the Worker, once the gate knows the session, and nowhere once it has ended. */
import { createExecutionContext, evictDurableObject, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Principal } from '../../src/core/principal.ts';
import { serveMcp } from '../../src/mcp/lanes.ts';
import type { RpcId } from '../../src/mcp/messages.ts';
import type { SessionEnvelope } from '../../src/mcp/session.ts';
import { read } from '../support/rpc.ts';
import { laneScope } from './lane-scope.ts';
import { migrate } from './migrate.ts';

beforeAll(async () => await migrate(env.AUDIT_DB));

const user = (id: string): Principal => ({
  tenant: 'default',
  user: { id, login: 'octocat' },
  client: { id: 'c', name: 'C' },
  scopes: ['tools:execute', 'tools:list'],
  repositories: null,
  grantId: 'g',
  tokenId: 't',
  expiresAt: 4e9,
});

/**
 * How often the object of a session was asked to serve a request: whoever asks it gets its own answer. To open a stream,
 * for a call that takes longer on a busy machine, is not to serve it.
 */
let asked = 0;
const SESSION = {
  newUniqueId: () => env.SESSION.newUniqueId(),
  idFromString: (id: string) => env.SESSION.idFromString(id),
  get: (id: DurableObjectId) => {
    const object = env.SESSION.get(id);
    return {
      fetch: (url: string, init: RequestInit<RequestInitCfProperties>) => {
        const { gatehouse } = init.cf as unknown as { gatehouse: SessionEnvelope };
        if (gatehouse.runsInWorker !== true) asked += 1;
        return object.fetch(url, init);
      },
      deliver: (id: RpcId, message: string) => object.deliver(id, message),
      cancelled: (id: RpcId) => object.cancelled(id),
    };
  },
};

const INITIALIZE = {
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const call = (name: string, args: object = {}, more: object = {}) => ({
  id: 5,
  method: 'tools/call',
  params: { name, arguments: args, ...more },
});
const READ = call('get_me');

interface Sent {
  readonly principal: Principal;
  readonly session?: string | null;
  readonly message?: object;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

/** One request of somebody whose token was good. */
async function send({ principal, session, message, method = 'POST', headers = {} }: Sent): Promise<Response> {
  const request = new Request('https://gate.example/mcp', {
    method,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(session && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
      ...headers,
    },
    body: message === undefined ? null : JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  const scope = await laneScope(request, principal, { SESSION });
  const ctx = createExecutionContext();
  const response = await serveMcp(request, scope, ctx);
  const text = await response.text();
  await waitOnExecutionContext(ctx);
  return new Response(text || null, response);
}

/** Out: the status of the answer, and how often the session's object was asked for it. */
async function seen(sent: Sent): Promise<{ status: number; asked: number }> {
  const before = asked;
  const { status } = await send(sent);
  return { status, asked: asked - before };
}

async function begin(principal: Principal): Promise<string> {
  const begun = await send({ principal, message: INITIALIZE });
  expect(begun.status).toBe(200);
  return begun.headers.get('mcp-session-id') ?? '';
}

describe('a plain call of a session', () => {
  it('runs in the Worker from the first on: its object is not asked', async () => {
    const principal = user('gh_7001');
    const session = await begin(principal);
    expect(await seen({ principal, session, message: READ })).toEqual({ status: 200, asked: 0 });
    const answer = await send({ principal, session, message: READ });
    expect(answer.headers.get('mcp-session-id')).toBe(session);
    expect((await read(answer)).json).toMatchObject({ jsonrpc: '2.0', id: 5, result: { content: [{ type: 'text' }] } });
  });

  it.each([
    ['a tool that writes', call('add_issue_comment', { owner: 'a', repo: 'b', issue_number: 1, body: 'c' }), {}],
    ['a tool that takes its time', call('get_job_logs', { owner: 'a', repo: 'b', job_id: 1 }), {}],
    ['another method', { id: 5, method: 'tools/list' }, {}],
    ['what the SDK has to look at', call('get_me', {}, { beside: 1 }), {}],
    ['a revision that nobody speaks', READ, { 'mcp-protocol-version': '1999-01-01' }],
  ])('but not %s', async (_, message, headers) => {
    const principal = user('gh_7002');
    const session = await begin(principal);
    expect(await seen({ principal, session, message, headers })).toMatchObject({ asked: 1 });
  });

  it('goes to the object where the gate has forgotten, which then knows it again', async () => {
    const principal = user('gh_7003');
    const session = await begin(principal);
    await evictDurableObject(env.GATE.getByName('default:gh_7003'));
    expect(await seen({ principal, session, message: READ })).toEqual({ status: 200, asked: 1 });
    expect(await seen({ principal, session, message: READ })).toEqual({ status: 200, asked: 0 });
  });

  it('finds no session that was ended, in the very next request', async () => {
    const principal = user('gh_7004');
    const session = await begin(principal);
    expect(await seen({ principal, session, message: READ })).toEqual({ status: 200, asked: 0 });
    expect(await seen({ principal, session, method: 'DELETE' })).toEqual({ status: 200, asked: 1 });
    expect(await seen({ principal, session, message: READ })).toEqual({ status: 404, asked: 1 });
    // Nor does that make it known.
    expect(await seen({ principal, session, message: READ })).toEqual({ status: 404, asked: 1 });
  });

  it.each([
    ['another client', { client: { id: 'd', name: 'D' } }],
    ['another key', { jkt: 'key' }],
  ])('does not run in the session of %s of the same person', async (_, other) => {
    const principal = user('gh_7005');
    const session = await begin(principal);
    expect(await seen({ principal: { ...principal, ...other }, session, message: READ })).toEqual({
      status: 404,
      asked: 1,
    });
    expect(await seen({ principal, session, message: READ })).toEqual({ status: 200, asked: 0 });
  });
});
