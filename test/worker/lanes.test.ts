/** What becomes of the calls of a batch when the gate fails in the middle of it. */
import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { Principal } from '../../src/core/principal.ts';
import { GateStore } from '../../src/gate/store.ts';
import { serveMcp } from '../../src/mcp/lanes.ts';
import { laneScope } from './lane-scope.ts';

const principal: Principal = {
  tenant: 'default',
  user: { id: 'gh_6400', login: 'octocat' },
  client: { id: 'c', name: 'C' },
  scopes: ['tools:execute'],
  repositories: null,
  grantId: 'g',
  tokenId: 't',
  expiresAt: 4e9,
};

it('one that was opened is closed, and the client is told to try again', async () => {
  const gate = env.GATE.getByName('default:gh_6400');
  await runInDurableObject(gate, (object) => {
    object.alarm = async () => undefined;
  });
  let asked = 0;
  // The way to the gate breaks after the first call.
  const GATE = {
    getByName: (name: string) => {
      const real = env.GATE.getByName(name);
      return {
        admit: (request: Parameters<typeof real.admit>[0]) => {
          if (asked++ > 0) throw new Error('the gate is gone');
          return real.admit(request);
        },
        settle: (...outcome: Parameters<typeof real.settle>) => real.settle(...outcome),
      };
    },
  };
  const call = (id: number) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'get_me', arguments: {} },
  });
  const request = new Request('https://gate.example/mcp', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify([call(1), call(2), call(3)]),
  });
  const ctx = createExecutionContext();
  const scope = await laneScope(request, principal, { GATE });
  const response = await serveMcp(request, scope, ctx);
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({ error: { data: { code: 'audit_unavailable', retryable: true } } });
  await waitOnExecutionContext(ctx);
  // Asked for the first once, and for the second as often as an answer can be lost.
  expect(asked).toBe(4);
  const rows = await runInDurableObject(gate, (_, { storage }) =>
    new GateStore(storage, Date.now).outbox(10).map(({ record }) => record),
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ tool_name: 'get_me', result_status: 'error', error_code: 'invalid_request' });
  expect(rows[0]?.error_message).toBe('Another request of the batch could not be admitted.');
});
