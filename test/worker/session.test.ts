/** A session's own Durable Object: whose it is, what survives an eviction, when it ends. */

import { evictDurableObject, listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditReader } from '../../src/audit/read.ts';
import { DEFAULT_SELECTION } from '../../src/catalogue/selection.ts';
import { configOf } from '../../src/config.ts';
import type { Principal } from '../../src/core/principal.ts';
import { GateClient } from '../../src/gate/client.ts';
import { GET_RETRY_MS, GET_STREAM_MS } from '../../src/mcp/get-stream.ts';
import type { SessionEnvelope } from '../../src/mcp/session.ts';
import { SESSION_IDLE_MS, SessionHost } from '../../src/mcp/session-host.ts';
import { migrate } from './migrate.ts';
import { addTenant } from './tenants.ts';

beforeAll(async () => {
  await migrate(env.AUDIT_DB);
  await addTenant('acme');
});

const octocat: Principal = {
  tenant: 'default',
  user: { id: 'gh_1', login: 'octocat' },
  client: { id: 'client-a', name: 'A' },
  scopes: ['tools:list'],
  repositories: null,
  grantId: 'g',
  tokenId: 't',
  expiresAt: 4_000_000_000,
};

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

const envelopeOf = (principal: Principal): SessionEnvelope => ({
  principal,
  upstreamToken: 'x',
  tickets: [],
  requestId: 'req_1',
  selection: DEFAULT_SELECTION,
});

/** One request to the object of a session, as its lane would send it. */
async function ask(id: DurableObjectId, method: string, message?: object, principal = octocat): Promise<Response> {
  return await env.SESSION.get(id).fetch('https://gate.example/mcp', {
    method,
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(message !== INITIALIZE && { 'mcp-session-id': id.toString() }),
      'mcp-protocol-version': '2025-11-25',
    },
    body: message === undefined ? null : JSON.stringify(message),
    cf: { gatehouse: envelopeOf(principal) } as unknown as RequestInitCfProperties,
  });
}

async function begin(): Promise<DurableObjectId> {
  const id = env.SESSION.newUniqueId();
  const response = await ask(id, 'POST', INITIALIZE);
  expect(response.headers.get('mcp-session-id')).toBe(id.toString());
  expect(await response.text()).toContain('"protocolVersion":"2025-11-25"');
  expect((await ask(id, 'POST', { jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202);
  return id;
}

type HostOptions = ConstructorParameters<typeof SessionHost>[0];
type Send = (method: string, message?: object, envelope?: Partial<SessionEnvelope>) => Promise<Response>;

/** A session that has begun, in an object whose host is made with other options than the Worker's. */
async function hosted(options: Partial<HostOptions>, test: (host: { send: Send }) => Promise<void>): Promise<void> {
  const config = configOf(env);
  if (!config.ok) throw new Error('the tests lack settings');
  const id = env.SESSION.newUniqueId();
  await runInDurableObject(env.SESSION.get(id), async (_, state) => {
    const host = new SessionHost({
      state,
      clock: Date.now,
      gate: () => new GateClient(env.GATE, 'default', 'gh_1'),
      endGrant: async () => {},
      audit: (tenant) => auditReader(env.AUDIT_DB, tenant),
      ...options,
    });
    const send: Send = async (method, message, envelope) => {
      const headers = {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(message !== INITIALIZE && { 'mcp-session-id': id.toString() }),
      };
      const body = message === undefined ? null : JSON.stringify(message);
      const request = new Request('https://gate.example/mcp', { method, headers, body });
      return await host.fetch(request, { ...envelopeOf(octocat), ...envelope }, config.value);
    };
    await (await send('POST', INITIALIZE)).text();
    await test({ send });
  });
}

const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' };

async function lists(id: DurableObjectId, principal = octocat): Promise<number> {
  const response = await ask(id, 'POST', LIST, principal);
  const text = await response.text();
  if (response.ok) expect(text).toContain('"get_me"');
  return response.status;
}

describe('a session', () => {
  it('goes on after its object was evicted, again and again, with nothing of the handshake sent twice', async () => {
    const id = await begin();
    expect(await lists(id)).toBe(200);
    const events = () =>
      runInDurableObject(
        env.SESSION.get(id),
        (_, state) => state.storage.sql.exec('SELECT id FROM events').toArray().length,
      );
    for (let i = 0; i < 3; i++) {
      const before = await events();
      await evictDurableObject(env.SESSION.get(id));
      // A batch has a stream, whose events are kept.
      const response = await ask(id, 'POST', [{ ...LIST, id: 10 + i }]);
      const text = await response.text();
      expect(text.match(/"jsonrpc"/g)).toHaveLength(1);
      expect(text).toContain(`"id":${10 + i}`);
      // The priming event and the answer, nothing of the handshake that was played again.
      expect(await events()).toBe(before + 2);
    }
  });

  it.each([
    ['another user', { ...octocat, user: { id: 'gh_2', login: 'octocat' } }],
    ['another client', { ...octocat, client: { id: 'client-b', name: 'A' } }],
    ['another tenant', { ...octocat, tenant: 'acme' }],
  ])('is not there for %s', async (_, stranger) => {
    const id = await begin();
    expect(await lists(id, stranger)).toBe(404);
    expect((await ask(id, 'DELETE', undefined, stranger)).status).toBe(404);
    expect((await ask(id, 'GET', undefined, stranger)).status).toBe(404);
    expect((await ask(id, 'POST', INITIALIZE, stranger)).status).toBe(404);
    expect(await lists(id)).toBe(200);
  });

  it('is the same session after the login was renamed', async () => {
    const id = await begin();
    expect(await lists(id, { ...octocat, user: { id: 'gh_1', login: 'renamed' } })).toBe(200);
  });

  it('ends on DELETE and leaves nothing', async () => {
    const id = await begin();
    expect((await ask(id, 'DELETE')).status).toBe(200);
    expect(await lists(id)).toBe(404);
    await runInDurableObject(env.SESSION.get(id), (_, state) => {
      expect(state.storage.kv.get('session')).toBeUndefined();
    });
  });

  it('expires a day after its last use, not earlier', async () => {
    const id = await begin();
    const alarm = await runInDurableObject(env.SESSION.get(id), (_, state) => state.storage.getAlarm());
    expect((alarm ?? 0) - Date.now()).toBeGreaterThanOrEqual(SESSION_IDLE_MS);
    expect(await runDurableObjectAlarm(env.SESSION.get(id))).toBe(true);
    expect(await lists(id)).toBe(404);
  });

  it('answers what is there soon as JSON, and keeps no events of it', async () => {
    const id = await begin();
    const response = await ask(id, 'POST', LIST);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('mcp-session-id')).toBe(id.toString());
    expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: 2, result: { tools: expect.any(Array) } });
    const kept = await runInDurableObject(env.SESSION.get(id), (_, state) =>
      state.storage.sql.exec('SELECT message FROM events').toArray(),
    );
    expect(JSON.stringify(kept)).not.toContain('get_me');
  });

  it('gives the rest of a broken answer to a client that comes back for it', async () => {
    const id = await begin();
    const first = await (await ask(id, 'POST', [LIST])).text();
    const [primed] = /(?<=^id: )\d+/m.exec(first) ?? [];
    const again = await env.SESSION.get(id).fetch('https://gate.example/mcp', {
      headers: { accept: 'text/event-stream', 'mcp-session-id': id.toString(), 'last-event-id': String(primed) },
      cf: { gatehouse: envelopeOf(octocat) } as unknown as RequestInitCfProperties,
    });
    expect(await again.text()).toContain('"get_me"');
  });

  it('belongs to the key its token is bound to', async () => {
    const bound = { ...octocat, jkt: 'key-1' };
    const id = env.SESSION.newUniqueId();
    expect((await ask(id, 'POST', INITIALIZE, bound)).status).toBe(200);
    expect((await ask(id, 'POST', { ...LIST, id: 2 }, bound)).status).toBe(200);
    expect((await ask(id, 'POST', { ...LIST, id: 3 }, octocat)).status).toBe(404);
    expect((await ask(id, 'POST', { ...LIST, id: 4 }, { ...octocat, jkt: 'key-2' })).status).toBe(404);
  });

  it('does not end while its gate cannot be told, which would let its calls go on', async () => {
    let reachable = false;
    const namespace = {
      getByName: (name: string) => {
        if (!reachable) throw new Error('the gate is gone');
        return env.GATE.getByName(name);
      },
    } as unknown as typeof env.GATE;
    await hosted({ gate: () => new GateClient(namespace, 'default', 'gh_1') }, async ({ send }) => {
      const refused = await send('DELETE');
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await send('POST', LIST)).status).toBe(200);
      reachable = true;
      expect((await send('DELETE')).status).toBe(200);
      expect((await send('POST', LIST)).status).toBe(404);
    });
  });

  it('says that it is open for as long as its expiry need not be moved, and no more once it ends', async () => {
    let now = Date.now();
    const told: (number | 'ended')[] = [];
    const isTold = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const gate = () => ({
      ...new GateClient(env.GATE, 'default', 'gh_1'),
      sessionOpened: async (_: string, forMs: number) => void told.push(forMs),
      sessionEnded: async () => {
        told.push('ended');
        isTold.resolve();
        await mayEnd.promise;
      },
    });
    await hosted({ clock: () => now, gate: gate as unknown as HostOptions['gate'] }, async ({ send }) => {
      expect(told).toEqual([600_000]);
      now += 400_000;
      await send('POST', LIST, { announce: true });
      await send('POST', LIST);
      // By now the expiry has to be moved, and is.
      now += 200_000;
      await send('POST', LIST, { announce: true });
      const ending = send('DELETE');
      await isTold.promise;
      expect((await send('POST', LIST, { announce: true })).status).toBe(200);
      mayEnd.resolve();
      expect((await ending).status).toBe(200);
      expect(told).toEqual([600_000, 200_000, 600_000, 'ended']);
    });
  });

  it('ends the stream of a call whose Worker died, and frees its id', async () => {
    await hosted({ lostMs: 50 }, async ({ send }) => {
      const open = () => send('POST', { ...LIST, id: 7 }, { runsInWorker: true });
      const answer = await open();
      // It ends by itself: otherwise this would wait until the test times out.
      expect(await answer.text()).toContain('The server lost this call.');
      expect((await open()).status).toBe(200);
    });
  });

  it('is not begun again under an id that was ended', async () => {
    const id = await begin();
    expect((await ask(id, 'DELETE')).status).toBe(200);
    const again = { ...INITIALIZE, id: 2 };
    expect((await ask(id, 'POST', again, { ...octocat, user: { id: 'gh_2', login: 'hubot' } })).status).toBe(404);
  });

  it('is not begun by anything but initialize', async () => {
    const id = env.SESSION.newUniqueId();
    expect(await lists(id)).toBe(404);
    const before = (await listDurableObjectIds(env.SESSION)).length;
    expect(() => env.SESSION.idFromString('0'.repeat(64))).toThrow();
    expect((await listDurableObjectIds(env.SESSION)).length).toBe(before);
  });

  it('closes an idle GET stream after its time, with the time after which to come back', async () => {
    expect(GET_STREAM_MS).toBe(30_000);
    await hosted({ getStreamMs: 50 }, async ({ send }) => {
      const stream = await send('GET');
      expect(stream.status).toBe(200);
      // It ends by itself: otherwise this would wait until the test times out.
      expect(await stream.text()).toContain(`retry: ${GET_RETRY_MS}`);
      // And it can be opened again.
      expect((await send('GET')).status).toBe(200);
    });
  });
});
