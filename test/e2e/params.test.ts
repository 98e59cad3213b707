/** Parameters that are not those of the method, in both eras: -32602 that names the field and the rule, and a row. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { RpcAnswer, SignedInPerson } from '../support/rpc.ts';
import { modernBody, modernHeaders, post, tokenOf } from '../support/rpc.ts';
import { rowsOf, useStack } from '../support/stack.ts';

const stack = useStack();

let octocat: SignedInPerson;
let sessionId: string;
const headers = () => ({
  authorization: `Bearer ${octocat.token}`,
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
});
const HANDSHAKE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw', version: '1' },
};

async function inSession(method: string, params: object, withId = true): Promise<RpcAnswer> {
  return await post(stack(), JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), {
    headers: { ...headers(), ...(withId && { 'mcp-session-id': sessionId }) },
  });
}

async function inModern(method: string, params: Record<string, unknown>): Promise<RpcAnswer> {
  const named = params.name ?? params.uri;
  return await post(stack(), modernBody(method, params), {
    headers: modernHeaders(octocat.token, method, typeof named === 'string' ? named : undefined),
  });
}

beforeAll(async () => {
  octocat = await tokenOf(stack(), { choose: (boxes) => boxes.map((box) => box.scope) });
  sessionId = (await inSession('initialize', HANDSHAKE, false)).headers.get('mcp-session-id') ?? '';
});

const CASES: readonly (readonly [method: string, params: Record<string, unknown>, field: string])[] = [
  ['tools/call', { name: 'get_me', arguments: 'all' }, 'arguments'],
  ['resources/read', { uri: 7 }, 'uri'],
  ['prompts/get', { name: 'code_review', arguments: { owner: 1 } }, 'arguments.owner'],
  ['completion/complete', { ref: { type: 'ref/nothing' }, argument: { name: 'owner', value: '' } }, 'ref'],
  ['tools/list', { cursor: {} }, 'cursor'],
];

describe.each([
  ['modern', inModern],
  ['session', inSession],
] as const)('%s', (_, send) => {
  it.each(CASES)('%s with %j', async (method, params, field) => {
    const answer = await send(method, params);
    expect(answer.json.error.code).toBe(-32602);
    expect(answer.json.error.message).toContain(`${field}: `);
    // The validator's own list of issues is no sentence.
    expect(answer.json.error.message).not.toContain('{');
    if (!/^(tools\/call|resources\/read|prompts\/get)$/.test(method)) return;
    const [row] = await rowsOf(stack(), 1, 'request_id = ?', answer.headers.get('x-request-id'));
    expect(row).toMatchObject({ method, result_status: 'error' });
    expect(row?.error_message).toContain(field);
  });
});

it('a handshake that lacks what it needs begins no session', async () => {
  for (const field of ['protocolVersion', 'capabilities', 'clientInfo'] as const) {
    const { [field]: _, ...params } = HANDSHAKE;
    const answer = await inSession('initialize', params, false);
    expect(answer.status).toBe(400);
    expect(answer.json.error.code).toBeLessThan(0);
    expect(answer.headers.has('mcp-session-id')).toBe(false);
  }
});

it('a second handshake in a session is told what it lacks', async () => {
  const answer = await inSession('initialize', { capabilities: [] });
  expect(answer.json.error.code).toBe(-32602);
  expect(answer.json.error.message).toContain('protocolVersion: ');
});
