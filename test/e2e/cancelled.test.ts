/** A cancellation that meets the answer of what it cancels: whichever comes first, nothing fails. */
import { expect, it } from 'vitest';
import { post, tokenOf } from '../support/rpc.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack({ LIMIT_OTHER: '10000/1' });

it('of a request that is just being answered is taken, in a session', async () => {
  const { token } = await tokenOf(stack());
  const base = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  const hello = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const begun = await post(stack(), hello, { headers: base });
  const headers = { ...base, 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' };
  const send = (message: object) => post(stack(), JSON.stringify({ jsonrpc: '2.0', ...message }), { headers });
  for (let round = 0; round < 60; round += 1) {
    const ids = [0, 1, 2, 3].map((i) => 1 + round * 4 + i);
    const answers = await Promise.all(
      ids.flatMap((id) => [
        send({ id, method: 'tools/list' }),
        send({ method: 'notifications/cancelled', params: { requestId: id } }),
      ]),
    );
    expect(answers.filter(({ status }) => status >= 500).map(({ text }) => text)).toEqual([]);
  }
});
