import { describe, expect, it } from 'vitest';
import { endWhenRevoked, LOOK_EVERY_MS } from '../../../src/mcp/guard-stream.ts';

/** A stream that goes on until it is cancelled. */
function endless() {
  const state = { cancelled: undefined as unknown };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(': hello\n\n')),
    cancel: (reason) => {
      state.cancelled = reason;
    },
  });
  return { state, response: new Response(body, { headers: { 'content-type': 'text/event-stream' } }) };
}

describe('an open stream', () => {
  it('ends when its token is revoked, and what feeds it is cancelled', async () => {
    let alive = true;
    const { state, response } = endless();
    const guarded = endWhenRevoked(response, async () => alive, 5);
    const reader = guarded.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('hello');
    const end = reader?.read();
    alive = false;
    expect((await end)?.done).toBe(true);
    await expect.poll(() => state.cancelled).toBe('the token was revoked');
  });

  it('ends when nobody can say whether its token is good', async () => {
    const { response } = endless();
    const guarded = endWhenRevoked(response, () => Promise.reject(new Error('gone')), 5);
    expect(await guarded.text()).toBe(': hello\n\n');
  });

  it('is looked at often enough to end within 15 s', () => {
    expect(LOOK_EVERY_MS).toBeLessThanOrEqual(10_000);
  });

  it('passes on its end, its errors and the client that leaves', async () => {
    const whole = new Response('data: x\n\n', { headers: { 'content-type': 'text/event-stream' } });
    expect(await endWhenRevoked(whole, async () => true).text()).toBe('data: x\n\n');
    const { state, response } = endless();
    await endWhenRevoked(response, async () => true).body?.cancel('left');
    expect(state.cancelled).toBe('left');
    const json = Response.json({});
    expect(endWhenRevoked(json, async () => true)).toBe(json);
  });
});
