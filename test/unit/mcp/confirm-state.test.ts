import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BoundTo, callKey, openState, sealState } from '../../../src/mcp/confirm-state.ts';
import { principal } from '../catalogue/calling.ts';

const keys = { secretKeys: [{ id: 'k1', secret: 'a'.repeat(32) }] } as const;
const bound: BoundTo = { principal, tool: 'delete_file', args: { owner: 'acme', repo: 'web', path: 'a' } };
const state = { id: 'question-1', callId: '01HQ', question: 'Delete a?', pins: { sha: 'abc' } };

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 23) }));
afterEach(() => void vi.useRealTimers());

describe('the sealed state of a question', () => {
  it('opens for the same call, for ten minutes', async () => {
    const sealed = await sealState(keys, bound, state);
    expect(await openState(keys, bound, sealed)).toEqual(state);
    vi.advanceTimersByTime(599_000);
    expect(await openState(keys, bound, sealed)).toEqual(state);
    vi.advanceTimersByTime(2_000);
    expect(await openState(keys, bound, sealed)).toBeUndefined();
  });

  it('does not open for another tenant, user, client, key, tool or arguments', async () => {
    const sealed = await sealState(keys, bound, state);
    const others: BoundTo[] = [
      { ...bound, principal: { ...principal, tenant: 'other' } },
      { ...bound, principal: { ...principal, user: { id: 'gh_2', login: 'mona' } } },
      { ...bound, principal: { ...principal, client: { id: 'client-2', name: 'Test client' } } },
      { ...bound, principal: { ...principal, jkt: 'thumbprint' } },
      { ...bound, tool: 'push_files' },
      { ...bound, args: { ...bound.args, path: 'b' } },
      { ...bound, args: { ...bound.args, sha: 'x' } },
    ];
    for (const other of others) expect(await openState(keys, other, sealed)).toBeUndefined();
  });

  it('does not open where a character is another, nor where it was made up', async () => {
    const sealed = await sealState(keys, bound, state);
    for (let at = 0; at < sealed.length; at++) {
      // The last character of each part may carry bits that base64url drops.
      if (at === sealed.length - 1 || sealed[at + 1] === '.') continue;
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      expect(await openState(keys, bound, changed), `at ${at}`).toBeUndefined();
    }
    for (const text of ['', 'v1..', 'x', sealed.slice(0, -5)]) {
      expect(await openState(keys, bound, text)).toBeUndefined();
    }
  });

  it('opens with a predecessor of the key, and with no other', async () => {
    const sealed = await sealState(keys, bound, state);
    const next = { id: 'k2', secret: 'b'.repeat(32) };
    expect(await openState({ secretKeys: [next, ...keys.secretKeys] }, bound, sealed)).toEqual(state);
    expect(await openState({ secretKeys: [next] }, bound, sealed)).toBeUndefined();
  });
});

describe('callKey', () => {
  it('is the same whatever the order of fields, and another where values could run together', () => {
    const key = (args: Record<string, unknown>) => callKey({ ...bound, args });
    expect(key({ a: 1, b: { c: 2, d: [3] } })).toBe(key({ b: { d: [3], c: 2 }, a: 1 }));
    expect(key({ a: ['b', 'c'] })).not.toBe(key({ a: ['bc'] }));
    expect(key({ a: { b: 'c' } })).not.toBe(key({ a: 'b', c: undefined }));
    expect(key({ a: 1 })).not.toBe(key({ a: '1' }));
  });
});
